/** A voter's choice with its reasons, until the server has it. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { Outcome, Reveal } from '../api/types';
import { keep } from './keep';
import { backoff, countDown, pause } from './retry';

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
    this.saving = 'no';
  }

  choose(id: string, outcome: Outcome): void {
    this.choice = outcome;
    this.keep(id);
  }

  undo(id: string): void {
    this.choice = null;
    keep.setDraft(id, null);
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
  }

  /** Sends the vote, and again while the connection is lost or the rate limited. */
  async cast(id: string, alive: () => boolean): Promise<Cast> {
    if (!this.choice) return { result: 'left' };
    this.keep(id);
    const vote = { outcome: this.choice, reasons: [...this.reasons], comment: this.comment.trim() };
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
    if (this.choice) keep.setDraft(id, { outcome: this.choice, reasons: [...this.reasons], comment: this.comment });
  }
}
