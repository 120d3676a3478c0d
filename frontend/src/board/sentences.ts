/** What a board says before its numbers; pure. */
import type { Board } from '../api/types';
import { exclusion } from '../battle/reveal';
import { t, tn } from '../i18n';
import { count, list } from '../lib/format';

/** Names who leads, and whether the votes can tell. */
export function leadSentence({ rows, n, population, category, min_votes: min }: Board): string {
  if (n === 0) {
    if (population === 'simulated') return t('board.none_simulated');
    return category ? t('board.none_category') : t('board.none', { min });
  }
  const first = rows.filter((row) => row.rank === 1).map((row) => row.contestant);
  if (first.length === 0) return t('board.too_early', { min });
  if (first.length === 1) return t('board.lead', { name: first[0] ?? '' });
  if (first.length > 5) return t('board.shared_many', { n: first.length });
  return t('board.shared', { names: list(first) });
}

/** The lines under the table, each a whole sentence. */
export function footnotes(board: Board, clipped: boolean): string[] {
  const lines: string[] = [];
  const rated = board.rows.some((row) => row.rating !== null);
  if (rated) {
    const parts = [t('board.note', { interval: board.interval })];
    if (board.rows.some((row) => row.preliminary)) parts.push(t('board.note_prelim', { min: board.min_votes }));
    if (clipped) parts.push(t('board.note_clip'));
    if (board.anchor) parts.push(t('board.note_anchor', { anchor: board.anchor }));
    lines.push(parts.join(' '));
  }
  const apart = board.rows.filter((row) => row.not_connected).map((row) => row.contestant);
  if (apart.length > 0 && board.n > 0) lines.push(tn('board.not_connected', apart.length, { names: list(apart) }));
  const excluded = Object.entries(board.excluded).filter(([, number]) => number > 0);
  if (excluded.length > 0) {
    const reasons = excluded.map(([reason, number]) => `${count(number)} × ${exclusion(reason)}`).join('; ');
    lines.push(tn('board.excluded', excluded.reduce((sum, [, number]) => sum + number, 0), { reasons }));
  }
  return lines;
}
