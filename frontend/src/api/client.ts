/** Every call of the API; failures are always a `Problem`. */
import { boardQuery, pairsQuery, votesQuery, type BoardQuery } from '../board/query';
import { embedded } from '../lib/embedded';
import { asProblem, readProblem } from './problem';
import { readEvents, type SseEvent } from './sse';
import type {
  Arena,
  ArenaDetail,
  BattleState,
  BattleStatus,
  Board,
  CategoriesFit,
  Choice,
  Decision,
  Erased,
  Exclusions,
  History,
  Invite,
  InviteMade,
  Invites,
  InviteShown,
  Me,
  NamedMode,
  NewBattle,
  Owner,
  OwnData,
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
  SharedBattle,
  Side,
  Simulated,
  Snapshot,
  SnapshotIn,
  Truth,
  Vote,
} from './types';

let csrf = '';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Options {
  body?: unknown;
  /** Sent as it is, instead of JSON. */
  file?: Blob | undefined;
  signal?: AbortSignal | undefined;
  /** Of a proof of work. */
  solution?: string;
}

async function send(method: Method, path: string, { body, file, signal, solution }: Options): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (embedded) headers['X-BlindArena-Embedded'] = '1';
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (solution) headers['X-Challenge'] = solution;
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (file) init.body = file;
  if (signal) init.signal = signal;
  return fetch(`/api${path}`, init);
}

async function call(method: Method, path: string, options: Options = {}): Promise<Response> {
  try {
    // A page that was opened directly has not asked for its session yet.
    if (method !== 'GET' && !csrf) await csrfWasStale();
    let response = await send(method, path, options);
    if (method !== 'GET' && response.status === 403 && (await csrfWasStale())) {
      response = await send(method, path, options);
    }
    if (response.status === 428) {
      const { proven } = await import('../proof/ask');
      response = await proven(response, (solution) => send(method, path, { ...options, solution }), options.signal);
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

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await (await call('GET', path, { signal })).json()) as T;
export const post = async <T>(path: string, body: unknown): Promise<T> =>
  (await (await call('POST', path, { body })).json()) as T;

export const put = async <T>(path: string, body: unknown): Promise<T> =>
  (await (await call('PUT', path, { body })).json()) as T;
/** Sends something that is answered by server-sent events. */
export async function* events(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<SseEvent> {
  const response = await call('POST', path, { body, signal });
  try {
    yield* readEvents(response);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw asProblem(error);
  }
}

/** Deletes something; what is left comes back. */
export const remove = async <T>(path: string): Promise<T> => (await (await call('DELETE', path)).json()) as T;
/** Sends a file as the body. */
export const upload = async <T>(path: string, file: Blob, signal?: AbortSignal): Promise<T> =>
  (await (await call('POST', path, { file, signal })).json()) as T;

function remember(session: Session): Session {
  csrf = session.csrf_token;
  return session;
}

export type TurnEvent =
  /** Personal data were replaced: the message as it is sent and kept. */
  | { event: 'message_changed'; content: string; replaced: string }
  | { event: 'delta'; side: Side; text: string }
  | { event: 'side_done'; side: Side }
  | { event: 'turn_done'; turn: number }
  | { event: 'error'; side: Side | null; title: string; detail: string };

const TURN_EVENTS: ReadonlySet<string> = new Set(['message_changed', 'delta', 'side_done', 'turn_done', 'error']);

/**
 * @param confirm sends it although it seems to hold personal data, where the arena asks about them
 * @param images pictures as base64; 'keep' takes those of the attempt that was interrupted
 */
async function* turn(
  battle: string,
  content: string,
  signal: AbortSignal,
  confirm = false,
  images: readonly string[] | 'keep' = [],
): AsyncGenerator<TurnEvent> {
  const pictures = images === 'keep' ? { keep_images: true } : images.length > 0 ? { images } : {};
  const body = { content, ...(confirm && { confirm }), ...pictures };
  yield* turnEvents(await call('POST', `/battles/${battle}/turns`, { body, signal }));
}

/** Lets both sides answer the last message again. */
async function* regenerate(battle: string, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  yield* turnEvents(await call('POST', `/battles/${battle}/regenerate`, { body: {}, signal }));
}

async function* turnEvents(response: Response): AsyncGenerator<TurnEvent> {
  try {
    for await (const { event, data } of readEvents(response)) {
      if (TURN_EVENTS.has(event)) {
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
  newBattle: (slug: string, images = false) =>
    post<NewBattle>(`/arenas/${seg(slug)}/battles`, { mode: 'battle', ...(images && { images }) }),
  newNamed: (slug: string, mode: NamedMode, contestants: string[]) =>
    post<NewBattle>(`/arenas/${seg(slug)}/battles`, { mode, contestants }),
  choices: async (slug: string, signal?: AbortSignal) =>
    (await get<{ contestants: Choice[] }>(`/arenas/${seg(slug)}/contestants`, signal)).contestants,
  battle: (id: string) => get<BattleState>(`/battles/${seg(id)}`),
  turn,
  regenerate,
  stop: (id: string, side: Side) => post<{ status: BattleStatus }>(`/battles/${seg(id)}/stop`, { side }),
  skip: (id: string) => post<{ status: BattleStatus }>(`/battles/${seg(id)}/skip`, {}),
  vote: (id: string, vote: Vote) => post<Reveal>(`/battles/${seg(id)}/vote`, vote),
  ownData: () => get<OwnData>('/me/data'),
  eraseOwn: async (): Promise<Erased> => {
    const erased = await post<Erased>('/me/erase', {});
    csrf = '';
    return erased;
  },
  share: async (id: string) => (await post<{ url: string }>(`/battles/${seg(id)}/share`, {})).url,
  withdrawShare: (id: string) => post<{ withdrawn: number }>(`/battles/${seg(id)}/share/withdraw`, {}),
  shared: (token: string, signal?: AbortSignal) => get<SharedBattle>(`/shares/${seg(token)}`, signal),
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
  loginOptions: () => get<{ oidc: string | null }>('/login'),
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
