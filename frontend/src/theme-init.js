// Runs before the first paint; the rest of the theme lives in lib/theme.svelte.ts.
(function () {
  try {
    var theme = localStorage.getItem('blindarena.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (e) {
    // Storage may be forbidden; the page then follows the system.
  }
})();
