import { describe, expect, it } from 'vitest';
import { AnswerView } from '../src/lib/answer-view';

function setup(): { root: HTMLElement; caret: HTMLElement; view: AnswerView } {
  const root = document.createElement('div');
  const caret = document.createElement('span');
  return { root, caret, view: new AnswerView(root, caret) };
}

describe('a growing answer', () => {
  it('keeps the nodes of finished blocks', () => {
    const { root, view } = setup();
    view.update('First.\n\nSec', true);
    const first = root.firstElementChild;
    view.update('First.\n\nSecond.\n\n- a\n- b', true);
    expect(root.firstElementChild).toBe(first);
    expect(root.textContent?.split(/\n+/).filter(Boolean)).toEqual(['First.', 'Second.', 'a', 'b']);
  });

  it('ends in the same text however it was cut', () => {
    const text = '# Title\n\nA **bold** word, [a link](https://example.org).\n\n1. one\n2. two\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |';
    const whole = setup();
    whole.view.update(text, false);
    for (const step of [1, 3, 7, 50]) {
      const { root, view } = setup();
      for (let end = step; end < text.length; end += step) view.update(text.slice(0, end), true);
      view.update(text, false);
      expect(root.innerHTML).toBe(whole.root.innerHTML);
    }
  });

  it('changes earlier blocks when a later line gives them another meaning', () => {
    const { root, view } = setup();
    view.update('See [x].', true);
    expect(root.querySelector('a')).toBeNull();
    view.update('See [x].\n\n[x]: https://example.org', false);
    expect(root.querySelector('a')?.getAttribute('href')).toBe('https://example.org');
  });

  it('puts the caret behind the last word and takes it away at the end', () => {
    const { root, caret, view } = setup();
    view.update('- a\n- b', true);
    expect(root.querySelector('li:last-child')?.lastChild).toBe(caret);
    view.update('- a\n- b', false);
    expect(root.contains(caret)).toBe(false);
  });

  it('shows the caret while nothing has arrived', () => {
    const { root, caret, view } = setup();
    view.update('', true);
    expect(root.firstChild).toBe(caret);
  });
});
