/** What a voter would do with each answer, in arenas that ask. */
import { SIDES, type Send, type Side, type Usable } from '../api/types';
import { t } from '../i18n';

export interface Said {
  send: Send | null;
  breaks_policy: boolean;
}
export type SaidOfBoth = Record<Side, Said>;

const nothing = (): SaidOfBoth => ({
  a: { send: null, breaks_policy: false },
  b: { send: null, breaks_policy: false },
});

export class Use {
  said = $state<SaidOfBoth>(nothing());
  /** The vote was to be sent while something was missing. */
  wanted = $state(false);

  get missing(): Side[] {
    return SIDES.filter((side) => this.said[side].send === null);
  }

  get any(): boolean {
    return SIDES.some((side) => this.said[side].send !== null || this.said[side].breaks_policy);
  }

  /** As the server takes it; null while something is missing. */
  get answer(): Usable | null {
    const { a, b } = this.said;
    if (a.send === null || b.send === null) return null;
    return { a: { send: a.send, breaks_policy: a.breaks_policy }, b: { send: b.send, breaks_policy: b.breaks_policy } };
  }

  /** What is still to be said, in words; '' is nothing. */
  get complaint(): string {
    const [side, other] = this.missing;
    if (!this.wanted || !side) return '';
    return other ? t('use.missing_both') : t('use.missing', { side: side.toUpperCase() });
  }

  /** The side to go to, where sending was tried before all was said. */
  get asked(): Side | undefined {
    return this.complaint ? this.missing[0] : undefined;
  }

  setSend(side: Side, send: Send): void {
    this.said[side].send = send;
  }

  toggleBreach(side: Side): void {
    this.said[side].breaks_policy = !this.said[side].breaks_policy;
  }

  /** Takes up what was said before. */
  restore(said: SaidOfBoth | Usable | null | undefined): void {
    if (said) this.said = { a: { ...said.a }, b: { ...said.b } };
  }

  reset(): void {
    this.said = nothing();
    this.wanted = false;
  }
}

/** Puts the focus on the question below an answer, in the middle of the screen: the dock hides what is low. */
export function goToUse(side: Side): void {
  const field = document.querySelector<HTMLElement>(`[name="use-${side}"]`);
  field?.focus({ preventScroll: true });
  field?.closest('.use')?.scrollIntoView({ block: 'center' });
}
