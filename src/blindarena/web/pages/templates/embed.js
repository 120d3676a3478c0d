/* Adds an arena to the page, in the place of its script tag:
   <script src="https://arena.example.org/embed.js" data-arena="support" data-height="760"></script> */
(function () {
  'use strict';
  var script = document.currentScript;
  var slug = script && script.getAttribute('data-arena');
  if (!slug) {
    console.error('BlindArena: the script tag has no data-arena; give it the name of the arena');
    return;
  }
  var height = Number(script.getAttribute('data-height'));
  var frame = document.createElement('iframe');
  frame.src = new URL('/embed/' + encodeURIComponent(slug), script.src).href;
  frame.title = script.getAttribute('data-title') || 'BlindArena';
  frame.allow = 'clipboard-write';
  frame.style.border = '0';
  frame.style.width = '100%';
  frame.style.height = (height >= 320 ? height : 760) + 'px';
  script.parentNode.insertBefore(frame, script.nextSibling);
})();
