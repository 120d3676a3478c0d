import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArenaDetail, BattleState, Reveal } from '../src/api/types';
import { BattleModel } from '../src/battle/model.svelte';
import { dockStatus } from '../src/battle/status';
import { json, offline, refuse, Served, type Handler } from './served';

const sse = (...events: [string, object][]): Response =>
  new Response(': hi\n\n' + events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join(''));

const TICKET = { key: 'k', text: 'Where is it?', title: 'T', category: 'C', language: 'en', policy: '' };
const REVEAL = { a: {}, b: {}, outcome: 'model_a', counted: true, excluded: null } as unknown as Reveal;
const BATTLE = { battle_id: 'b1', mode: 'battle' as const, contestants: null, prompt: TICKET.text, ticket: TICKET, progress: { done: 0, total: 24 }, images: false };
const state = (status: BattleState['status'], more: Partial<BattleState> = {}): BattleState => ({ ...BATTLE, status, turns: [], reveal: null, ...more });
const TURN = { number: 1, content: 'Q', status: 'complete' as const, replaced: 0, images: [], a: 'one', b: 'two' };
const WHOLE = (): Response =>
  sse(['delta', { side: 'a', text: 'one' }], ['delta', { side: 'b', text: 'two' }], ['side_done', { side: 'a' }], ['side_done', { side: 'b' }], ['turn_done', { turn: 1 }]);

let served: Served;
let calls: string[];
let shown: (string | null)[];
let consents: number;

const serve = (route: string, ...handlers: Handler[]): void => served.serve(route, ...handlers);

function arena(mode: 'free' | 'prepared', status: ArenaDetail['status'] = 'ready'): ArenaDetail {
  return { slug: 'x', prompt_mode: mode, status, reasons: ['Short', 'Right'], follow_ups: true, regenerations: 3, images: 'none' } as unknown as ArenaDetail;
}
function model(mode: 'free' | 'prepared' = 'prepared', status?: ArenaDetail['status']): BattleModel {
  return new BattleModel(arena(mode, status), (id) => shown.push(id), () => (consents += 1));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'requestAnimationFrame'] });
  sessionStorage.clear();
  [served, shown, consents] = [new Served(), [], 0];
  calls = served.calls;
  serve('GET /session', () => json({ session_id: 's', csrf_token: 'token', consents: [], is_owner: false }));
  serve('GET /arenas/x/me', () => json({ progress: { done: 1, total: 24 }, votes: 1, mirror_needs: 9, mirror: null }));
  serve('POST /arenas/x/battles', () => json(BATTLE));
  serve('POST /battles/b1/turns', WHOLE);
  serve('POST /battles/b1/skip', () => json({ status: 'skipped' }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const votable = async (): Promise<BattleModel> => {
  const battle = model();
  await battle.open(null);
  expect(battle.phase).toBe('votable');
  return battle;
};

describe('a prepared battle', () => {
  it('is drawn, streamed and ready for a vote', async () => {
    const battle = await votable();
    expect([battle.turn?.a.text, battle.turn?.b.text]).toEqual(['one', 'two']);
    expect(shown).toEqual(['b1']);
    expect(battle.canVote).toBe(true);
  });

  it('takes no vote before both answers are complete', async () => {
    let open!: ReadableStreamDefaultController<Uint8Array>;
    serve('POST /battles/b1/turns', () => new Response(new ReadableStream({ start: (controller) => void (open = controller) })));
    const battle = model();
    void battle.open(null);
    await vi.waitUntil(() => open && battle.phase === 'streaming');
    open.enqueue(new TextEncoder().encode('event: delta\ndata: {"side":"a","text":"x"}\n\nevent: side_done\ndata: {"side":"a"}\n\n'));
    await vi.waitUntil(() => battle.turn?.a.state === 'complete');
    battle.choose('model_a');
    expect(battle.ballot.choice).toBeNull();
    expect(dockStatus(battle).text).toContain('B is still writing');
    await vi.advanceTimersByTimeAsync(21_000);
    expect(dockStatus(battle).text).toBe('B is taking long. Wait, stop B, or skip.');
    battle.dispose();
  });

  it('fails plainly when one side fails', async () => {
    serve('POST /battles/b1/turns', () => sse(['delta', { side: 'a', text: 'x' }], ['error', { side: 'b', title: 'B could not answer.', detail: 'It took too long. Not counted.' }], ['side_done', { side: 'a' }], ['error', { title: 'Over', detail: 'Not counted.' }]));
    const battle = model();
    await battle.open(null);
    expect(battle.phase).toBe('failed');
    expect([battle.turn?.a.state, battle.turn?.b.state]).toEqual(['complete', 'failed']);
    expect(dockStatus(battle).text).toBe('B could not answer. It took too long. Not counted.');
  });

  it('names both where neither could answer, and none where that is not known', async () => {
    serve('POST /battles/b1/turns', () => sse(['error', { side: 'b', title: '', detail: '' }], ['error', { side: 'a', title: '', detail: '' }]));
    const battle = model();
    await battle.open(null);
    expect(dockStatus(battle).text).toBe('Neither side could answer. This battle does not count; nothing you did is lost.');
    serve('GET /battles/b1', () => json(state('failed', { turns: [{ ...TURN, status: 'failed' }] })));
    await battle.open('b1');
    expect(dockStatus(battle).text).toBe('One side could not answer. This battle does not count; nothing you did is lost.');
    expect([battle.turn?.a.state, battle.turn?.b.state]).toEqual(['interrupted', 'interrupted']);
  });

  it('asks for the stored state where the answers could not be saved', async () => {
    serve('POST /battles/b1/turns', () => sse(['side_done', { side: 'a' }], ['side_done', { side: 'b' }], ['error', { title: 'The answers could not be saved.', detail: '' }]));
    serve('GET /battles/b1', () => json(state('waiting', { turns: [{ ...TURN, status: 'interrupted' }] })));
    const battle = model();
    await battle.open(null);
    expect(battle.phase).toBe('interrupted');
  });

  it('offers to send again when the stream breaks', async () => {
    serve('POST /battles/b1/turns', () => sse(['delta', { side: 'a', text: 'x' }]), WHOLE);
    serve('GET /battles/b1', offline, () => json(state('waiting', { turns: [{ ...TURN, status: 'interrupted' }] })));
    const battle = model();
    const opened = battle.open(null);
    await vi.waitUntil(() => battle.phase === 'resuming');
    await vi.advanceTimersByTimeAsync(1500);
    await opened;
    expect(battle.phase).toBe('interrupted');
    await battle.again();
    expect(battle.phase).toBe('votable');
    expect(battle.turns).toHaveLength(1);
  });

  it('is over when no ticket is left', async () => {
    serve('POST /arenas/x/battles', () => refuse(409, 'prompts-exhausted'));
    const battle = model();
    await battle.open(null);
    expect(battle.phase).toBe('exhausted');
  });

  it('is over when the deadline has passed meanwhile', async () => {
    serve('POST /arenas/x/battles', () => refuse(409, 'arena-closed'));
    const battle = model();
    await battle.open(null);
    expect([battle.phase, battle.hold.problem]).toEqual(['closed', null]);
  });

  it('asks for a login where the server does', async () => {
    serve('POST /arenas/x/battles', () => refuse(403, 'login-required'));
    const battle = model();
    await battle.open(null);
    expect(battle.phase).toBe('login');
  });

  it('draws nothing before a login where the arena needs one', async () => {
    const battle = new BattleModel({ ...arena('free'), require_login: true }, () => undefined, () => undefined);
    await battle.open(null);
    expect([battle.phase, calls.filter((call) => call.startsWith('POST'))]).toEqual(['login', []]);
  });

  it('waits out a rate limit and goes on by itself', async () => {
    serve('POST /arenas/x/battles', () => refuse(429, 'rate-limited', { 'Retry-After': '3' }), () => json(BATTLE));
    const battle = model();
    await battle.open(null);
    expect([battle.phase, battle.hold.limit]).toEqual(['blocked', 3]);
    await vi.advanceTimersByTimeAsync(3100);
    await vi.waitUntil(() => battle.phase === 'votable');
  });

  it('asks for consent when the server does', async () => {
    serve('POST /arenas/x/battles', () => refuse(403, 'consent-required'));
    await model().open(null);
    expect(consents).toBe(1);
  });
});

describe('a vote', () => {
  it('sends choice, reasons and comment, and shows the reveal', async () => {
    const sent: unknown[] = [];
    serve('POST /battles/b1/vote', (body) => (sent.push(body), json(REVEAL)));
    const battle = await votable();
    battle.choose('model_b');
    battle.choose('model_a');
    battle.toggleReason('Short');
    battle.toggleReason('Right');
    battle.toggleReason('Short');
    battle.ballot.comment = ' fine ';
    await battle.submit();
    expect(sent).toEqual([{ outcome: 'model_a', reasons: ['Right'], comment: 'fine', usable: null }]);
    expect([battle.phase, battle.revealed]).toEqual(['voted', 1]);
    await vi.waitUntil(() => battle.standing.needs === 9);
  });

  it('is sent again until the connection is back, and only once at a time', async () => {
    serve('POST /battles/b1/vote', offline, () => refuse(503, 'x'), () => json(REVEAL));
    const battle = await votable();
    battle.choose('tie');
    const sending = battle.submit();
    void battle.submit();
    await vi.waitUntil(() => battle.ballot.saving === 'lost');
    battle.choose('model_a');
    battle.undo();
    expect(battle.ballot.choice).toBe('tie');
    await vi.advanceTimersByTimeAsync(4000);
    await sending;
    expect(battle.phase).toBe('voted');
    expect(calls.filter((c) => c.endsWith('/vote'))).toHaveLength(3);
  });

  it('whose answer got lost still ends in the reveal', async () => {
    serve('POST /battles/b1/vote', () => refuse(409, 'already-voted'));
    serve('GET /battles/b1', () => json(state('voted', { turns: [TURN], reveal: REVEAL })));
    const battle = await votable();
    battle.choose('tie');
    await battle.submit();
    expect([battle.phase, battle.revealed]).toEqual(['voted', 1]);
  });

  it('that is refused keeps the choice and says why', async () => {
    serve('POST /battles/b1/vote', () => refuse(422, 'invalid-input'));
    const battle = await votable();
    battle.choose('tie');
    await battle.submit();
    expect([battle.phase, battle.ballot.choice, battle.ballot.busy]).toEqual(['votable', 'tie', false]);
    expect(battle.hold.problem?.code).toBe('invalid-input');
  });
});

describe('a reload', () => {
  it('brings back the open battle with its choice', async () => {
    const before = await votable();
    before.choose('both_bad');
    before.toggleReason('Short');
    before.dispose();
    serve('GET /battles/b1', () => json(state('votable', { turns: [TURN] })));
    const after = model();
    await after.open(null);
    expect([after.phase, after.ballot.choice, after.ballot.reasons]).toEqual(['votable', 'both_bad', ['Short']]);
    expect(after.turn?.a.text).toBe('one');
  });

  it('shows the reveal of a battle that was voted on, without moving the focus', async () => {
    serve('GET /battles/b1', () => json(state('voted', { turns: [TURN], reveal: REVEAL })));
    const battle = model();
    await battle.open('b1');
    expect([battle.phase, battle.revealed]).toEqual(['voted', 0]);
  });

  it('looks again while the server is still writing', async () => {
    serve('GET /battles/b1', () => json(state('streaming', { turns: [{ ...TURN, status: 'streaming' }] })), () => json(state('votable', { turns: [TURN] })));
    const battle = model();
    await battle.open('b1');
    expect(battle.phase).toBe('remote');
    await vi.advanceTimersByTimeAsync(1600);
    await vi.waitUntil(() => battle.phase === 'votable');
  });

  it('says so where the battle belongs to somebody else', async () => {
    serve('GET /battles/b1', () => refuse(403, 'forbidden'));
    const battle = model();
    await battle.open('b1');
    expect(battle.phase).toBe('gone');
  });

  it('shows the latest attempt of a turn only', async () => {
    serve('GET /battles/b1', () => json(state('votable', { turns: [{ ...TURN, status: 'interrupted', a: 'old' }, TURN] })));
    const battle = model();
    await battle.open('b1');
    expect(battle.turns.map((turn) => turn.a.text)).toEqual(['one']);
  });
});

describe('a free battle', () => {
  it('is drawn with the first message only, and goes on with follow-ups', async () => {
    const battle = model('free');
    await battle.open(null);
    expect([battle.phase, calls.some((c) => c.startsWith('POST'))]).toEqual(['compose', false]);
    expect(await battle.send('Hello')).toBe(true);
    expect(battle.message.text).toBe('');
    battle.choose('model_a');
    await battle.send('And?');
    expect([battle.turns.length, battle.phase, battle.ballot.choice]).toEqual([2, 'votable', null]);
  });

  it('keeps a message that the server refuses', async () => {
    serve('POST /battles/b1/turns', () => refuse(422, 'invalid-input'));
    const battle = model('free');
    await battle.open(null);
    expect(await battle.send('too long')).toBe(false);
    expect([battle.phase, battle.message.text, battle.turns.length]).toEqual(['compose', 'too long', 0]);
  });

  it('keeps what was typed while the page asks for consent anew', async () => {
    serve('POST /arenas/x/battles', () => refuse(403, 'consent-required'), () => json(BATTLE));
    const before = model('free');
    await before.open(null);
    expect(await before.send('A long question')).toBe(false);
    expect(consents).toBe(1);
    before.dispose();
    const after = model('free');
    await after.open(null);
    expect([after.phase, after.message.text]).toEqual(['compose', 'A long question']);
    await after.send(after.message.text);
    expect([after.message.text, model('free').message.text]).toEqual(['', '']);
  });

  it('keeps a follow-up through a reload, but not into the next battle', async () => {
    const before = model('free');
    await before.open(null);
    await before.send('Hello');
    before.message.text = 'And';
    before.dispose();
    serve('GET /battles/b1', () => json(state('votable', { turns: [TURN] })));
    const after = model('free');
    await after.open(null);
    expect([after.phase, after.message.text]).toEqual(['votable', 'And']);
    await after.skip();
    expect([after.phase, after.message.text]).toEqual(['compose', '']);
  });

  it('keeps the answers when a follow-up is refused', async () => {
    serve('POST /battles/b1/turns', WHOLE, () => refuse(422, 'invalid-input'));
    const battle = model('free');
    await battle.open(null);
    await battle.send('Hello');
    expect(await battle.send('bad')).toBe(false);
    expect([battle.phase, battle.turns.length]).toEqual(['votable', 1]);
  });

  it('waits for the model and then opens the composer', async () => {
    const battle = model('free', 'loading');
    await battle.open(null);
    expect(battle.phase).toBe('notready');
    serve('GET /arenas/x', () => json(arena('free', 'loading')), () => json(arena('free')));
    await battle.checkReady();
    expect(battle.phase).toBe('notready');
    await battle.checkReady();
    expect(battle.phase).toBe('compose');
  });

  it('has no composer once the deadline has passed, and still shows an open battle', async () => {
    const late = model('free', 'closed');
    await late.open(null);
    expect([late.phase, shown.at(-1)]).toEqual(['closed', null]);
    serve('GET /battles/b1', () => json(state('votable', { turns: [TURN] })));
    await late.open('b1');
    expect(late.phase).toBe('votable');
  });

  it('says so when the deadline passes while it waits for the model', async () => {
    const battle = model('free', 'loading');
    await battle.open(null);
    serve('GET /arenas/x', () => json(arena('free', 'closed')));
    await battle.checkReady();
    expect(battle.phase).toBe('closed');
  });

  it('starts afresh after a skip', async () => {
    const battle = model('free');
    await battle.open(null);
    await battle.send('Hello');
    await battle.skip();
    expect([battle.phase, battle.id, shown.at(-1)]).toEqual(['compose', null, null]);
  });
});

describe('answering again', () => {
  const AGAIN = (): Response =>
    sse(['delta', { side: 'a', text: 'uno' }], ['delta', { side: 'b', text: 'dos' }], ['side_done', { side: 'a' }], ['side_done', { side: 'b' }], ['turn_done', { turn: 1 }]);

  it('shows the new answers in the place of the old ones', async () => {
    serve('POST /battles/b1/regenerate', AGAIN);
    const battle = model('free');
    await battle.start();
    await battle.send('Q');
    await battle.regenerate();

    expect(battle.turns.map((turn) => [turn.number, turn.content, turn.a.text, turn.b.text])).toEqual([[1, 'Q', 'uno', 'dos']]);
    expect(battle.phase).toBe('votable');
  });

  it('ends after the number of times that the arena allows', async () => {
    serve('GET /battles/b1', () => json(state('votable', { turns: [{ ...TURN, replaced: 3 }] })));
    const battle = model();
    await battle.open('b1');

    expect(battle.canRegenerate).toBe(false);
    await battle.regenerate();
    expect(calls).not.toContain('POST /battles/b1/regenerate');
  });

  it('keeps the answers where the server refuses, and says why', async () => {
    serve('POST /battles/b1/regenerate', () => json({ code: 'battle-state', title: '', detail: 'at most 3 times', status: 409, type: '' }, 409));
    const battle = model('free');
    await battle.start();
    await battle.send('Q');
    await battle.regenerate();

    expect([battle.phase, battle.turn?.a.text]).toEqual(['votable', 'one']);
    expect(dockStatus(battle).text).toContain('at most 3 times');
  });

  it('rests once a choice is made', async () => {
    const battle = model('free');
    await battle.start();
    await battle.send('Q');
    battle.choose('tie');

    expect(battle.canRegenerate).toBe(false);
  });
});

describe('chosen by name', () => {
  it('is a chat without a vote where there is one contestant', async () => {
    serve('GET /battles/b1', () => json(state('waiting', { mode: 'direct', contestants: { a: 'Redwood', b: null }, ticket: null })));
    serve('POST /battles/b1/turns', () => sse(['delta', { side: 'a', text: 'one' }], ['side_done', { side: 'a' }], ['turn_done', { turn: 1 }]));
    const battle = model('prepared');
    await battle.open('b1');
    expect(battle.phase).toBe('compose');
    await battle.send('Q');

    expect([battle.phase, battle.direct, battle.canVote]).toEqual(['votable', true, false]);
    expect(battle.turn?.activeSides).toEqual([]);
  });

  it('does not come back in the place of a blind battle', async () => {
    serve('GET /battles/b1', () => json(state('votable', { mode: 'side_by_side', contestants: { a: 'Redwood', b: 'Bluebell' }, turns: [TURN] })));
    const battle = model('free');
    await battle.open('b1');
    expect(battle.canVote).toBe(true);

    const later = model('free');
    await later.open(null);
    expect([later.phase, later.id]).toEqual(['compose', null]);
  });
});
