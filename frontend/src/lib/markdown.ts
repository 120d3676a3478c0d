/**
 * Markdown of a model, which is hostile until proven otherwise.
 *
 * markdown-it writes no HTML of its own input, links are http(s) or mailto only, images are never
 * loaded, and DOMPurify has the last word with a short list of tags and attributes.
 */
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import type { Options, Renderer, Token } from 'markdown-it';
import { t } from '../i18n';
import { mathRules } from './markdown-math';

/** Deepest nesting, of blocks and of marks inside a block. */
const MAX_DEPTH = 24;
const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const SANITIZE = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 's', 'a', 'code', 'pre', 'blockquote'],
    ...['ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'div', 'span'],
  ],
  ALLOWED_ATTR: ['href', 'rel', 'target', 'class', 'start', 'tabindex', 'role', 'aria-label'],
  // These hold no address, so the rule for addresses is not for them.
  ADD_URI_SAFE_ATTR: ['rel', 'target', 'start', 'tabindex', 'aria-label'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true as const,
};

function build(): MarkdownIt {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: false });
  md.set({ maxNesting: MAX_DEPTH } as Options); // known to markdown-it, missing in its types
  // Without a scheme, file names such as README.md would become links to a country's domain.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  md.validateLink = (url) => SAFE_LINK.test(url.trim());
  md.use(mathRules);

  const { rules, utils } = { rules: md.renderer.rules, utils: md.utils };
  rules.image = (tokens, index) => `<span class="noimg">[image: ${utils.escapeHtml(tokens[index]?.content ?? '')}]</span>`;
  rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    token?.attrSet('target', '_blank');
    token?.attrSet('rel', 'noopener noreferrer nofollow ugc');
    return self.renderToken(tokens, index, options);
  };
  rules.table_open = () => `<div class="tbl" tabindex="0" role="group" aria-label="${utils.escapeHtml(t('answer.table'))}"><table>`;
  rules.table_close = () => '</table></div>';
  rules.th_open = rules.td_open = alignByClass;
  md.core.ruler.push('headings', (state) => nestHeadings(state.tokens));
  md.core.ruler.push('depth', (state) => state.tokens.forEach((token) => flatten(token.children ?? [])));
  return md;
}

/** Turns the style attribute of an aligned cell into a class: the page's policy allows no inline style. */
function alignByClass(tokens: Token[], index: number, options: Options, _env: unknown, self: Renderer): string {
  const token = tokens[index];
  const align = /text-align:(\w+)/.exec(token?.attrGet('style') ?? '')?.[1];
  if (token) token.attrs = align ? [['class', `to-${align}`]] : null;
  return self.renderToken(tokens, index, options);
}

/** Puts the headings of an answer under the page's own, h3 first and no level skipped. */
function nestHeadings(tokens: Token[]): void {
  const open: number[] = [];
  for (const token of tokens) {
    if (token.type === 'heading_open') {
      const level = Number(token.tag.slice(1));
      while ((open.at(-1) ?? 0) >= level) open.pop();
      open.push(level);
    }
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, 2 + open.length)}`;
  }
}

/** Writes marks nested deeper than anybody means as plain text: emphasis has no limit of its own. */
function flatten(tokens: Token[]): void {
  let depth = 0;
  for (const token of tokens) {
    depth += Math.max(0, token.nesting);
    const deep = token.nesting !== 0 && depth > MAX_DEPTH;
    depth += Math.min(0, token.nesting);
    if (deep) Object.assign(token, { type: 'text', tag: '', content: token.markup, nesting: 0, attrs: null });
  }
}

const md = build();

/** Renders to one HTML string per top-level block; not yet sanitised. */
export function renderBlocks(text: string): string[] {
  const env = {};
  const tokens = md.parse(text, env);
  const blocks: string[] = [];
  let start = 0;
  let depth = 0;
  tokens.forEach((token, index) => {
    depth += token.nesting;
    if (depth === 0 && token.level === 0) {
      blocks.push(md.renderer.render(tokens.slice(start, index + 1), md.options, env));
      start = index + 1;
    }
  });
  return blocks;
}

/** Makes the nodes of one rendered block, with nothing in them that could run or load. */
export function sanitize(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, SANITIZE);
}

/** Renders a whole text at once. */
export function renderMarkdown(text: string): DocumentFragment {
  return sanitize(renderBlocks(text).join(''));
}
