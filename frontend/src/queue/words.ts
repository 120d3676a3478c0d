/** What the review queue says in sentences; pure. */
import type { Problem } from '../api/problem';
import type { Outcome, QueueState, QueueVote } from '../api/types';
import { t, tn } from '../i18n';
import type { QueueModel } from './model.svelte';
import type { Post } from './outbox.svelte';

const VOTED = { model_a: 'vote.a', model_b: 'vote.b', tie: 'vote.tie', both_bad: 'vote.bad' } as const;

/** "Pair 7: A is better." */
export const voted = (number: number, outcome: Outcome): string =>
  t('queue.voted', { number, vote: t(VOTED[outcome]) });

/** Says whether two votes say the same; the order of reasons does not matter. */
export function same(a: QueueVote, b: QueueVote | null): boolean {
  if (!b || a.outcome !== b.outcome || a.comment !== b.comment) return false;
  if (JSON.stringify(a.usable) !== JSON.stringify(b.usable)) return false;
  return a.reasons.length === b.reasons.length && a.reasons.every((reason) => b.reasons.includes(reason));
}

/** "7 of 24 done, about 6 minutes left"; an unknown time is left out. */
export function ownProgress(state: QueueState, done: number): string {
  const said = t('queue.done', { done: Math.min(done, state.total), total: state.total });
  const minutes = state.minutes_left_estimate;
  if (minutes === null || done >= state.total) return said;
  return `${said}, ${minutes < 1 ? t('queue.under_minute') : tn('queue.minutes', Math.round(minutes))}`;
}

/** What is said at the end, which may come before every pair is done. */
export function finishedTitle(state: QueueState | null): string {
  const { done, total } = state ?? { done: 0, total: 0 };
  if (done === 0) return t('queue.empty');
  return done >= total ? tn('queue.finished', done) : t('queue.finished_some', { done, total });
}

/** How far all raters together are. */
export const arenaProgress = (state: QueueState): string =>
  t('queue.all_done', { done: state.arena_done, total: state.arena_total });

/** Why the server did not take a vote or a skip, or why a pair is not shown (null). */
export function refused(post: Post | null, problem: Problem): string {
  if (problem.code === 'offline') return t('app.offline');
  if (problem.code === 'rate-limited') return t('app.rate_limited', { seconds: problem.retryAfter ?? 5 });
  if (!post) return t('app.error', { detail: problem.message });
  if (problem.code === 'changed-meanwhile') return t('queue.changed', { number: post.number });
  return t('queue.refused', { number: post.number, detail: problem.message });
}

export interface QueueStatus {
  text: string;
  /** Something that needs the rater's attention. */
  alarm: boolean;
}

/** The one line of the dock: what goes on, and what a key does now. */
export function queueStatus(model: QueueModel, touch = false): QueueStatus {
  const { outbox, hold, item } = model;
  if (outbox.saving === 'lost') return { text: tn('queue.lost', outbox.posts.length), alarm: true };
  if (outbox.saving === 'limited') return { text: t('app.rate_limited', { seconds: outbox.limit }), alarm: true };
  if (hold.limit > 0) return { text: t('app.rate_limited', { seconds: hold.limit }), alarm: true };
  if (hold.problem) return { text: refused(null, hold.problem), alarm: true };
  if (model.ballot.use.complaint) return { text: model.ballot.use.complaint, alarm: true };
  if (model.notice) return { text: model.notice, alarm: true };
  if (model.phase === 'loading') return { text: t('queue.loading'), alarm: false };
  if (model.phase === 'waiting' || !item) return { text: t(outbox.posts.length > 0 ? 'dock.saving' : 'queue.waiting'), alarm: false };
  const before = model.before;
  if (before !== null && before === model.ballot.choice) return { text: t('queue.was', { vote: t(VOTED[before]) }), alarm: false };
  if (model.ballot.choice) {
    return { text: t(touch ? 'queue.chosen_tap' : 'queue.chosen', { vote: t(VOTED[model.ballot.choice]) }), alarm: false };
  }
  const hint =
    item.usable_answer ? (touch ? 'queue.hint_tap_usable' : 'queue.hint_usable')
    : model.atOnce ? (touch ? 'queue.hint_tap' : 'queue.hint_at_once')
    : touch ? 'queue.hint_tap_send'
    : 'queue.hint_enter';
  return { text: t(hint), alarm: false };
}
