/** Which action a key press means on the pages with votes; pure, so that every rule has a test. */
import type { Outcome, Send, Side } from '../api/types';

export type Action =
  | { do: 'vote'; outcome: Outcome }
  | { do: 'undo' | 'reveal' | 'comment' | 'next' | 'skip' | 'back' | 'regenerate' }
  | { do: 'chip'; index: number }
  | { do: 'send'; side: Side; send: Send }
  | { do: 'breach'; side: Side };

export interface Press {
  key: string;
  repeat: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
}

const VOTES: Record<string, Outcome> = {
  ArrowLeft: 'model_a',
  ArrowRight: 'model_b',
  ArrowUp: 'tie',
  ArrowDown: 'both_bad',
};

/** The left hand judges A, the right hand B; F and J can be felt. */
export const USE_KEYS: Record<Side, Record<Send | 'breach', string>> = {
  a: { as_is: 'Q', after_edits: 'W', never: 'E', breach: 'F' },
  b: { as_is: 'U', after_edits: 'I', never: 'O', breach: 'J' },
};
const USES = new Map<string, Action>(
  (['a', 'b'] as const).flatMap((side) =>
    (['as_is', 'after_edits', 'never', 'breach'] as const).map((what): [string, Action] => [
      USE_KEYS[side][what].toLowerCase(),
      what === 'breach' ? { do: 'breach', side } : { do: 'send', side, send: what },
    ]),
  ),
);

/** Says whether keys must rest: the focus is where characters or choices are typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog')) return true;
  if (target.matches('textarea, select, [contenteditable]')) return true;
  return target.matches('input') && !target.matches('[type=checkbox], [type=radio], [type=button]');
}

const inRadioGroup = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('input[type=radio]');
const activates = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, a, summary') !== null;
/** Something that the arrows scroll when it has the focus, such as a wide table. */
const scrolls = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.tabIndex === 0 && target.matches('.tbl, .scroll');

/** Maps a key press to an action, or null. */
export function action(press: Press): Action | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || isTyping(press.target)) return null;
  const outcome = VOTES[press.key];
  if (outcome) return inRadioGroup(press.target) || scrolls(press.target) ? null : { do: 'vote', outcome };
  if (press.key === 'Enter') return activates(press.target) ? null : { do: 'reveal' };
  if (press.key === 'Escape') return { do: 'undo' };
  if (/^[1-9]$/.test(press.key)) return { do: 'chip', index: Number(press.key) - 1 };
  switch (press.key.toLowerCase()) {
    case 'b':
      return { do: 'back' };
    case 'c':
      return { do: 'comment' };
    case 'n':
      return { do: 'next' };
    case 'r':
      return { do: 'regenerate' };
    case 's':
      return { do: 'skip' };
    default:
      return USES.get(press.key.toLowerCase()) ?? null;
  }
}
