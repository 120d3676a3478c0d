/** Keeps a pair held for its rater while it is open on the page. */
import { api } from '../api/client';
import type { QueueItem } from '../api/types';

const AT_LEAST_MS = 5000;

export class Renewal {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly slug: string) {}

  /** Asks for the pair again at half of its time, until `stop`. */
  start(item: QueueItem): void {
    this.stop();
    const left = Date.parse(item.expires_at) - Date.now();
    const timer = setTimeout(
      () => {
        api.queueItem(this.slug, item.battle_id).then(
          (renewed) => {
            if (this.timer === timer) this.start(renewed);
          },
          () => undefined, // the vote itself will tell
        );
      },
      Math.max(AT_LEAST_MS, left / 2),
    );
    this.timer = timer;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
