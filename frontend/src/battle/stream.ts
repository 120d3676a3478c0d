/** Feeds one turn from its stream, showing new text a few times a second. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { Side } from '../api/types';
import { t } from '../i18n';
import { say } from '../lib/announce.svelte';
import type { SideView, TurnView } from './turns.svelte';

const FLUSH_MS = 80;
const SLOW_MS = 20_000;

export type TurnEnd =
  | { end: 'done' }
  | { end: 'failed' }
  /** The stream ended early; the server knows how far the turn came. */
  | { end: 'cut' }
  /** The server did not take the turn. */
  | { end: 'refused'; problem: Problem }
  /** The page has gone on to something else. */
  | { end: 'left' };

/**
 * Streams a turn to its end.
 * @param ontaken called once, when the server has taken the turn
 * @param confirm the voter was asked about personal data in it
 * @param again both sides answer the last message again
 * @param images its pictures as base64; 'keep' takes those of the attempt that was interrupted
 */
export async function streamTurn(
  battle: string,
  turn: TurnView,
  signal: AbortSignal,
  ontaken: () => void,
  confirm = false,
  again = false,
  images: readonly string[] | 'keep' = [],
): Promise<TurnEnd> {
  let taken = false;
  let result: TurnEnd = { end: 'cut' };
  let timer: ReturnType<typeof setTimeout> | null = null;
  const watch = setInterval(() => turn.markSlow(SLOW_MS), 1000);
  try {
    const events = again ? api.regenerate(battle, signal) : api.turn(battle, turn.content, signal, confirm, images);
    for await (const event of events) {
      if (!taken) ontaken();
      taken = true;
      const before = turn.activeSides;
      turn.apply(event);
      if (event.event === 'delta') {
        timer ??= setTimeout(() => {
          timer = null;
          requestAnimationFrame(() => turn.flush());
        }, FLUSH_MS);
      } else if (event.event === 'error') {
        // One without a side follows a side's own; alone it means that nothing could be stored.
        if (event.side) result = { end: 'failed' };
      } else {
        if (event.event === 'turn_done' && result.end === 'cut') result = { end: 'done' };
        announce(turn, before);
      }
    }
  } catch (error) {
    if (signal.aborted) return { end: 'left' };
    const problem = asProblem(error);
    if (!taken && problem.status !== 0) result = { end: 'refused', problem };
  } finally {
    clearInterval(watch);
    if (timer !== null) clearTimeout(timer);
    turn.flush();
  }
  return signal.aborted ? { end: 'left' } : result;
}

/** Says each completion once, and the last one together with what to do next. */
function announce(turn: TurnView, before: readonly Side[]): void {
  const now = turn.activeSides;
  if (now.length === before.length || turn.failedSides.length > 0) return;
  if (now.length === 0) say(t('say.both_complete'));
  else for (const side of before) if (!now.includes(side)) say(t('say.side_complete', { side: side.toUpperCase() }));
}

/** Asks the server to end one side; its stream then says when it has. */
export async function stopSide(battle: string, view: SideView, side: Side): Promise<void> {
  if (!view.active || view.stopping) return;
  view.stopping = true;
  try {
    await api.stop(battle, side);
  } catch {
    view.stopping = false;
  }
}
