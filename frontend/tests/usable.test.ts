import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArenaDetail, Reveal } from '../src/api/types';
import { keep } from '../src/battle/keep';
import { BattleModel } from '../src/battle/model.svelte';
import { json, refuse, Served } from './served';

const TURN = { number: 1, content: 'Q', status: 'complete', replaced: 0, images: [], a: 'one', b: 'two' };
const BATTLE = {
  battle_id: 'b1', prompt: 'Q', ticket: null, progress: { done: 0, total: 9 }, images: false, mode: 'battle', contestants: null,
  status: 'votable', turns: [TURN], reveal: null,
};
const REVEAL = { a: {}, b: {}, outcome: 'model_a', counted: true, excluded: null } as unknown as Reveal;
const WHOLE = { a: { send: 'after_edits', breaks_policy: false }, b: { send: 'never', breaks_policy: true } };

let served: Served;
let sent: unknown[];

beforeEach(() => {
  sessionStorage.clear();
  [served, sent] = [new Served(), []];
  served.serve('GET /session', () => json({ session_id: 's', csrf_token: 'token', consents: [], is_owner: false }));
  served.serve('GET /arenas/x/me', () => json({ progress: { done: 1, total: 9 }, votes: 1, mirror_needs: 9, mirror: null }));
  served.serve('GET /battles/b1', () => json(BATTLE));
  served.serve('POST /battles/b1/vote', (body) => (sent.push(body), json(REVEAL)));
});
afterEach(() => vi.unstubAllGlobals());

async function opened(asks = true): Promise<BattleModel> {
  const arena = { slug: 'x', prompt_mode: 'prepared', status: 'ready', reasons: ['Short'], follow_ups: true, usable_answer: asks };
  const battle = new BattleModel(arena as unknown as ArenaDetail, () => undefined, () => undefined);
  await battle.open('b1');
  expect(battle.phase).toBe('votable');
  return battle;
}
function say(battle: BattleModel): void {
  battle.setSend('a', 'as_is');
  battle.setSend('a', 'after_edits');
  battle.setSend('b', 'never');
  battle.toggleBreach('b');
}

describe('what a voter would do with each answer', () => {
  it('is sent with the vote', async () => {
    const battle = await opened();
    say(battle);
    battle.choose('model_a');
    await battle.submit();
    expect(sent).toEqual([{ outcome: 'model_a', reasons: [], comment: '', usable: WHOLE }]);
    expect(battle.phase).toBe('voted');
    expect(battle.ballot.use.any).toBe(false);
  });

  it('is needed before the reveal, and says of which side', async () => {
    const battle = await opened();
    battle.choose('tie');
    expect(battle.ballot.use.complaint).toBe('');
    await battle.submit();
    expect(sent).toEqual([]);
    expect(battle.ballot.use.complaint).toBe('Would you send A, would you send B? Say so below each answer.');
    battle.setSend('a', 'as_is');
    expect(battle.ballot.use.missing).toEqual(['b']);
    expect(battle.ballot.use.complaint).toBe('Would you send B? Say as it is, after edits or never, below the answer.');
    battle.setSend('b', 'as_is');
    expect(battle.ballot.use.complaint).toBe('');
    await battle.submit();
    expect(sent).toHaveLength(1);
  });

  it('outlives a reload before and after the choice', async () => {
    const first = await opened();
    say(first);
    const second = await opened();
    expect([second.ballot.choice, second.ballot.use.answer]).toEqual([null, WHOLE]);
    second.choose('model_b');
    const third = await opened();
    expect([third.ballot.choice, third.ballot.use.answer]).toEqual(['model_b', WHOLE]);
  });

  it('stays when the choice is undone', async () => {
    const battle = await opened();
    say(battle);
    battle.choose('model_a');
    battle.undo();
    expect([battle.ballot.choice, battle.ballot.use.answer]).toEqual([null, WHOLE]);
    expect((await opened()).ballot.use.answer).toEqual(WHOLE);
  });

  it('is gone after another message: the answers are others', async () => {
    const battle = await opened();
    say(battle);
    served.serve('POST /battles/b1/turns', () => refuse(422, 'invalid-input'));
    await battle.send('And now?');
    expect(battle.ballot.use.any).toBe(false);
    expect(keep.draft('b1')).toBeNull();
  });

  it('is not asked elsewhere', async () => {
    const battle = await opened(false);
    say(battle);
    expect(battle.ballot.use.any).toBe(false);
    battle.choose('model_a');
    await battle.submit();
    expect(sent).toEqual([{ outcome: 'model_a', reasons: [], comment: '', usable: null }]);
  });
});
