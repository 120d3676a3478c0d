import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArenaDetail, QueueItem, QueueState } from '../src/api/types';
import { QueueModel, SETTLE_MS } from '../src/queue/model.svelte';
import { finishedTitle, ownProgress, queueStatus } from '../src/queue/words';
import { json, offline, refuse, Served } from './served';

const TOTAL = 3;
const state = (done: number, more: Partial<QueueState> = {}): QueueState => ({
  group: null, done, total: TOTAL, arena_done: 10 + done, arena_total: 72, overlap_share: 0.2, waiting: 0,
  finished: done === TOTAL, minutes_left_estimate: 6.4, ...more,
});
const pair = (number: number, more: Partial<QueueItem> = {}): QueueItem => ({
  finished: false, battle_id: `p${number}`, number, of: TOTAL, title: 'T', prompt: `Q${number}`, policy: '', category: '', language: 'en',
  answers: { a: `a${number}`, b: `b${number}` }, usable_answer: false, reasons: ['Short', 'Right'],
  previous: number > 1 ? `p${number - 1}` : null, expires_at: new Date(Date.now() + 600_000).toISOString(), vote: null, ...more,
});

let server: Served;
let sent: { id: string; body: unknown }[];
let done: Set<string>;
let consents: number;
let changes: number;

/** A queue of three pairs that behaves like the real one. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  sessionStorage.clear();
  localStorage.clear();
  [server, sent, done, consents, changes] = [new Served(), [], new Set(), 0, 0];
  server.serve('GET /session', () => json({ session_id: 's', csrf_token: 'token', consents: [], is_owner: false }));
  server.serve('GET /arenas/x/queue', () => json(state(done.size)));
  server.serve('POST /arenas/x/queue/next', (body) => {
    const { after } = body as { after: string | null };
    const open = [1, 2, 3].filter((n) => !done.has(`p${n}`));
    const number = after === null ? open[0] : ([1, 2, 3].find((n) => n > Number(after.slice(1))) ?? open[0]);
    return json(number ? pair(number) : { finished: true, waiting: 0 });
  });
  for (const n of [1, 2, 3]) {
    const vote = (body: unknown): Response => {
      sent.push({ id: `p${n}`, body });
      done.add(`p${n}`);
      return json({ vote_id: `v${sent.length}`, next: null, state: state(done.size) });
    };
    server.serve(`POST /arenas/x/queue/items/p${n}/vote`, vote);
    server.serve(`POST /arenas/x/queue/items/p${n}/skip`, () => (sent.push({ id: `p${n}`, body: 'skip' }), done.add(`p${n}`), json({ finished: true, waiting: 0 })));
    server.serve(`GET /arenas/x/queue/items/p${n}`, () => json(pair(n)));
  }
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function model(): QueueModel {
  const arena = { slug: 'x', reasons: ['Short', 'Right'] } as unknown as ArenaDetail;
  return new QueueModel(arena, () => (consents += 1), () => (changes += 1));
}
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(SETTLE_MS);
async function opened(): Promise<QueueModel> {
  const queue = model();
  await queue.open();
  await settle();
  expect(queue.phase).toBe('rating');
  return queue;
}
const at = async (queue: QueueModel, number: number): Promise<void> => {
  await vi.waitUntil(() => queue.phase === 'rating' && queue.item?.number === number);
  await settle();
};
const outcomes = (): string[] => sent.map(({ id, body }) => `${id} ${body === 'skip' ? 'skip' : (body as { outcome: string }).outcome}`);

describe('a queue', () => {
  it('is voted through with one key for each pair, and thanks at the end', async () => {
    const queue = await opened();
    for (const [n, outcome] of [[1, 'model_a'], [2, 'tie'], [3, 'both_bad']] as const) {
      await at(queue, n);
      queue.choose(outcome);
    }
    await vi.waitUntil(() => queue.phase === 'finished');
    expect(outcomes()).toEqual(['p1 model_a', 'p2 tie', 'p3 both_bad']);
    await vi.waitUntil(() => queue.state?.done === 3);
    expect(finishedTitle(queue.state)).toBe('All 3 done. Thank you.');
    queue.dispose();
  });

  it('has the next pair ready before the vote', async () => {
    const queue = await opened();
    await vi.waitUntil(() => server.calls.filter((call) => call.endsWith('/next')).length === 2);
    await settle();
    queue.choose('tie');
    await Promise.resolve().then(() => undefined);
    await vi.waitUntil(() => queue.item?.number === 2);
    expect(queue.done).toBe(1);
    queue.dispose();
  });

  it('takes no vote for the pair that has only just come up', async () => {
    const queue = model();
    await queue.open();
    queue.choose('model_a');
    expect([queue.item?.number, sent.length, queue.outbox.posts.length]).toEqual([1, 0, 0]);
    await settle();
    queue.choose('model_a');
    expect(queue.outbox.posts.length).toBe(1);
    queue.dispose();
  });

  it('waits for Enter where one wants that, with reasons and comment', async () => {
    const queue = await opened();
    queue.setAtOnce(false);
    queue.choose('model_b');
    queue.choose('model_a');
    queue.toggleReason('Short');
    queue.ballot.comment = ' fine ';
    expect(sent).toEqual([]);
    await queue.submit();
    await at(queue, 2);
    expect(sent).toEqual([{ id: 'p1', body: { outcome: 'model_a', reasons: ['Short'], comment: 'fine', usable: null } }]);
    expect(model().atOnce).toBe(false);
    queue.dispose();
  });

  it('answers for both sides before it goes on, where the arena asks', async () => {
    server.serve('POST /arenas/x/queue/next', () => json(pair(1, { usable_answer: true })));
    const queue = await opened();
    await settle();
    queue.choose('model_a');
    expect(sent).toEqual([]);
    await queue.submit();
    expect(queueStatus(queue)).toEqual({ text: 'Would you send A, would you send B? Say so below each answer.', alarm: true });
    queue.setSend('a', 'as_is');
    queue.setSend('b', 'never');
    queue.toggleBreach('b');
    await queue.submit();
    await vi.waitUntil(() => sent.length > 0);
    const usable = { a: { send: 'as_is', breaks_policy: false }, b: { send: 'never', breaks_policy: true } };
    expect(sent).toEqual([{ id: 'p1', body: { outcome: 'model_a', reasons: [], comment: '', usable } }]);
    queue.dispose();
  });

  it('takes reasons before the key that votes', async () => {
    const queue = await opened();
    queue.toggleReason('Right');
    queue.choose('model_b');
    await at(queue, 2);
    expect(sent[0]?.body).toMatchObject({ outcome: 'model_b', reasons: ['Right'] });
    expect(queue.ballot.reasons).toEqual([]);
    queue.dispose();
  });

  it('goes back to change a vote, and on without another one', async () => {
    const queue = await opened();
    queue.choose('model_a');
    await at(queue, 2);
    await queue.back();
    await at(queue, 1);
    expect([queue.before, queue.ballot.choice]).toEqual(['model_a', 'model_a']);
    await queue.skip();
    await at(queue, 2);
    await queue.back();
    await settle();
    queue.choose('both_bad');
    await at(queue, 2);
    expect(outcomes()).toEqual(['p1 model_a', 'p1 both_bad']);
    expect(queue.done).toBe(1);
    queue.dispose();
  });

  it('goes back past a reload, and does not send what stays the same', async () => {
    done.add('p1');
    server.serve('GET /arenas/x/queue/items/p1', () => json(pair(1, { vote: { vote_id: 'v', outcome: 'tie', reasons: [], comment: '', usable: null } })));
    const queue = await opened();
    expect(queue.item?.number).toBe(2);
    await queue.back();
    await at(queue, 1);
    expect(queue.canGoBack).toBe(false);
    queue.choose('tie');
    await at(queue, 2);
    expect(sent).toEqual([]);
    queue.dispose();
  });

  it('skips', async () => {
    const queue = await opened();
    await queue.skip();
    await at(queue, 2);
    await vi.waitUntil(() => sent.length === 1);
    expect(outcomes()).toEqual(['p1 skip']);
    queue.dispose();
  });

  it('shows the last pair once only, though it is what is left while it is open', async () => {
    done.add('p1').add('p2');
    const queue = await opened();
    expect(queue.item?.number).toBe(3);
    await queue.skip();
    await vi.waitUntil(() => queue.phase === 'finished');
    expect(outcomes()).toEqual(['p3 skip']);
    queue.dispose();
  });

  it('goes back from the end', async () => {
    done.add('p1').add('p2');
    const queue = await opened();
    queue.choose('model_a');
    await vi.waitUntil(() => queue.phase === 'finished');
    await queue.back();
    await at(queue, 3);
    expect(queue.before).toBe('model_a');
    queue.dispose();
  });
});

describe('the deadline', () => {
  it('ends the queue, and leads back to the last vote', async () => {
    const queue = await opened();
    server.serve('POST /arenas/x/queue/next', () => refuse(409, 'arena-closed'));
    queue.choose('model_a');
    await at(queue, 2);
    queue.choose('tie');
    await vi.waitUntil(() => queue.phase === 'closed');
    expect([queue.item, queue.canGoBack]).toEqual([null, true]);
    await queue.back();
    await at(queue, 2);
    queue.dispose();
  });
});

describe('a lost connection', () => {
  it('keeps the votes, says so, and sends them in order when it is back', async () => {
    const queue = await opened();
    await vi.waitUntil(() => server.calls.filter((call) => call.endsWith('/next')).length === 2);
    server.serve('POST /arenas/x/queue/items/p1/vote', offline, offline, (body) => (sent.push({ id: 'p1', body }), json({ vote_id: 'v', next: null, state: state(1) })));
    queue.choose('model_a');
    await at(queue, 2);
    queue.choose('model_b');
    await vi.waitUntil(() => queue.outbox.posts.length === 2 && queue.outbox.saving === 'lost');
    expect(queueStatus(queue).text).toBe('Connection lost. 2 votes are kept here; trying again.');
    await vi.advanceTimersByTimeAsync(4000);
    await at(queue, 3);
    expect(outcomes()).toEqual(['p1 model_a', 'p2 model_b']);
    expect(queue.outbox.saving).toBe('no');
    queue.dispose();
  });

  it('loses no vote to a reload', async () => {
    const queue = await opened();
    server.serve('POST /arenas/x/queue/items/p1/vote', offline);
    queue.choose('model_a');
    await at(queue, 2);
    queue.dispose();
    server.serve('POST /arenas/x/queue/items/p1/vote', (body) => (sent.push({ id: 'p1', body }), done.add('p1'), json({ vote_id: 'v', next: null, state: state(1) })));
    const after = await opened();
    expect([outcomes(), after.item?.number]).toEqual([['p1 model_a'], 2]);
    after.dispose();
  });

  it('waits for the next pair and says why', async () => {
    const queue = await opened();
    await settle();
    server.serve('POST /arenas/x/queue/next', offline, () => json(pair(3)));
    queue.choose('tie');
    await at(queue, 2);
    await vi.advanceTimersByTimeAsync(10);
    queue.choose('tie');
    await at(queue, 3);
    queue.dispose();
  });
});

describe('what the server will not do', () => {
  it.each([
    [403, 'forbidden', 'uninvited'],
    [409, 'arena-closed', 'closed'],
    [403, 'login-required', 'login'],
    [500, 'x', 'blocked'],
  ])('%s %s', async (status, code, phase) => {
    server.serve('GET /arenas/x/queue', () => refuse(status, code));
    server.serve('POST /arenas/x/queue/join', () => refuse(status, code));
    const queue = model();
    await queue.open();
    expect(queue.phase).toBe(phase);
    queue.dispose();
  });

  it('joins by itself where the queue is open to all', async () => {
    server.serve('GET /arenas/x/queue', () => refuse(403, 'forbidden'));
    server.serve('POST /arenas/x/queue/join', () => json(state(0)));
    expect((await opened()).item?.number).toBe(1);
  });

  it('asks for consent again and keeps the vote', async () => {
    const queue = await opened();
    server.serve('POST /arenas/x/queue/items/p1/vote', () => refuse(403, 'consent-required'));
    queue.choose('model_a');
    await vi.waitUntil(() => consents > 0);
    expect(queue.outbox.posts.length).toBe(1);
    queue.dispose();
  });

  it('says which vote was not stored when the arena has changed, and starts anew', async () => {
    const queue = await opened();
    server.serve('POST /arenas/x/queue/items/p1/vote', () => refuse(409, 'changed-meanwhile'));
    queue.choose('model_a');
    await vi.waitUntil(() => changes > 0);
    expect(queueStatus(queue).text).toContain('pair 1 is not asked any more');
    expect(queue.outbox.posts).toEqual([]);
    queue.dispose();
  });

  it('tells an empty queue from one that is done, and both from one that others hold', () => {
    expect(finishedTitle(state(0, { total: 0 }))).toBe('Nothing to rate at the moment');
    expect(finishedTitle(state(1, { total: 1 }))).toBe('The only pair is done. Thank you.');
    expect(finishedTitle(state(22, { total: 24 }))).toBe('22 of 24 done. Thank you.');
  });
});

describe('progress', () => {
  it.each([
    [6.4, 7, '7 of 24 done, about 6 minutes left'],
    [1.2, 7, '7 of 24 done, about 1 minute left'],
    [0.4, 7, '7 of 24 done, under a minute left'],
    [null, 7, '7 of 24 done'],
    [0, 24, '24 of 24 done'],
  ])('%s minutes, %s done', (minutes, n, said) =>
    expect(ownProgress(state(n, { total: 24, minutes_left_estimate: minutes }), n)).toBe(said));
});
