/** The judges' pages: what is asked for, and what verdicts are in words. */
import { describe, expect, it } from 'vitest';
import type { JudgeText } from '../src/api/judges';
import { listQuery, narrowed, readQuery, START, writeQuery } from '../src/judges/query';
import { agreeing, callWords, same } from '../src/judges/words';

const names = { a: 'alder', b: 'birch' };
const call = (given: Partial<JudgeText>): JudgeText => ({
  first: 'a', of: null, verdict: null, score: null, marks: [], text: '', error: null, unparsed: false, flagged: false,
  seconds: null, cost_usd: null, completion_tokens: null, ...given,
});

describe('the address', () => {
  it('says only what differs, and reads it back', () => {
    expect(writeQuery(START)).toBe('');
    const query = { ...START, flag: 'flipped' as const, one: 'a&b', blind: false, offset: 50, item: 'k' };
    expect(readQuery(writeQuery(query))).toEqual(query);
  });
  it('leaves out what makes no sense', () => {
    expect(readQuery('?flag=pretty&voted=perhaps&offset=-3')).toEqual(START);
  });
  it('asks the API blind unless told otherwise', () => {
    expect(listQuery(START)).toBe('blind=true&limit=50');
    expect(listQuery({ ...START, one: 'x', other: 'y', words: ' hi ', blind: false })).toBe('blind=false&limit=50&contestant=x&contestant=y&q=hi');
    expect(narrowed(START)).toBe(false);
    expect(narrowed({ ...START, words: 'x' })).toBe(true);
  });
});

describe('words', () => {
  it('turn a verdict about A and B as shown into the sides of the page', () => {
    expect(callWords(call({ verdict: 'A>B' }), names)).toBe('prefers alder');
    expect(callWords(call({ verdict: 'A>>B', first: 'b' }), names)).toBe('much prefers birch');
    expect(callWords(call({ verdict: 'B>A', first: 'b' }), names)).toBe('prefers alder');
    expect(callWords(call({ verdict: 'A=B' }), names)).toBe('calls it a tie');
    expect(callWords(call({ first: null, of: 'a', score: 7 }), names)).toBe('gives 7');
    expect(callWords(call({ unparsed: true }), names)).toContain('no verdict');
    expect(callWords(call({ error: 'down', unparsed: false }), names)).toBe('failed: down');
  });
  it('know which vote agrees with a judge', () => {
    expect(['a', 'b', 'tie', 'flipped', 'unparsed'].map((one) => agreeing(one as 'a'))).toEqual(['model_a', 'model_b', 'tie', null, null]);
    expect(same('both_bad', 'tie')).toBe(true);
    expect(same('tie', 'flipped')).toBe(false);
    expect(same('model_a', 'b')).toBe(false);
  });
});
