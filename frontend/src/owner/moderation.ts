/** What moderation did in an arena, in words. */
import type { Moderation } from '../api/owner';
import { o, on } from '../i18n/owner';

/** Returns the counts; where nothing is set up, only what is left of an earlier time. */
export function moderated({ on: active, messages_refused: refused, answers_flagged: flagged, checks_failed: failed }: Moderation): string {
  const counts = [on('privacy.refused', refused), on('privacy.flagged', flagged), on('privacy.failed', failed)];
  if (active) return counts.join(', ');
  return [o('privacy.moderation_off'), ...(refused + flagged + failed > 0 ? counts : [])].join(', ');
}
