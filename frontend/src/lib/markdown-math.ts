/** Finds TeX between $, $$, \( \) and \[ \]; what it finds stays text until `math.ts` draws it. */
import type MarkdownIt from 'markdown-it';
import type { StateBlock, StateInline } from 'markdown-it';

const MAX_TEX = 4000;

export function mathRules(md: MarkdownIt): void {
  md.inline.ruler.before('escape', 'math', inlineMath);
  md.block.ruler.before('fence', 'math_block', blockMath, { alt: ['paragraph', 'blockquote', 'list'] });
  const escape = md.utils.escapeHtml;
  md.renderer.rules.math = (tokens, index) => `<code class="math">${escape(tokens[index]?.content ?? '')}</code>`;
  md.renderer.rules.math_block = (tokens, index) =>
    `<p><code class="math display">${escape(tokens[index]?.content ?? '')}</code></p>\n`;
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const found = findInline(state.src, state.pos, state.posMax);
  if (!found) return false;
  if (!silent) state.push('math', 'code', 0).content = found.tex;
  state.pos = found.end;
  return true;
}

function findInline(src: string, pos: number, max: number): { tex: string; end: number } | null {
  const two = src.slice(pos, pos + 2);
  if (two === '\\(' || two === '\\[') return between(src, pos + 2, two === '\\(' ? '\\)' : '\\]', max);
  if (two === '$$') return between(src, pos + 2, '$$', max);
  if (src[pos] !== '$') return null;
  const found = between(src, pos + 1, '$', max);
  // Prices: "$5 and $10" is no formula, so no blank inside the dollars and no digit behind them.
  if (!found || /^\s|\s$/.test(found.tex) || /\d/.test(src[found.end] ?? '')) return null;
  return found;
}

function between(src: string, start: number, close: string, max: number): { tex: string; end: number } | null {
  const end = src.indexOf(close, start);
  if (end <= start || end + close.length > max || end - start > MAX_TEX) return null;
  const tex = src.slice(start, end);
  return tex.includes('\n\n') ? null : { tex, end: end + close.length };
}

function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const line = (n: number): string =>
    state.src.slice((state.bMarks[n] ?? 0) + (state.tShift[n] ?? 0), state.eMarks[n] ?? 0).trim();
  const first = line(startLine);
  const open = first.startsWith('$$') ? '$$' : first.startsWith('\\[') ? '\\[' : null;
  if (!open) return false;
  const close = open === '$$' ? '$$' : '\\]';
  const parts: string[] = [];
  for (let n = startLine; n < endLine; n++) {
    const text = n === startLine ? first.slice(2) : line(n);
    if (n > startLine && text === '') return false;
    if (text.endsWith(close)) {
      parts.push(text.slice(0, -2));
      const tex = parts.join('\n').trim();
      if (tex === '' || tex.length > MAX_TEX || tex.includes(close)) return false;
      if (silent) return true;
      const token = state.push('math_block', 'code', 0);
      token.content = tex;
      token.map = [startLine, n + 1];
      state.line = n + 1;
      return true;
    }
    parts.push(text);
  }
  return false;
}
