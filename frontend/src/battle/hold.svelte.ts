/** Why a battle does not go on at the moment, and what sends it on. */
import type { Problem } from '../api/problem';
import { countDown } from './retry';

export class Hold {
  problem = $state.raw<Problem | null>(null);
  /** Seconds until a rate limit ends; the request is then sent again by itself. */
  limit = $state(0);
  private again: (() => void) | null = null;

  clear(): void {
    this.problem = this.again = null;
    this.limit = 0;
  }

  /**
   * Shows a problem until `retry`, which comes by itself at the end of a rate limit.
   * @param signal aborted when the page has gone on to something else
   */
  set(problem: Problem, again: () => void, signal: AbortSignal): void {
    this.problem = problem;
    this.again = again;
    if (problem.code !== 'rate-limited') return;
    const alive = (): boolean => !signal.aborted && this.problem === problem;
    void countDown(problem.retryAfter ?? 5, (left) => (this.limit = left), alive).then(() => {
      if (alive()) this.retry();
    });
  }

  /** Sends the same request once more. */
  retry(): void {
    const { again } = this;
    this.clear();
    again?.();
  }
}
