/** Columns, sorting and filtering of the board; pure. */
import type { BoardRow, Population } from '../api/types';
import { t, type Key } from '../i18n';
import { count, dollars, percent, seconds } from '../lib/format';

export interface Column {
  key: 'votes' | 'win_rate' | 'avg_cost_usd' | 'ttft_s' | 'tokens_per_s' | 'error_rate';
  head: Key & `col.${string}`;
  /** Whether the best value is the largest. */
  down: boolean;
  text: (row: BoardRow) => string;
}

const COLUMNS: readonly Column[] = [
  { key: 'votes', head: 'col.votes', down: true, text: (row) => count(row.votes) },
  { key: 'win_rate', head: 'col.win_rate', down: true, text: (row) => percent(row.win_rate) },
  { key: 'avg_cost_usd', head: 'col.cost', down: false, text: (row) => dollars(row.avg_cost_usd) },
  { key: 'ttft_s', head: 'col.ttft', down: false, text: (row) => seconds(row.ttft_s) },
  {
    key: 'tokens_per_s',
    head: 'col.tps',
    down: true,
    text: (row) => (row.tokens_per_s === null ? t('app.unknown') : row.tokens_per_s.toFixed(0)),
  },
  { key: 'error_rate', head: 'col.errors', down: false, text: (row) => percent(row.error_rate) },
];

/** Columns that follow from votes; the others are measured on answers. */
const OF_VOTES: readonly Column['key'][] = ['votes', 'win_rate'];

/**
 * Leaves out what does not belong to the board's votes: a published board never measured it, and
 * simulated voters read no answers. Among people's votes unknown is shown as unknown.
 */
export function columns(rows: readonly BoardRow[], population: Population): Column[] {
  if (population === 'simulated') return COLUMNS.filter(({ key }) => OF_VOTES.includes(key));
  return COLUMNS.filter((column) => population === 'people' || rows.some((row) => row[column.key] !== null));
}

export type SortKey = 'rating' | 'contestant' | Column['key'];

export interface Sort {
  key: SortKey;
  down: boolean;
}

/** Says how a first click on a column sorts. */
export function firstSort(key: SortKey): Sort {
  const column = COLUMNS.find((c) => c.key === key);
  return { key, down: column?.down ?? key === 'rating' };
}

/** Sorts; unknown values are last either way, and equal ones keep the board's order. */
export function sortRows(rows: readonly BoardRow[], { key, down }: Sort): BoardRow[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((x, y) => {
    if (key === 'contestant') return sign * x.contestant.localeCompare(y.contestant);
    if (key === 'rating' && x.preliminary !== y.preliminary) return x.preliminary ? 1 : -1;
    const [a, b] = [x[key], y[key]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (a - b);
  });
}

export function filterRows(rows: readonly BoardRow[], text: string): BoardRow[] {
  const wanted = text.trim().toLocaleLowerCase();
  if (!wanted) return [...rows];
  return rows.filter((row) =>
    [row.contestant, row.description, row.organization].some((field) => field?.toLocaleLowerCase().includes(wanted)),
  );
}
