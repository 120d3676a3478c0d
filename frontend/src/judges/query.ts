/** Which judged pairs are asked for: to and from the address of the page and of the API; pure. */
import type { Flag } from '../api/judges';

export const FLAGS = ['flipped', 'split', 'unparsed', 'failed', 'flagged'] as const satisfies readonly Flag[];
export const PAGE = 50;

export interface ItemQuery {
  category: string;
  /** Must be among the two. */
  one: string;
  other: string;
  judge: string;
  flag: Flag | '';
  voted: 'yes' | 'no' | '';
  words: string;
  /** Names and verdicts are hidden until the vote. */
  blind: boolean;
  offset: number;
  /** The pair that is open; '' is none. */
  item: string;
}

export const START: ItemQuery = { category: '', one: '', other: '', judge: '', flag: '', voted: '', words: '', blind: true, offset: 0, item: '' };

/** Reads the address of the page; what makes no sense is left out. */
export function readQuery(search: string): ItemQuery {
  const given = new URLSearchParams(search);
  const text = (name: string): string => (given.get(name) ?? '').slice(0, 200);
  const offset = Number(given.get('offset') ?? 0);
  const voted = given.get('voted');
  return {
    category: text('category'),
    one: text('one'),
    other: text('other'),
    judge: text('judge'),
    flag: FLAGS.find((one) => one === given.get('flag')) ?? '',
    voted: voted === 'yes' || voted === 'no' ? voted : '',
    words: text('words'),
    blind: given.get('open') !== 'true',
    offset: Number.isInteger(offset) && offset > 0 && offset <= 10_000_000 ? offset : 0,
    item: text('item'),
  };
}

/** Writes the address of the page: only what differs from the start; '' or `?...`. */
export function writeQuery(query: ItemQuery): string {
  const out = new URLSearchParams();
  for (const name of ['category', 'one', 'other', 'judge', 'flag', 'voted', 'words', 'item'] as const) if (query[name]) out.set(name, query[name]);
  if (!query.blind) out.set('open', 'true');
  if (query.offset > 0) out.set('offset', String(query.offset));
  return out.size > 0 ? `?${out}` : '';
}

/** The query of the API's list. */
export function listQuery(query: ItemQuery): string {
  const out = new URLSearchParams({ blind: String(query.blind), limit: String(PAGE) });
  for (const name of ['category', 'judge', 'flag', 'voted'] as const) if (query[name]) out.set(name, query[name]);
  for (const name of [query.one, query.other]) if (name) out.append('contestant', name);
  if (query.words.trim()) out.set('q', query.words.trim());
  if (query.offset > 0) out.set('offset', String(query.offset));
  return out.toString();
}

/** Says whether anything narrows the list. */
export const narrowed = (query: ItemQuery): boolean =>
  [query.category, query.one, query.other, query.judge, query.flag, query.voted, query.words.trim()].some(Boolean);
