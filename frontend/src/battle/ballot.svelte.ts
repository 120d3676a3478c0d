/** A voter's choice with its reasons, until the server has it. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { Outcome, Reveal, Send, Side } from '../api/types';
import { keep } from './keep';
import { backoff, countDown, pause } from './retry';
import { Use } from './usable.svelte';

export type Cast =
  | { result: 'saved'; reveal: Reveal }
  /** The battle went on without this page: another tab, or a vote whose answer got lost. */
  | { result: 'settled' }
  | { result: 'refused'; problem: Problem }
  | { result: 'left' };

export class Ballot {
  choice = $state<Outcome | null>(null);
  reasons = $state<string[]>([]);
  comment = $state('');
  readonly use = new Use();
  saving = $state<'no' | 'sending' | 'lost' | 'limited'>('no');
  /** Seconds until a rate limit ends. */
  limit = $state(0);

  get busy(): boolean {
    return this.saving !== 'no';
  }

  reset(): void {
    this.choice = null;
    this.reasons = [];
    this.comment = '';
    this.use.reset();
    this.saving = 'no';
  }

  choose(id: string, outcome: Outcome): void {
    this.choice = outcome;
    this.keep(id);
  }

  undo(id: string): void {
    this.choice = null;
    this.keep(id);
  }

  setSend(id: string, side: Side, send: Send): void {
    this.use.setSend(side, send);
    this.keep(id);
  }

  toggleBreach(id: string, side: Side): void {
    this.use.toggleBreach(side);
    this.keep(id);
  }

  toggle(id: string, reason: string): void {
    const has = this.reasons.includes(reason);
    this.reasons = has ? this.reasons.filter((r) => r !== reason) : [...this.reasons, reason];
    this.keep(id);
  }

  /** Takes up a choice that was made before a reload. */
  restore(id: string): void {
    const draft = keep.draft(id);
    if (!draft) return;
    this.choice = draft.outcome;
    this.reasons = draft.reasons;
    this.comment = draft.comment;
    this.use.restore(draft.usable);
  }

  /**
   * Sends the vote, and again while the connection is lost or the rate limited.
   *
   * @param asked the arena asks what the voter would do with each answer
   */
  async cast(id: string, alive: () => boolean, asked: boolean): Promise<Cast> {
    if (!this.choice) return { result: 'left' };
    this.keep(id);
    const vote = { outcome: this.choice, reasons: [...this.reasons], comment: this.comment.trim(), usable: asked ? this.use.answer : null };
    this.saving = 'sending';
    for (let attempt = 0; alive(); attempt++) {
      try {
        return { result: 'saved', reveal: await api.vote(id, vote) };
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code === 'already-voted' || problem.code === 'battle-state') return { result: 'settled' };
        if (problem.code === 'rate-limited') {
          this.saving = 'limited';
          await countDown(problem.retryAfter ?? 5, (left) => (this.limit = left), alive);
        } else if (problem.transient) {
          this.saving = 'lost';
          await pause(backoff(attempt));
        } else {
          this.saving = 'no';
          return { result: 'refused', problem };
        }
      }
    }
    return { result: 'left' };
  }

  private keep(id: string): void {
    const { choice: outcome, comment, use } = this;
    if (!outcome && !use.any) return keep.setDraft(id, null);
    keep.setDraft(id, { outcome, reasons: [...this.reasons], comment, ...(use.any ? { usable: $state.snapshot(use.said) } : {}) });
  }
}
