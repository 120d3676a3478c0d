/** Something read from the server that may be read again; only the newest question is answered. */
import { asProblem } from '../api/problem';
import { t } from '../i18n';

/** One sentence on what went wrong with a request. */
export function problemText(thrown: unknown): string {
  const problem = asProblem(thrown);
  if (problem.code === 'offline') return t('app.offline');
  if (problem.code === 'rate-limited') return t('app.rate_limited', { seconds: problem.retryAfter ?? 5 });
  return t('app.error', { detail: problem.message });
}

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  /** What went wrong at the last try; the value of an earlier one stays. */
  error = $state('');
  private abort = new AbortController();

  async load(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.stop();
    const { signal } = this.abort;
    try {
      const value = await ask(signal);
      if (!signal.aborted) [this.value, this.error] = [value, ''];
    } catch (thrown) {
      if (!signal.aborted) this.error = problemText(thrown);
    }
  }

  /** Forgets a question that is under way. */
  stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
  }
}
