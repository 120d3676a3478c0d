import { afterEach, describe, expect, it } from 'vitest';
import { action, type Press } from '../src/lib/keys';

function press(key: string, target: Element = document.body, more: Partial<Press> = {}): Press {
  return { key, target, repeat: false, ctrlKey: false, metaKey: false, altKey: false, ...more };
}
function element(html: string): Element {
  document.body.innerHTML = html;
  return document.querySelector('[data-x]') ?? document.body;
}
afterEach(() => (document.body.innerHTML = ''));

describe('keys of a battle', () => {
  it.each([
    ['ArrowLeft', { do: 'vote', outcome: 'model_a' }],
    ['ArrowRight', { do: 'vote', outcome: 'model_b' }],
    ['ArrowUp', { do: 'vote', outcome: 'tie' }],
    ['ArrowDown', { do: 'vote', outcome: 'both_bad' }],
    ['Escape', { do: 'undo' }],
    ['Enter', { do: 'reveal' }],
    ['3', { do: 'chip', index: 2 }],
    ['b', { do: 'back' }],
    ['c', { do: 'comment' }],
    ['N', { do: 'next' }],
    ['r', { do: 'regenerate' }],
    ['s', { do: 'skip' }],
    ['q', { do: 'send', side: 'a', send: 'as_is' }],
    ['w', { do: 'send', side: 'a', send: 'after_edits' }],
    ['E', { do: 'send', side: 'a', send: 'never' }],
    ['f', { do: 'breach', side: 'a' }],
    ['u', { do: 'send', side: 'b', send: 'as_is' }],
    ['i', { do: 'send', side: 'b', send: 'after_edits' }],
    ['o', { do: 'send', side: 'b', send: 'never' }],
    ['j', { do: 'breach', side: 'b' }],
    ['x', null],
    ['0', null],
  ])('%s', (key, expected) => expect(action(press(key))).toEqual(expected));

  it.each(['<textarea data-x></textarea>', '<select data-x></select>', '<input type="text" data-x>', '<input type="search" data-x>', '<dialog><button data-x></button></dialog>'])(
    'rest in %s',
    (html) => {
      const target = element(html);
      for (const key of ['ArrowLeft', 'Enter', 'n', '1', 'Escape']) expect(action(press(key, target))).toBeNull();
    },
  );

  it('arrows keep their meaning among radio buttons, other keys go on', () => {
    const radio = element('<input type="radio" data-x>');
    expect(action(press('ArrowLeft', radio))).toBeNull();
    expect(action(press('1', radio))).toEqual({ do: 'chip', index: 0 });
  });

  it('Enter presses a button or follows a link, and reveals elsewhere', () => {
    expect(action(press('Enter', element('<button data-x></button>')))).toBeNull();
    expect(action(press('Enter', element('<a href="/" data-x></a>')))).toBeNull();
    expect(action(press('Enter', element('<input type="checkbox" data-x>')))).toEqual({ do: 'reveal' });
  });

  it('leaves shortcuts of the browser and held keys alone', () => {
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
      expect(action(press('ArrowLeft', document.body, more))).toBeNull();
    }
  });
});
