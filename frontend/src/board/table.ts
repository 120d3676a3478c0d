/** Columns, sorting and filtering of the board; pure. */
import type { BoardRow, Population, UsableFigures } from '../api/types';
import { t, type Key } from '../i18n';
import { count, dollars, percent, seconds } from '../lib/format';

export interface Column {
  key: 'votes' | 'win_rate' | 'avg_cost_usd' | 'ttft_s' | 'tokens_per_s' | 'error_rate' | UseKey;
  head: Key & `col.${string}`;
  /** Whether the best value is the largest. */
  down: boolean;
  text: (row: BoardRow) => string;
  /** The interval of a share, which is drawn; null is unknown. */
  share?: (row: BoardRow) => Share | null;
  /** The interval in words, or what the value is made of; '' is unknown. */
  range?: (row: BoardRow) => string;
}

type UseKey = 'sendable_rate' | 'breach_rate' | 'cost_per_sendable_usd';

export interface Share {
  value: number;
  lower: number;
  upper: number;
}

const whole = (share: number): string => `${(100 * share).toFixed(0)}`;
const shareRange = (low?: number | null, high?: number | null): string =>
  low == null || high == null ? '' : `${whole(low)}–${whole(high)} %`;

function sendable(use: UsableFigures | null | undefined): Share | null {
  if (!use || use.sendable_rate === null || use.sendable_lower === null || use.sendable_upper === null) return null;
  return { value: use.sendable_rate, lower: use.sendable_lower, upper: use.sendable_upper };
}

function costRange(use: UsableFigures | null | undefined): string {
  if (!use || use.cost_per_sendable_lower === null) return '';
  const low = dollars(use.cost_per_sendable_lower);
  return use.cost_per_sendable_upper === null
    ? t('col.at_least', { low })
    : `${low}–${dollars(use.cost_per_sendable_upper)}`;
}

/** Of which kinds the errors were; '' where none is of a kind that has a name. */
export function failures({ refusal_rate: refused = null, timeout_rate: late = null }: BoardRow): string {
  if (!refused && !late) return '';
  return t('col.errors_of', { refused: percent(refused), late: percent(late) });
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
  { key: 'error_rate', head: 'col.errors', down: false, text: (row) => percent(row.error_rate), range: failures },
];

/** What voters would do with the answers, where the arena asks. */
const OF_USE: readonly Column[] = [
  {
    key: 'sendable_rate',
    head: 'col.sendable',
    down: true,
    text: (row) => percent(row.usable?.sendable_rate ?? null, 0),
    share: (row) => sendable(row.usable),
    range: (row) => shareRange(row.usable?.sendable_lower, row.usable?.sendable_upper),
  },
  {
    key: 'breach_rate',
    head: 'col.breaches',
    down: false,
    text: (row) => percent(row.usable?.breach_rate ?? null, 0),
    range: (row) => shareRange(row.usable?.breach_lower, row.usable?.breach_upper),
  },
  {
    key: 'cost_per_sendable_usd',
    head: 'col.cost_sendable',
    down: false,
    text: (row) => dollars(row.usable?.cost_per_sendable_usd ?? null),
    range: (row) => costRange(row.usable),
  },
];
const isUse = (key: Column['key']): key is UseKey => OF_USE.some((column) => column.key === key);

/** The number that a column shows of a row. */
function number(row: BoardRow, key: Column['key'] | 'rating'): number | null {
  if (key === 'rating') return row.rating;
  return isUse(key) ? (row.usable?.[key] ?? null) : row[key];
}

/** Columns that follow from votes; the others are measured on answers. */
const OF_VOTES: readonly Column['key'][] = ['votes', 'win_rate'];

/**
 * Leaves out what does not belong to the board's votes: a published board never measured it, and
 * simulated voters read no answers. Among people's votes unknown is shown as unknown.
 */
export function columns(rows: readonly BoardRow[], population: Population): Column[] {
  if (population === 'simulated') return COLUMNS.filter(({ key }) => OF_VOTES.includes(key));
  const measured = COLUMNS.filter(({ key }) => population === 'people' || rows.some((row) => number(row, key) !== null));
  if (!rows.some((row) => row.usable)) return measured;
  // There is room for so many; the plot of rating against speed has the tokens per second too.
  const shown = measured.filter(({ key }) => key !== 'tokens_per_s');
  const at = shown.findIndex(({ key }) => key === 'win_rate') + 1;
  return [...shown.slice(0, at), ...OF_USE, ...shown.slice(at)];
}

export type SortKey = 'rating' | 'contestant' | Column['key'];

export interface Sort {
  key: SortKey;
  down: boolean;
}

/** Says how a first click on a column sorts. */
export function firstSort(key: SortKey): Sort {
  const column = [...COLUMNS, ...OF_USE].find((c) => c.key === key);
  return { key, down: column?.down ?? key === 'rating' };
}

/** Sorts; unknown values are last either way, and equal ones keep the board's order. */
export function sortRows(rows: readonly BoardRow[], { key, down }: Sort): BoardRow[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((x, y) => {
    if (key === 'contestant') return sign * x.contestant.localeCompare(y.contestant);
    if (key === 'rating' && x.preliminary !== y.preliminary) return x.preliminary ? 1 : -1;
    const [a, b] = [number(x, key), number(y, key)];
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
