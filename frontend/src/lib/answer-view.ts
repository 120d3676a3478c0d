/** Shows a growing Markdown text in an element, touching only the blocks that changed. */
import { renderBlocks, sanitize } from './markdown';

interface Block {
  html: string;
  nodes: ChildNode[];
}

export class AnswerView {
  private blocks: Block[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly caret: HTMLElement,
  ) {
    root.replaceChildren();
  }

  /**
   * Shows `text`. Finished blocks keep their nodes, so selection and scroll position survive.
   * @param live the text will grow: its last block is drawn plainly and followed by the caret
   */
  update(text: string, live: boolean): void {
    const next = renderBlocks(text);
    let same = 0;
    while (same < next.length && this.blocks[same]?.html === next[same]) same++;
    for (const block of this.blocks.splice(same)) for (const node of block.nodes) node.remove();
    this.caret.remove();
    for (const html of next.slice(same)) {
      const fragment = sanitize(html);
      const nodes = [...fragment.childNodes];
      this.root.append(fragment);
      this.blocks.push({ html, nodes });
    }
    const drawn = live ? this.blocks.slice(Math.max(0, same - 1), -1) : this.blocks;
    for (const block of drawn) for (const node of block.nodes) if (node instanceof HTMLElement) void enhance(node);
    if (live) this.placeCaret();
  }

  private placeCaret(): void {
    let place: Element = this.root;
    for (;;) {
      const last: Element | null = place.lastElementChild;
      if (!last || !/^(P|UL|OL|LI|BLOCKQUOTE|H[3-6])$/.test(last.tagName)) break;
      place = last;
    }
    place.append(this.caret);
  }
}

/** Draws formulas and colours code in a finished block; either library comes only when needed. */
export async function enhance(node: HTMLElement): Promise<void> {
  if (node.dataset.enhanced) return;
  const math = node.querySelector('code.math') !== null;
  const code = node.matches('pre') || node.querySelector('pre') !== null;
  if (!math && !code) return;
  node.dataset.enhanced = 'true';
  try {
    if (math) (await import('./math')).drawMath(node);
    if (code) (await import('./highlight')).highlightCode(node);
  } catch {
    // The plain source stays readable when a chunk cannot be fetched.
    delete node.dataset.enhanced;
  }
}
