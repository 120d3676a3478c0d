/** One rater's way through the review queue; the pages only show it. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { ArenaDetail, Outcome, QueueItem, QueueState, QueueVote, QueueVoted, Send, Side } from '../api/types';
import { Ballot } from '../battle/ballot.svelte';
import { Hold } from '../battle/hold.svelte';
import { keep } from '../battle/keep';
import { t } from '../i18n';
import { say } from '../lib/announce.svelte';
import { Ahead } from './ahead';
import { Outbox, type Post } from './outbox.svelte';
import { ENDED, type QueuePhase } from './phase';
import { Renewal } from './renewal';
import { Trail } from './trail';
import { refused, same, voted } from './words';

/** A press sooner than this after a pair has come up was meant for the one before. */
export const SETTLE_MS = 300;

export class QueueModel {
  phase = $state<QueuePhase>('loading');
  item = $state.raw<QueueItem | null>(null);
  state = $state.raw<QueueState | null>(null);
  /** What happened to an earlier vote, where the rater should know; '' is nothing. */
  notice = $state('');
  /** Grows whenever another pair or message is shown, so that the focus can follow. */
  shown = $state(0);
  atOnce = $state(keep.atOnce());
  readonly ballot = new Ballot();
  readonly hold = new Hold();
  readonly outbox: Outbox;

  private trail = new Trail();
  private readonly renewal: Renewal;
  private readonly ahead: Ahead;
  private abort = new AbortController();
  private since = 0;

  /**
   * @param onConsent told when the server asks for consent again
   * @param onChange told when the arena has another version now
   */
  constructor(
    readonly arena: ArenaDetail,
    private readonly onConsent: () => void,
    private readonly onChange: () => void,
  ) {
    this.renewal = new Renewal(arena.slug);
    this.ahead = new Ahead(arena.slug);
    this.outbox = new Outbox(
      arena.slug,
      (post, saved) => this.save(post, saved),
      (post, problem) => this.refuse(post, problem),
    );
  }

  get canVote(): boolean {
    return this.phase === 'rating' && performance.now() - this.since >= SETTLE_MS;
  }

  /** What was voted on this pair before, sent or not. */
  get before(): Outcome | null {
    return this.item ? (this.stored(this.item)?.outcome ?? null) : null;
  }

  get newest(): boolean {
    return this.item?.battle_id === this.trail.last?.battle_id;
  }

  get canGoBack(): boolean {
    if (ENDED.has(this.phase)) return this.trail.last !== undefined;
    const { item } = this;
    return this.phase === 'rating' && item !== null && (this.trail.before(item.battle_id) !== undefined || item.previous !== null);
  }

  /** How many pairs this rater has done, with those whose votes are still on their way. */
  get done(): number {
    const fresh = this.outbox.posts.filter((post) => post.do === 'vote' && !this.trail.get(post.id)?.vote);
    return (this.state?.done ?? 0) + new Set(fresh.map((post) => post.id)).size;
  }

  /** Shows the first pair without a vote. */
  async open(): Promise<void> {
    this.reset();
    const { signal } = this.abort;
    try {
      if (this.outbox.posts.length > 0) await this.outbox.flush();
      const state = await this.join();
      if (signal.aborted) return;
      this.state = state;
      await this.go(null);
    } catch (error) {
      if (!signal.aborted) this.stop(asProblem(error), () => void this.open());
    }
  }

  choose(outcome: Outcome): void {
    const { item } = this;
    if (!item || !this.canVote) return;
    this.hold.clear();
    this.ballot.choose(item.battle_id, outcome);
    if (this.atOnce && !item.usable_answer) void this.submit();
  }

  undo(): void {
    if (!this.item || !this.ballot.choice) return;
    this.ballot.undo(this.item.battle_id);
    this.ballot.choice = this.before;
    say(t('say.undone'));
  }

  toggleReason(reason: string): void {
    if (this.item) this.ballot.toggle(this.item.battle_id, reason);
  }

  setSend(side: Side, send: Send): void {
    if (this.item?.usable_answer) this.ballot.setSend(this.item.battle_id, side, send);
  }

  toggleBreach(side: Side): void {
    if (this.item?.usable_answer) this.ballot.toggleBreach(this.item.battle_id, side);
  }

  setAtOnce(on: boolean): void {
    this.atOnce = on;
    keep.setAtOnce(on);
  }

  /** Takes the vote up and goes on; it is sent beside. */
  async submit(): Promise<void> {
    const { item, ballot } = this;
    if (!item || !ballot.choice || !this.canVote) return;
    if (item.usable_answer && ballot.use.missing.length > 0) {
      ballot.use.wanted = true;
      say(ballot.use.complaint);
      return;
    }
    const vote = { outcome: ballot.choice, reasons: [...ballot.reasons], comment: ballot.comment.trim(), usable: item.usable_answer ? ballot.use.answer : null };
    keep.setDraft(item.battle_id, null);
    this.notice = '';
    if (!same(vote, this.stored(item))) this.outbox.put({ do: 'vote', id: item.battle_id, number: item.number, vote });
    say(voted(item.number, vote.outcome));
    await this.go(item.battle_id);
  }

  /** Leaves this pair without a vote, or with the one it has. */
  async skip(): Promise<void> {
    const { item } = this;
    if (!item || this.phase !== 'rating') return;
    if (this.before === null) this.outbox.put({ do: 'skip', id: item.battle_id, number: item.number });
    await this.go(item.battle_id);
  }

  /** Shows the pair before this one again. */
  async back(): Promise<void> {
    if (!this.canGoBack) {
      say(t('queue.first'));
      return;
    }
    const { item } = this;
    const known = !item ? this.trail.last : this.trail.before(item.battle_id);
    if (known) return this.show(known);
    const id = item?.previous;
    if (!id) return;
    const { signal } = this.abort;
    try {
      const found = await api.queueItem(this.arena.slug, id);
      if (signal.aborted || this.item !== item) return;
      this.trail.prepend(found);
      this.show(found);
    } catch (error) {
      if (!signal.aborted) this.notice = refused(null, asProblem(error));
    }
  }

  dispose(): void {
    this.renewal.stop();
    this.abort.abort();
    this.outbox.dispose();
  }

  private stored(item: QueueItem): QueueVote | null {
    return this.outbox.vote(item.battle_id) ?? item.vote;
  }

  private reset(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.renewal.stop();
    this.phase = 'loading';
    this.item = null;
    this.ahead.clear();
    this.trail = new Trail();
    this.hold.clear();
    this.ballot.reset();
  }

  /** A browser that is in the queue already needs no invite again. */
  private async join(): Promise<QueueState> {
    try {
      return await api.queue(this.arena.slug);
    } catch (error) {
      if (asProblem(error).code !== 'forbidden') throw error;
      return api.joinQueue(this.arena.slug, null);
    }
  }

  /** Shows the pair after one, which may be here already. */
  private async go(after: string | null): Promise<void> {
    const known = after === null ? undefined : this.trail.after(after);
    if (known) return this.show(known);
    const { signal } = this.abort;
    if (this.phase !== 'loading') this.phase = 'waiting';
    try {
      const early = await this.ahead.take(after);
      if (signal.aborted) return;
      if (early && !early.finished && !this.trail.get(early.battle_id)) return this.add(early);
      // Only with all votes stored can the server say whether anything is left.
      await this.outbox.flush();
      const next = signal.aborted ? null : await this.ahead.ask(after, signal, (problem) => (this.hold.problem = problem));
      if (signal.aborted || !next) return;
      if (next.finished) return this.finish();
      this.add(next);
    } catch (error) {
      if (!signal.aborted) this.stop(asProblem(error), () => void this.go(after));
    }
  }

  private add(item: QueueItem): void {
    this.trail.append(item);
    this.show(item);
  }

  private show(item: QueueItem): void {
    const { battle_id: id } = item;
    this.item = item;
    this.phase = 'rating';
    this.hold.clear();
    this.ballot.reset();
    const vote = keep.draft(id) ?? this.stored(item);
    if (vote) {
      this.ballot.choice = vote.outcome ?? this.before;
      this.ballot.use.restore(vote.usable);
      this.ballot.reasons = [...vote.reasons];
      this.ballot.comment = vote.comment;
    }
    this.since = performance.now();
    this.shown += 1;
    if (this.before === null) this.renewal.start(item);
    else this.renewal.stop();
    if (this.newest) this.ahead.prepare(id, this.outbox.flush());
  }

  private finish(phase: 'finished' | 'closed' | 'login' = 'finished'): void {
    this.renewal.stop();
    this.item = null;
    this.phase = phase;
    this.shown += 1;
    const { signal } = this.abort;
    api.queue(this.arena.slug).then(
      (state) => {
        if (!signal.aborted) this.state = state;
      },
      () => undefined,
    );
  }

  private stop(problem: Problem, again: () => void): void {
    if (problem.code === 'consent-required') this.onConsent();
    else if (problem.code === 'changed-meanwhile') this.onChange();
    else if (problem.code === 'forbidden') this.phase = 'uninvited';
    else if (problem.code === 'arena-closed') return this.finish('closed');
    else if (problem.code === 'login-required') return this.finish('login');
    else this.phase = 'blocked';
    this.hold.set(problem, again, this.abort.signal);
    this.shown += 1;
  }

  private save(post: Post, saved: QueueVoted | null): void {
    if (!saved || post.do !== 'vote') return;
    this.state = saved.state;
    const item = this.trail.get(post.id);
    if (!item) return;
    const known = { ...item, vote: { vote_id: saved.vote_id, ...post.vote } };
    this.trail.update(known);
    if (this.item?.battle_id === post.id) this.item = known;
  }

  /** The server will not take a vote or skip: says so, and starts anew where nothing else will do. */
  private refuse(post: Post, problem: Problem): boolean {
    if (problem.code === 'consent-required') {
      this.onConsent();
      return true;
    }
    this.notice = refused(post, problem);
    say(this.notice);
    if (problem.code === 'forbidden') this.stop(problem, () => void this.open());
    else if (problem.code === 'changed-meanwhile') this.onChange();
    return false;
  }
}
