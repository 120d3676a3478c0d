/** The theme: the system's, unless the reader chose one; remembered in this browser. */

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'blindarena.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

function stored(): Theme {
  const value = document.documentElement.dataset.theme;
  return value === 'light' || value === 'dark' ? value : 'system';
}

class ThemeChoice {
  current = $state<Theme>(stored());

  /** Goes on to the next theme. */
  cycle(): void {
    this.current = ORDER[(ORDER.indexOf(this.current) + 1) % ORDER.length] ?? 'system';
    if (this.current === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.current;
    try {
      localStorage.setItem(KEY, this.current);
    } catch {
      // Where storage is forbidden the choice lasts until the page closes.
    }
  }
}

export const theme = new ThemeChoice();
