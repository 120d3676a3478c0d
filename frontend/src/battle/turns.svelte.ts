/** The turns of a battle as the page shows them, and how stream events change them. */
import type { TurnEvent } from '../api/client';
import { SIDES, type Side, type Turn } from '../api/types';

export type SideState = 'waiting' | 'writing' | 'complete' | 'stopped' | 'failed' | 'interrupted';

export class SideView {
  text = $state('');
  state = $state<SideState>('waiting');
  stopping = $state(false);
  slow = $state(false);
  /** Why it failed, in the server's own neutral words; '' is unknown. */
  cause = $state('');
  /** Text that has arrived but is not shown yet; see `flush`. */
  pending = '';
  lastToken = performance.now();

  get active(): boolean {
    return this.state === 'waiting' || this.state === 'writing';
  }

  end(state: SideState): void {
    this.flush();
    this.slow = false;
    this.state = state;
  }

  flush(): void {
    if (this.pending === '') return;
    this.text += this.pending;
    this.pending = '';
  }
}

export class TurnView {
  readonly a = new SideView();
  readonly b = new SideView();

  /** As it is sent and kept; personal data may have been replaced. */
  content = $state('');
  /** How often it has been answered before. */
  again = 0;
  /** What was replaced, in words; '' is nothing. */
  masked = $state('');
  /** Addresses of the pictures that went with it. */
  images: readonly string[] = [];

  constructor(
    readonly number: number,
    content: string,
  ) {
    this.content = content;
  }

  side(side: Side): SideView {
    return side === 'a' ? this.a : this.b;
  }

  get activeSides(): Side[] {
    return SIDES.filter((side) => this.side(side).active);
  }

  get interrupted(): boolean {
    return this.a.state === 'interrupted' || this.b.state === 'interrupted';
  }

  get failedSides(): Side[] {
    return SIDES.filter((side) => this.side(side).state === 'failed');
  }

  /** Applies one stream event, without showing new text yet. */
  apply(event: TurnEvent): void {
    if (event.event === 'message_changed') {
      this.content = event.content;
      this.masked = event.replaced;
    } else if (event.event === 'delta') {
      const view = this.side(event.side);
      view.pending += event.text;
      view.lastToken = performance.now();
      if (view.state === 'waiting') view.state = 'writing';
      if (view.slow) view.slow = false;
    } else if (event.event === 'side_done') {
      const view = this.side(event.side);
      if (view.active) view.end(view.stopping ? 'stopped' : 'complete');
    } else if (event.event === 'turn_done') {
      for (const side of this.activeSides) this.side(side).end('complete');
    } else if (event.side) {
      this.side(event.side).cause = event.detail;
      this.side(event.side).end('failed');
    }
  }

  flush(): void {
    this.a.flush();
    this.b.flush();
  }

  /** Marks the sides that have been silent for longer than `limit` ms. */
  markSlow(limit: number): void {
    const now = performance.now();
    for (const side of this.activeSides) {
      const view = this.side(side);
      view.slow = now - view.lastToken > limit;
    }
  }
}

const STATE_OF: Record<Turn['status'], SideState> = {
  streaming: 'writing',
  complete: 'complete',
  failed: 'interrupted', // which side failed is not told afterwards
  replaced: 'interrupted', // by an answer that is not there yet
  interrupted: 'interrupted',
};

/**
 * Builds the views of stored turns; of several attempts the latest counts.
 * @param at the address below which their pictures are
 */
export function turnsFrom(turns: readonly Turn[], at = ''): TurnView[] {
  const latest = new Map(turns.map((turn) => [turn.number, turn]));
  return [...latest.values()].map((turn) => {
    const view = new TurnView(turn.number, turn.content);
    view.again = turn.replaced;
    view.images = turn.images.map(({ id }) => `/api/${at}/images/${id}`);
    for (const side of SIDES) {
      view.side(side).text = turn[side];
      view.side(side).state = STATE_OF[turn.status];
    }
    return view;
  });
}
