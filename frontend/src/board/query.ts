/** Which board is asked for: to and from the address of the page and of the API; pure. */
import type { ArenaDetail, Population } from '../api/types';

export const METHODS = ['bt', 'davidson', 'rao-kupper', 'four-outcome', 'elo', 'contextual'] as const;
export const CLUSTERS = ['none', 'voter', 'prompt'] as const;
export const INTERVALS = ['sandwich', 'anytime'] as const;
export const EXCLUDED = ['without', 'with'] as const;
export type Method = (typeof METHODS)[number];
export type Cluster = (typeof CLUSTERS)[number];
export type IntervalKind = (typeof INTERVALS)[number];
export type Excluded = (typeof EXCLUDED)[number];

export interface BoardQuery {
  category: string;
  population: Population;
  /** Thin the board to so many votes; null is all. */
  votes: number | null;
  seed: number;
  method: Method;
  style: boolean;
  cluster: Cluster;
  interval: IntervalKind;
  excluded: Excluded;
}

/** What of the address cannot be shown. */
export interface Refused {
  name: keyof BoardQuery;
  value: string;
}

type Kind = ArenaDetail['kind'];
const FIRST_SEED = 1;
const MOST_VOTES = 100_000_000;
const MOST_SEED = 2 ** 31 - 1;

/** The board that an arena shows unless something else is asked for. */
export function defaults(kind: Kind): BoardQuery {
  return {
    category: '',
    population: kind === 'published' ? 'published' : 'people',
    votes: null,
    seed: FIRST_SEED,
    method: 'bt',
    style: false,
    cluster: 'none',
    interval: 'sandwich',
    excluded: 'without',
  };
}

/** Methods that need every single vote; they are computed at a time and not with every vote. */
const FROM_VOTES: readonly Method[] = ['elo', 'contextual'];
const needsVotes = (query: BoardQuery): boolean =>
  FROM_VOTES.includes(query.method) || query.style || query.cluster !== 'none';

/** Which controls can be used beside the others. */
export function possible(query: BoardQuery, kind: Kind): { methods: readonly Method[]; style: boolean; cluster: boolean; interval: boolean; excluded: boolean } {
  // Published and simulated votes are kept as counts only.
  const votes = kind !== 'published' && query.population === 'people';
  return {
    methods: votes ? METHODS : METHODS.filter((method) => !FROM_VOTES.includes(method)),
    style: votes && query.method === 'bt',
    cluster: votes && query.method === 'bt',
    interval: !needsVotes(query),
    excluded: votes,
  };
}

/** Switches off what does not go with the rest: style control belongs to Bradley-Terry, and so on. */
export function settled(query: BoardQuery, kind: Kind): BoardQuery {
  const can = possible(query, kind);
  const one: BoardQuery = {
    ...query,
    method: can.methods.includes(query.method) ? query.method : 'bt',
    style: query.style && can.style,
    cluster: can.cluster ? query.cluster : 'none',
    excluded: can.excluded ? query.excluded : 'without',
  };
  return possible(one, kind).interval ? one : { ...one, interval: 'sandwich' };
}

/** Reads the address; what it asks for in vain is named, and the usual board is shown for it. */
export function readQuery(search: string, kind: Kind): { query: BoardQuery; refused: Refused[] } {
  const given = new URLSearchParams(search);
  const refused: Refused[] = [];
  const query = defaults(kind);
  const choose = <T extends string>(name: keyof BoardQuery, from: readonly T[], usual: T): T => {
    const value = given.get(name);
    if (value === null || value === '') return usual;
    const found = from.find((one) => one === value);
    if (found === undefined) refused.push({ name, value });
    return found ?? usual;
  };
  const whole = (name: keyof BoardQuery, least: number, most: number): number | null => {
    const value = given.get(name);
    if (value === null || value === '') return null;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    refused.push({ name, value });
    return null;
  };
  const populations: readonly Population[] =
    kind === 'published' ? ['published'] : kind === 'replay' ? ['people', 'simulated'] : ['people'];
  query.category = (given.get('category') ?? '').slice(0, 100);
  query.population = choose('population', populations, query.population);
  query.votes = whole('votes', 1, MOST_VOTES);
  query.seed = whole('seed', 0, MOST_SEED) ?? FIRST_SEED;
  query.method = choose('method', METHODS, 'bt');
  query.style = choose('style', ['true', 'false'], 'false') === 'true';
  query.cluster = choose('cluster', CLUSTERS, 'none');
  query.interval = choose('interval', INTERVALS, 'sandwich');
  query.excluded = choose('excluded', EXCLUDED, 'without');
  const shown = settled(query, kind);
  for (const name of ['method', 'style', 'cluster', 'interval', 'excluded'] as const) {
    if (shown[name] !== query[name]) refused.push({ name, value: String(query[name]) });
  }
  return { query: shown, refused };
}

/** The query of the page's own address: only what differs from the usual board; '' or `?...`. */
export function writeQuery(query: BoardQuery, kind: Kind): string {
  const usual = defaults(kind);
  const out = new URLSearchParams();
  for (const name of Object.keys(usual) as (keyof BoardQuery)[]) {
    if (name === 'seed' && query.votes === null) continue;
    if (query[name] !== usual[name]) out.set(name, String(query[name]));
  }
  return out.size > 0 ? `?${out}` : '';
}

/** The query that pairs, decision and fronts share: whose votes, of which category, how many. */
export function votesQuery({ category, population, votes, seed }: BoardQuery): string {
  const out = new URLSearchParams();
  if (category) out.set('category', category);
  out.set('population', population);
  if (votes !== null) {
    out.set('votes', String(votes));
    out.set('seed', String(seed));
  }
  return out.toString();
}

/** The query of the win matrix. */
export const pairsQuery = (query: BoardQuery): string => votesQuery(query) + (query.excluded === 'without' ? '' : '&excluded=with');

/** The query of a board and of its CSV. */
export function boardQuery(query: BoardQuery): string {
  const out = new URLSearchParams(votesQuery(query));
  if (query.method !== 'bt') out.set('method', query.method);
  if (query.style) out.set('style', 'true');
  if (query.cluster !== 'none') out.set('cluster', query.cluster);
  if (query.interval !== 'sandwich') out.set('interval', query.interval);
  if (query.excluded !== 'without') out.set('excluded', query.excluded);
  return out.toString();
}

/** Says whether everything under "intervals and votes" is as usual. */
export const usualDetails = ({ cluster, interval, excluded }: BoardQuery): boolean =>
  cluster === 'none' && interval === 'sandwich' && excluded === 'without';
