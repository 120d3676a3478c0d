import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArenaDetail } from '../src/api/types';
import { BattleModel } from '../src/battle/model.svelte';
import { dockStatus, holdText } from '../src/battle/status';
import { json, Served, type Handler } from './served';

const BATTLE = { battle_id: 'b1', mode: 'battle', contestants: null, prompt: null, ticket: null, progress: { done: 0, total: 0 }, images: false };
const FOUND = 'Your message seems to hold 1 name. Nothing has been sent or stored yet.';
const sse = (...events: [string, object][]): Response =>
  new Response(events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
const DONE: [string, object][] = [['delta', { side: 'a', text: 'x' }], ['side_done', { side: 'a' }], ['side_done', { side: 'b' }], ['turn_done', { turn: 1 }]];

const refused = (code: string, detail: string): Response => json({ code, title: code, detail, status: 422, type: '' }, 422);
/** Answers with these, one after the other, and keeps what was asked. */
const turns = (...replies: Response[]): void =>
  served.serve(
    'POST /battles/b1/turns',
    ...replies.map((reply): Handler => (body) => {
      sent.push(body);
      return reply;
    }),
  );

let served: Served;
let sent: unknown[];

beforeEach(() => {
  sessionStorage.clear();
  served = new Served();
  sent = [];
  served.serve('GET /session', () => json({ session_id: 's', csrf_token: 'token', consents: [], is_owner: false }));
  served.serve('POST /arenas/x/battles', () => json(BATTLE));
});
afterEach(() => vi.unstubAllGlobals());

const model = (): BattleModel =>
  new BattleModel({ slug: 'x', prompt_mode: 'free', status: 'ready', reasons: [], follow_ups: true } as unknown as ArenaDetail, () => undefined, () => undefined);

describe('personal data in a message', () => {
  it('are asked about before anything is sent, and the message stays', async () => {
    turns(refused('personal-data-confirm', FOUND), sse(...DONE));
    const battle = model();
    await battle.start();
    expect(await battle.send('I am Lea')).toBe(false);
    expect([battle.phase, battle.message.text, battle.turns.length]).toEqual(['compose', 'I am Lea', 0]);
    expect(holdText(battle.hold)).toBe(FOUND);
    expect(battle.hold.problem?.code).toBe('personal-data-confirm');

    expect(await battle.send('I am Lea', true)).toBe(true);
    expect(sent).toEqual([{ content: 'I am Lea' }, { content: 'I am Lea', confirm: true }]);
    expect([battle.phase, battle.message.text, battle.hold.problem]).toEqual(['votable', '', null]);
    battle.dispose();
  });

  it('are refused where the arena takes none; a retry sends nothing', async () => {
    turns(refused('personal-data', 'This arena takes none.'));
    const battle = model();
    await battle.start();
    await battle.send('I am Lea');
    battle.hold.retry();
    expect(sent.length).toBe(1);
    expect([battle.phase, battle.message.text]).toEqual(['compose', 'I am Lea']);
    battle.dispose();
  });

  it('leave a follow-up in its field, and the dock says why', async () => {
    turns(sse(...DONE), refused('personal-data-confirm', FOUND));
    const battle = model();
    await battle.start();
    await battle.send('Hello');
    await battle.send('I am Lea');
    expect([battle.phase, battle.message.text, battle.turns.length]).toEqual(['votable', 'I am Lea', 1]);
    expect(dockStatus(battle)).toEqual({ text: FOUND, alarm: true });
    battle.dispose();
  });

  it('are shown as they were replaced', async () => {
    turns(sse(['message_changed', { content: 'I am [NAME_1]', replaced: '1 name' }], ...DONE));
    const battle = model();
    await battle.start();
    await battle.send('I am Lea');
    expect([battle.turn?.content, battle.turn?.masked, battle.turn?.a.text]).toEqual(['I am [NAME_1]', '1 name', 'x']);
    battle.dispose();
  });
});
