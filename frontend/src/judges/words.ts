/** What judges and people say of two answers, in words; pure. */
import type { JudgedItem, JudgeText, Outcome, Result } from '../api/judges';
import { j } from '../i18n/judges';
import { count, dollars, seconds } from '../lib/format';

export interface Sides {
  a: string;
  b: string;
}

export const turnWords = (turn: number): string => (turn === 0 ? j('whole') : j('turn', { n: turn }));

export const sidesOf = (item: JudgedItem): Sides => ({ a: item.a.name ?? 'A', b: item.b?.name ?? 'B' });

export function resultWords(result: Result, names: Sides): string {
  return result === 'a' || result === 'b' ? j('result.win', { name: names[result] }) : j(`result.${result}`);
}

export function voteWords(vote: Outcome, names: Sides): string {
  if (vote === 'model_a') return j('result.win', { name: names.a });
  if (vote === 'model_b') return j('result.win', { name: names.b });
  return j(`vote.${vote}`);
}

/** The vote that says what a judge says; null where it has no one word. */
export function agreeing(result: Result): Outcome | null {
  return result === 'a' ? 'model_a' : result === 'b' ? 'model_b' : result === 'tie' ? 'tie' : null;
}

/** Says whether a vote says what a judge says; both bad counts as a tie. */
export const same = (vote: Outcome, result: Result): boolean => agreeing(result) === (vote === 'both_bad' ? 'tie' : vote);

/** What one call of a judge came to, about the sides as shown. */
export function callWords(call: JudgeText, names: Sides): string {
  if (call.error !== null) return j('call.failed', { error: call.error });
  if (call.unparsed) return j('call.unparsed');
  if (call.verdict === null || call.first === null) return j('call.score', { score: call.score === null ? '-' : String(call.score) });
  if (call.verdict === 'A=B') return j('call.tie');
  const other = call.first === 'a' ? 'b' : 'a';
  const name = names[call.verdict.startsWith('A') ? call.first : other];
  return j(call.verdict.includes('>>') ? 'call.prefers_much' : 'call.prefers', { name });
}

/** What an answer or a call took; what is unknown is left out, unless that is all of it. */
export function factsOf(taken: { completion_tokens?: number | null; seconds?: number | null; cost_usd?: number | null }): string {
  const { completion_tokens: tokens = null, seconds: time = null, cost_usd: cost = null } = taken;
  const known = [
    tokens === null ? '' : j('item.tokens', { n: count(tokens) }),
    time === null ? '' : seconds(time),
    cost === null ? '' : dollars(cost),
  ].filter(Boolean);
  return known.length > 0 ? known.join(', ') : j('item.unmeasured');
}
