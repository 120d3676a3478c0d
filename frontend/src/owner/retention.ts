/** When the retention clock deletes next, and what. */
import { dayUtc } from '../lib/format';

const DAY_MS = 86_400_000;

/**
 * Returns the day that begins next in UTC, and the last day whose texts are too old when it does.
 *
 * What was begun on a day is deleted when that day and `days` more are over (docs/privacy.md).
 */
export function nextSweep(days: number, now: number): { next: string; last: string } {
  const midnight = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
  return { next: dayUtc(midnight), last: dayUtc(midnight - (days + 1) * DAY_MS) };
}
