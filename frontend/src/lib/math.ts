/** Draws formulas. Loaded only when an answer holds one. */
import katex from 'katex';
import 'katex/dist/katex.min.css';
import { t } from '../i18n';

const BLOCKS = 'p, li, td, th, h3, h4, h5, h6, blockquote, div';
/** Measures again when a side is shown or the window turned; the change waits a frame, lest it measure itself. */
const sizes = new ResizeObserver((entries) =>
  requestAnimationFrame(() => {
    for (const { target } of entries) fit(target);
  }),
);

/** A formula breaks between its terms only: one with a wider term scrolls in a block of its own. */
function fit(root: Element): void {
  for (const tex of root.querySelectorAll('.tex')) {
    const room = tex.closest(BLOCKS)?.clientWidth ?? 0;
    const widest = Math.max(0, ...[...tex.querySelectorAll('.base')].map((base) => base.getBoundingClientRect().width));
    const wide = room > 0 && widest > room;
    tex.classList.toggle('wide', wide);
    // What scrolls must be reachable by keyboard.
    for (const [name, value] of [['tabindex', '0'], ['role', 'group'], ['aria-label', t('answer.formula')]] as const) {
      if (wide) tex.setAttribute(name, value);
      else tex.removeAttribute(name);
    }
  }
}

/** Replaces each formula's source inside `root` by its drawing; nothing in it can link or load. */
export function drawMath(root: Element): void {
  for (const source of root.querySelectorAll<HTMLElement>('code.math')) {
    const tex = source.textContent ?? '';
    const target = document.createElement('span');
    target.className = 'tex';
    try {
      katex.render(tex, target, {
        displayMode: source.classList.contains('display'),
        // KaTeX's own drawing of an error sets an inline style, which the page's policy forbids.
        throwOnError: true,
        trust: false,
        strict: 'ignore',
        maxSize: 20,
        maxExpand: 200,
      });
    } catch {
      // What is no formula stays readable as it was written.
      continue;
    }
    source.replaceWith(target);
  }
  if (root.querySelector('.tex')) sizes.observe(root);
}
