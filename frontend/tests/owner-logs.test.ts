import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { auditQuery, owner } from '../src/api/owner';
import { moderated } from '../src/owner/moderation';
import { nextSweep } from '../src/owner/retention';
import { json, Served } from './served';

let served: Served;
beforeEach(() => {
  served = new Served();
});
afterEach(() => vi.unstubAllGlobals());

test('the audit log is asked for with what is given only, and odd words survive', () => {
  expect(auditQuery({ what: '', who: '  ' })).toBe('');
  expect(auditQuery({ what: ' a&b=c ', who: '' })).toBe('?what=a%26b%3Dc');
  expect(auditQuery({ what: '', who: 'Owner' }, { before: 7, limit: 50 })).toBe('?who=Owner&before=7&limit=50');
  expect(auditQuery({ what: '', who: '' }, { before: undefined, limit: 50 })).toBe('?limit=50');
});

test('a page of the audit log leads to the next one', async () => {
  const line = (id: number) => ({ id, at: '2026-01-01T00:00:00Z', who: 'Owner', what: 'Logged in', detail: '' });
  served.serve('GET /owner/audit?what=log&limit=1', () => json({ lines: [line(2)], before: 2 }));
  served.serve('GET /owner/audit?what=log&before=2&limit=1', () => json({ lines: [line(1)], before: null }));
  const filter = { what: 'log', who: '' };
  const first = await owner.audit(filter, { limit: 1 });
  const rest = await owner.audit(filter, { before: first.before ?? undefined, limit: 1 });
  expect([...first.lines, ...rest.lines].map(({ id }) => id)).toEqual([2, 1]);
  expect(rest.before).toBeNull();
});

test.each([
  // One day: what began on the 21st goes when the 22nd is over.
  [1, '2026-11-22T00:00:00Z', '2026-11-23', '2026-11-21'],
  [1, '2026-11-22T23:59:59Z', '2026-11-23', '2026-11-21'],
  [30, '2026-03-01T12:00:00Z', '2026-03-02', '2026-01-30'],
])('with %i days, at %s, the next sweep is of %s and takes up to %s', (days, now, next, last) => {
  expect(nextSweep(days, Date.parse(now))).toEqual({ next, last });
});

test('what moderation did stays told after it is switched off', () => {
  const none = { arena: 'a', on: true, messages_refused: 0, answers_flagged: 0, checks_failed: 0 };
  expect(moderated(none)).toBe('0 messages refused, 0 answers marked, 0 checks failed');
  expect(moderated({ ...none, on: false })).toBe('not set up');
  expect(moderated({ ...none, on: false, messages_refused: 1 })).toBe('not set up, 1 message refused, 0 answers marked, 0 checks failed');
});
