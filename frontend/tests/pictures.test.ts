import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArenaDetail } from '../src/api/types';
import { fault } from '../src/battle/attach';
import { BattleModel } from '../src/battle/model.svelte';
import { Served, json } from './served';

const PNG = { id: 1, name: 'a.png', src: 'data:image/png;base64,AAAA' };
const DRAWN = { battle_id: 'b1', mode: 'battle', contestants: null, prompt: null, ticket: null, progress: { done: 0, total: 0 } };
const DONE = (): Response =>
  new Response('event: side_done\ndata: {"side":"a"}\n\nevent: side_done\ndata: {"side":"b"}\n\nevent: turn_done\ndata: {"turn":1}\n\n');

let served: Served;
let drawn: unknown[];
let sent: unknown[];

beforeEach(() => {
  sessionStorage.clear();
  [served, drawn, sent] = [new Served(), [], []];
  served.serve('GET /session', () => json({ session_id: 's', csrf_token: 'token', consents: [], is_owner: false }));
  served.serve('POST /arenas/x/battles', (body) => (drawn.push(body), json({ ...DRAWN, images: (body as { images?: boolean }).images ?? false })));
  served.serve('POST /battles/b1/turns', (body) => (sent.push(body), DONE()));
});
afterEach(() => vi.unstubAllGlobals());

function model(images: ArenaDetail['images']): BattleModel {
  const arena = { slug: 'x', prompt_mode: 'free', status: 'ready', reasons: [], follow_ups: true, images, pii: 'off' };
  return new BattleModel(arena as unknown as ArenaDetail, () => undefined, () => undefined);
}

describe('pictures with a message', () => {
  it('are drawn for, sent as base64, shown, and gone from the composer', async () => {
    const battle = model('some');
    await battle.open(null);
    expect(battle.takesImages).toBe(true);
    battle.message.images = [PNG];
    await battle.send('What is this?');
    expect(drawn).toEqual([{ mode: 'battle', images: true }]);
    expect(sent).toEqual([{ content: 'What is this?', images: ['AAAA'] }]);
    expect(battle.turn?.images).toEqual([PNG.src]);
    expect([battle.message.text, battle.message.images]).toEqual(['', []]);
    expect(battle.takesImages).toBe(true);
  });

  it('are not offered later where the conversation began without', async () => {
    const battle = model('some');
    await battle.open(null);
    await battle.send('No picture.');
    expect(drawn).toEqual([{ mode: 'battle' }]);
    expect(sent).toEqual([{ content: 'No picture.' }]);
    expect(battle.takesImages).toBe(false);
  });

  it('that come after a first refusal draw another pair', async () => {
    const battle = model('some');
    await battle.open(null);
    served.serve('POST /battles/b1/turns', () => json({ code: 'personal-data-confirm', detail: 'A name?' }, 422));
    await battle.send('I am Ann.');
    served.serve('POST /battles/b1/turns', (body) => (sent.push(body), DONE()));
    battle.message.images = [PNG];
    await battle.send('I am Ann.', true);
    expect(drawn).toEqual([{ mode: 'battle' }, { mode: 'battle', images: true }]);
    expect(sent).toEqual([{ content: 'I am Ann.', confirm: true, images: ['AAAA'] }]);
  });

  it('stay in the composer where the server refuses them', async () => {
    const battle = model('all');
    await battle.open(null);
    served.serve('POST /battles/b1/turns', () => json({ code: 'invalid-input', detail: 'picture 1 moves' }, 422));
    battle.message.images = [PNG];
    expect(await battle.send('What is this?')).toBe(false);
    expect(battle.message.images).toEqual([PNG]);
    expect(battle.hold.problem?.detail).toBe('picture 1 moves');
  });

  it('of an interrupted message are asked of the server again', async () => {
    const turn = { number: 1, content: 'Q', status: 'interrupted', replaced: 0, images: [{ id: 'i1', width: 1, height: 1 }], a: '', b: '' };
    served.serve('GET /battles/b1', () => json({ ...DRAWN, images: true, status: 'waiting', turns: [turn], reveal: null }));
    const battle = model('some');
    await battle.open('b1');
    expect(battle.turn?.images).toEqual(['/api/battles/b1/images/i1']);
    await battle.again();
    expect(sent).toEqual([{ content: 'Q', confirm: true, keep_images: true }]);
    expect(battle.turn?.images).toEqual(['/api/battles/b1/images/i1']);
  });
});

describe('what is wrong with a file', () => {
  it('is said in one line', () => {
    expect(fault({ name: 'a.gif', type: 'image/gif', size: 9 })).toBe('a.gif is no PNG, JPEG or WebP picture.');
    expect(fault({ name: 'a.png', type: 'image/png', size: 6 * 2 ** 20 })).toContain('a.png has 6.0 MB; at most 5 MB');
    expect(fault({ name: 'a.webp', type: 'image/webp', size: 5 * 2 ** 20 })).toBe('');
  });
});
