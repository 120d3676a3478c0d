/** How far a voter is in an arena, and the mirror of their habits. */
import { api } from '../api/client';
import type { Mirror, Progress } from '../api/types';

export class Standing {
  progress = $state<Progress>({ done: 0, total: 0 });
  mirror = $state.raw<Mirror | null>(null);
  /** Decisive votes until the mirror; null is unknown. */
  needs = $state<number | null>(null);

  /** Fetches all of it; the page stays useful without. */
  async load(slug: string): Promise<void> {
    try {
      const me = await api.me(slug);
      this.progress = me.progress;
      this.mirror = me.mirror;
      this.needs = me.mirror_needs;
    } catch {
      this.needs = null;
    }
  }
}
