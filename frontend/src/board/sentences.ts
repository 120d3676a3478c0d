/** What a board says before its numbers; pure. */
import type { Board } from '../api/types';
import { exclusion } from '../battle/reveal';
import { t, tn } from '../i18n';
import { count, list } from '../lib/format';
import type { Refused } from './query';

/** Names who leads, and whether the votes can tell. */
export function leadSentence({ rows, n, population, category, min_votes: min, status, warnings }: Board): string {
  if (status === 'computing') return t('board.computing');
  if (status === 'none') return [t('board.not_computed'), ...warnings].join(' ');
  if (n === 0) {
    if (population === 'simulated') return t('board.none_simulated');
    return category ? t('board.none_category') : tn('board.none', min);
  }
  const first = rows.filter((row) => row.rank === 1).map((row) => row.contestant);
  if (first.length === 0) return tn('board.too_early', min);
  if (first.length === 1) return t('board.lead', { name: first[0] ?? '' });
  if (first.length > 5) return t('board.shared_many', { n: first.length });
  return t('board.shared', { names: list(first) });
}

/** Whether a lower rating has a better rank somewhere. */
function inverted({ rows }: Board): boolean {
  const ranked = rows.filter((row) => row.rank !== null && row.rating !== null);
  ranked.sort((x, y) => (y.rating ?? 0) - (x.rating ?? 0));
  return ranked.some((row, i) => (ranked[i + 1]?.rank ?? Infinity) < (row.rank ?? 0));
}

/** The lines under the table, each a whole sentence. */
export function footnotes(board: Board, clipped: boolean, withExcluded = false): string[] {
  const lines: string[] = [];
  const rated = board.rows.some((row) => row.rating !== null);
  if (rated) {
    const parts = [board.interval === 'none' ? t('board.note_no_interval') : t('board.note', { interval: board.interval })];
    if (board.rows.some((row) => row.preliminary)) parts.push(tn('board.note_prelim', board.min_votes));
    if (inverted(board)) parts.push(t('board.note_inverted'));
    if (clipped) parts.push(t('board.note_clip'));
    if (board.rank_sets === 'computing') parts.push(t('board.ranges_wait'));
    if (board.rank_sets === 'ready') parts.push(board.rank_seed === null ? t('board.ranges_anytime') : t('board.ranges_note', { seed: board.rank_seed }));
    if (board.margin !== null) parts.push(t('board.margin_note', { margin: Math.round(board.margin) }));
    if (board.anchor) parts.push(t('board.note_anchor', { anchor: board.anchor }));
    lines.push(parts.join(' '));
  }
  if (board.rows.some((row) => row.usable)) lines.push(t('board.use_note'));
  const apart = board.rows.filter((row) => row.not_connected).map((row) => row.contestant);
  if (apart.length > 0 && board.n > 0) lines.push(tn('board.not_connected', apart.length, { names: list(apart) }));
  if (board.status !== 'none') lines.push(...board.warnings);
  lines.push(...board.notes);
  const excluded = Object.entries(board.excluded).filter(([, number]) => number > 0);
  if (withExcluded) lines.push(t('board.with_note'));
  else if (excluded.length > 0) {
    const reasons = excluded.map(([reason, number]) => `${count(number)} × ${exclusion(reason)}`).join('; ');
    lines.push(tn('board.excluded', excluded.reduce((sum, [, number]) => sum + number, 0), { reasons }));
  }
  return lines;
}

/** Names what the address asks for in vain; '' where it asks for nothing of the kind. */
export function refusal(refused: readonly Refused[]): string {
  if (refused.length === 0) return '';
  const asked = refused.map(({ name, value }) => t('board.refused_one', { name: t(`query.${name}`), value: value.slice(0, 60) }));
  return t('board.refused', { asked: list(asked) });
}

/** So many characters of a footnote are read at a glance; a list of 129 contestants is not. */
const GLANCE = 400;

/** Splits a long line after its first colon; of a short one the second part is ''. */
export function splitLong(line: string): [string, string] {
  const colon = line.indexOf(': ');
  return line.length <= GLANCE || colon < 0 || colon > GLANCE ? [line, ''] : [line.slice(0, colon + 1), line.slice(colon + 2)];
}
