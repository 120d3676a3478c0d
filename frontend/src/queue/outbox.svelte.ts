/** Votes and skips on their way to the server: kept until it has them, sent one by one in their order. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { QueueVote, QueueVoted } from '../api/types';
import { backoff, countDown, pause } from '../battle/retry';
import { keep } from '../battle/keep';

export type Post = { id: string; number: number } & ({ do: 'vote'; vote: QueueVote } | { do: 'skip' });

export class Outbox {
  posts = $state.raw<Post[]>([]);
  saving = $state<'no' | 'sending' | 'lost' | 'limited'>('no');
  /** Seconds until a rate limit ends. */
  limit = $state(0);
  private sending: Post | null = null;
  private running: Promise<void> | null = null;
  private alive = true;

  /**
   * @param onSaved told once the server has a vote; null is a skip
   * @param onRefused told why the server will not take one; true where it shall be kept for later
   */
  constructor(
    private readonly slug: string,
    private readonly onSaved: (post: Post, saved: QueueVoted | null) => void,
    private readonly onRefused: (post: Post, problem: Problem) => boolean,
  ) {
    this.posts = keep.outbox(slug);
  }

  /** The vote on a pair that the server does not have yet. */
  vote(id: string): QueueVote | null {
    const post = this.posts.filter((one) => one.id === id).at(-1);
    return post?.do === 'vote' ? post.vote : null;
  }

  /** Takes one up; an earlier one on the same pair that was not sent yet is of no use any more. */
  put(post: Post): void {
    this.set([...this.posts.filter((one) => one.id !== post.id || one === this.sending), post]);
    void this.flush();
  }

  /** Sends all; resolves when nothing is left, or nothing more can be sent now. */
  flush(): Promise<void> {
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  dispose(): void {
    this.alive = false;
  }

  private set(posts: Post[]): void {
    this.posts = posts;
    keep.setOutbox(this.slug, posts);
  }

  private async run(): Promise<void> {
    for (let attempt = 0; this.alive; ) {
      const post = (this.sending = this.posts[0] ?? null);
      if (!post) break;
      if (this.saving === 'no') this.saving = 'sending';
      try {
        const saved = await this.send(post);
        attempt = 0;
        this.saving = 'sending';
        this.drop(post);
        if (this.alive) this.onSaved(post, saved);
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code === 'rate-limited') {
          this.saving = 'limited';
          await countDown(problem.retryAfter ?? 5, (left) => (this.limit = left), () => this.alive);
        } else if (problem.transient) {
          this.saving = 'lost';
          await pause(backoff(attempt++));
        } else if (this.alive && this.onRefused(post, problem)) break;
        else this.drop(post);
      }
    }
    this.sending = null;
    this.saving = 'no';
  }

  private async send(post: Post): Promise<QueueVoted | null> {
    if (post.do === 'vote') return api.queueVote(this.slug, post.id, post.vote);
    await api.queueSkip(this.slug, post.id);
    return null;
  }

  private drop(post: Post): void {
    this.set(this.posts.filter((one) => one !== post));
  }
}
