/** The pair after the one that is being read: fetched early, or asked for until the server answers. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { QueueNext } from '../api/types';
import { backoff, pause } from '../battle/retry';

export class Ahead {
  private early: { after: string; next: Promise<QueueNext | null> } | null = null;

  constructor(private readonly slug: string) {}

  /**
   * Fetches the pair after this one, so that it is there at once.
   * @param stored resolves when the votes before it are stored: what the server counts for them then stands still
   */
  prepare(after: string, stored: Promise<void>): void {
    if (this.early?.after === after) return;
    const turn = Promise.race([stored, pause(1)]);
    this.early = { after, next: turn.then(() => api.queueNext(this.slug, after)).catch(() => null) };
  }

  /** What was fetched early; null is nothing. */
  async take(after: string | null): Promise<QueueNext | null> {
    return this.early !== null && this.early.after === after ? this.early.next : null;
  }

  clear(): void {
    this.early = null;
  }

  /**
   * Asks for the pair after another, again while the connection is lost.
   * @param lost told each time that no answer came
   */
  async ask(after: string | null, signal: AbortSignal, lost: (problem: Problem) => void): Promise<QueueNext> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await api.queueNext(this.slug, after);
      } catch (error) {
        const problem = asProblem(error);
        if (!problem.transient || signal.aborted) throw problem;
        lost(problem);
        await pause(backoff(attempt));
        if (signal.aborted) throw problem;
      }
    }
  }
}
