/** The arena of the page that is open; the header shows it too. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { ArenaDetail, Progress } from '../api/types';

class CurrentArena {
  slug = $state<string | null>(null);
  detail = $state<ArenaDetail | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** How far the voter is; shown in the header while there are prepared prompts. */
  progress = $state<Progress | null>(null);

  /** Loads an arena unless it is loaded already; null leaves all arenas. */
  async open(slug: string | null): Promise<void> {
    if (slug === this.slug && (this.detail || slug === null)) return;
    this.slug = slug;
    this.detail = this.problem = this.progress = null;
    if (slug) await this.refresh();
  }

  async refresh(): Promise<void> {
    const { slug } = this;
    if (!slug) return;
    try {
      const detail = await api.arena(slug);
      if (this.slug === slug) {
        this.detail = detail;
        this.problem = null;
      }
    } catch (error) {
      if (this.slug === slug) this.problem = asProblem(error);
    }
  }
}

export const arena = new CurrentArena();
