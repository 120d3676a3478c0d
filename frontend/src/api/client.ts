/** Every call of the API; failures are always a `Problem`. */
import { boardQuery, pairsQuery, votesQuery, type BoardQuery } from '../board/query';
import { asProblem, readProblem } from './problem';
import { readEvents } from './sse';
import type {
  Arena,
  ArenaDetail,
  BattleState,
  BattleStatus,
  Board,
  CategoriesFit,
  Decision,
  Exclusions,
  History,
  Invite,
  InviteMade,
  Invites,
  InviteShown,
  Me,
  NewBattle,
  Owner,
  OwnerContestant,
  Pairs,
  Pareto,
  Population,
  QueueItem,
  QueueNext,
  QueueProgress,
  QueueState,
  QueueVote,
  QueueVoted,
  Reveal,
  Session,
  Side,
  Simulated,
  Snapshot,
  SnapshotIn,
  Truth,
  Vote,
} from './types';

let csrf = '';

interface Options {
  body?: unknown;
  signal?: AbortSignal | undefined;
}

async function send(method: 'GET' | 'POST', path: string, { body, signal }: Options): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method === 'POST' && csrf) headers['X-CSRF-Token'] = csrf;
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  return fetch(`/api${path}`, init);
}

async function call(method: 'GET' | 'POST', path: string, options: Options = {}): Promise<Response> {
  try {
    // A page that was opened directly has not asked for its session yet.
    if (method === 'POST' && !csrf) await csrfWasStale();
    let response = await send(method, path, options);
    if (method === 'POST' && response.status === 403 && (await csrfWasStale())) {
      response = await send(method, path, options);
    }
    if (!response.ok) throw await readProblem(response);
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw asProblem(error);
  }
}

/** Asks for the session again: another tab may have logged in or out since. */
async function csrfWasStale(): Promise<boolean> {
  const before = csrf;
  const response = await send('GET', '/session', {});
  if (!response.ok) return false;
  csrf = ((await response.json()) as Session | null)?.csrf_token ?? '';
  return csrf !== before;
}

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await (await call('GET', path, { signal })).json()) as T;
const post = async <T>(path: string, body: unknown): Promise<T> =>
  (await (await call('POST', path, { body })).json()) as T;

function remember(session: Session): Session {
  csrf = session.csrf_token;
  return session;
}

export type TurnEvent =
  | { event: 'delta'; side: Side; text: string }
  | { event: 'side_done'; side: Side }
  | { event: 'turn_done'; turn: number }
  | { event: 'error'; side: Side | null; title: string; detail: string };

async function* turn(battle: string, content: string, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  const response = await call('POST', `/battles/${battle}/turns`, { body: { content }, signal });
  try {
    for await (const { event, data } of readEvents(response)) {
      if (event === 'delta' || event === 'side_done' || event === 'turn_done' || event === 'error') {
        yield { side: null, ...(JSON.parse(data) as object), event } as TurnEvent;
      }
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw asProblem(error);
  }
}

const seg = encodeURIComponent;

export const api = {
  arenas: async (): Promise<Arena[]> => (await get<{ arenas: Arena[] }>('/arenas')).arenas,
  arena: (slug: string) => get<ArenaDetail>(`/arenas/${seg(slug)}`),
  /** Resolves to null where this browser has no session yet. */
  session: async (): Promise<Session | null> => {
    const session = await get<Session | null>('/session');
    return session && remember(session);
  },
  consent: async (version: string) => remember(await post<Session>('/session', { consent_version: version })),
  newBattle: (slug: string) => post<NewBattle>(`/arenas/${seg(slug)}/battles`, { mode: 'battle' }),
  battle: (id: string) => get<BattleState>(`/battles/${seg(id)}`),
  turn,
  stop: (id: string, side: Side) => post<{ status: BattleStatus }>(`/battles/${seg(id)}/stop`, { side }),
  skip: (id: string) => post<{ status: BattleStatus }>(`/battles/${seg(id)}/skip`, {}),
  vote: (id: string, vote: Vote) => post<Reveal>(`/battles/${seg(id)}/vote`, vote),
  me: (slug: string) => get<Me>(`/arenas/${seg(slug)}/me`),
  board: (slug: string, query: BoardQuery, signal?: AbortSignal) =>
    get<Board>(`/arenas/${seg(slug)}/leaderboard?${boardQuery(query)}`, signal),
  pairs: (slug: string, query: BoardQuery, signal?: AbortSignal) =>
    get<Pairs>(`/arenas/${seg(slug)}/pairs?${pairsQuery(query)}`, signal),
  decision: (slug: string, query: BoardQuery, signal?: AbortSignal) =>
    get<Decision>(`/arenas/${seg(slug)}/decision?${votesQuery(query)}`, signal),
  pareto: (slug: string, query: BoardQuery, x: Pareto['x'], signal?: AbortSignal) =>
    get<Pareto>(`/arenas/${seg(slug)}/pareto?${votesQuery(query)}&x=${x}`, signal),
  categoriesFit: (slug: string, population: Population, signal?: AbortSignal) =>
    get<CategoriesFit>(`/arenas/${seg(slug)}/categories/fit?population=${population}`, signal),
  history: (slug: string, signal?: AbortSignal) => get<History>(`/arenas/${seg(slug)}/history`, signal),
  snapshots: async (slug: string, signal?: AbortSignal) =>
    (await get<{ snapshots: Snapshot[] }>(`/arenas/${seg(slug)}/snapshots`, signal)).snapshots,
  takeSnapshot: (slug: string, body: SnapshotIn) => post<Snapshot>(`/arenas/${seg(slug)}/snapshots`, body),
  simulate: (slug: string, voters: number) => post<Simulated>(`/arenas/${seg(slug)}/simulate`, { voters }),
  truth: (slug: string) => get<Truth>(`/arenas/${seg(slug)}/truth`),
  invite: (token: string) => get<InviteShown>(`/queue/invites/${seg(token)}`),
  joinQueue: (slug: string, invite: string | null) => post<QueueState>(`/arenas/${seg(slug)}/queue/join`, { invite }),
  queue: (slug: string) => get<QueueState>(`/arenas/${seg(slug)}/queue`),
  queueNext: (slug: string, after: string | null) => post<QueueNext>(`/arenas/${seg(slug)}/queue/next`, { after }),
  queueItem: (slug: string, id: string) => get<QueueItem>(`/arenas/${seg(slug)}/queue/items/${seg(id)}`),
  queueVote: (slug: string, id: string, vote: QueueVote) => post<QueueVoted>(`/arenas/${seg(slug)}/queue/items/${seg(id)}/vote`, vote),
  queueSkip: (slug: string, id: string) => post<QueueNext>(`/arenas/${seg(slug)}/queue/items/${seg(id)}/skip`, {}),
  invites: (slug: string, signal?: AbortSignal) => get<Invites>(`/owner/arenas/${seg(slug)}/invites`, signal),
  makeInvite: (slug: string, group: string | null, days: number | null) =>
    post<InviteMade>(`/owner/arenas/${seg(slug)}/invites`, { group, expires_days: days }),
  withdrawInvite: (slug: string, id: string) => post<Invite>(`/owner/arenas/${seg(slug)}/invites/${seg(id)}/withdraw`, {}),
  queueProgress: (slug: string, signal?: AbortSignal) => get<QueueProgress>(`/owner/arenas/${seg(slug)}/progress`, signal),
  login: async (password: string) => remember(await post<Session>('/owner/login', { password })),
  logout: async (): Promise<void> => {
    await call('POST', '/owner/logout', { body: {} });
    csrf = '';
  },
  owner: () => get<Owner>('/owner'),
  exclusions: (slug: string, signal?: AbortSignal) => get<Exclusions>(`/owner/arenas/${seg(slug)}/exclusions`, signal),
  exclude: (slug: string, voter: string, reason: string) =>
    post<{ changed: number }>(`/owner/arenas/${seg(slug)}/exclude`, { voter, reason }),
  reinstate: (slug: string, voter: string) => post<{ changed: number }>(`/owner/arenas/${seg(slug)}/reinstate`, { voter }),
  enable: (id: string, enabled: boolean) => post<OwnerContestant>(`/owner/contestants/${seg(id)}`, { enabled }),
};
