/** Everything that can go wrong with a request, in one error type. */

export type ProblemCode =
  | 'arena-read-only'
  | 'arena-closed'
  | 'battle-state'
  | 'already-voted'
  | 'prompts-exhausted'
  | 'not-ready'
  | 'consent-required'
  | 'login-required'
  | 'board-held'
  | 'forbidden'
  | 'invalid-input'
  | 'personal-data'
  | 'personal-data-confirm'
  | 'moderated'
  | 'rate-limited'
  | 'not-found'
  | 'changed-meanwhile'
  | 'offline'
  | 'unknown';

const KNOWN: ReadonlySet<string> = new Set<ProblemCode>([
  'arena-read-only',
  'arena-closed',
  'battle-state',
  'already-voted',
  'prompts-exhausted',
  'not-ready',
  'consent-required',
  'login-required',
  'board-held',
  'forbidden',
  'invalid-input',
  'personal-data',
  'personal-data-confirm',
  'moderated',
  'rate-limited',
  'not-found',
  'changed-meanwhile',
]);

export class Problem extends Error {
  /**
   * @param code stable name of the cause; `offline` where no answer came at all
   * @param status HTTP status, 0 where no answer came
   * @param detail one sentence of the server for a person, or ''
   * @param retryAfter seconds after which to come back, where the server said so
   */
  constructor(
    readonly code: ProblemCode,
    readonly status: number,
    readonly detail: string,
    readonly retryAfter: number | null = null,
  ) {
    super(detail || code);
    this.name = 'Problem';
  }

  /** Says whether the same request may succeed later without any change. */
  get transient(): boolean {
    return this.code === 'offline' || this.status >= 500;
  }
}

/** Says whether a message is wrong in itself, so that sending it again is of no use. */
export const toMend = ({ code }: Problem): boolean => code === 'invalid-input' || code === 'moderated' || code.startsWith('personal-data');

/** Turns any thrown value into a Problem; a network failure becomes `offline`. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('offline', 0, '');
}

/** Reads the `application/problem+json` body of a failed response. */
export async function readProblem(response: Response): Promise<Problem> {
  let code: ProblemCode = 'unknown';
  let detail = '';
  try {
    const body: unknown = await response.json();
    if (body !== null && typeof body === 'object') {
      const fields = body as Record<string, unknown>;
      if (typeof fields.code === 'string' && KNOWN.has(fields.code)) code = fields.code as ProblemCode;
      detail = [fields.detail, fields.title].find((x): x is string => typeof x === 'string' && x !== '') ?? '';
    }
  } catch {
    // A proxy in between may answer with HTML; the status still tells enough.
  }
  if (code === 'unknown' && response.status === 429) code = 'rate-limited';
  if (code === 'unknown' && response.status === 404) code = 'not-found';
  const seconds = Number(response.headers.get('Retry-After'));
  const retryAfter = response.headers.has('Retry-After') && Number.isFinite(seconds) ? Math.max(1, seconds) : null;
  return new Problem(code, response.status, detail, retryAfter);
}
