/** The pairs of one visit to a review queue, in the order of the queue. */
import type { QueueItem } from '../api/types';

export class Trail {
  private readonly items = new Map<string, QueueItem>();
  private order: string[] = [];

  get last(): QueueItem | undefined {
    return this.get(this.order.at(-1));
  }

  get(id: string | undefined): QueueItem | undefined {
    return id === undefined ? undefined : this.items.get(id);
  }

  after(id: string): QueueItem | undefined {
    return this.get(this.order[this.order.indexOf(id) + 1]);
  }

  before(id: string): QueueItem | undefined {
    return this.get(this.order[this.order.indexOf(id) - 1]);
  }

  /** Puts a pair at the end; one that was left open comes there again. */
  append(item: QueueItem): void {
    this.order = [...this.order.filter((id) => id !== item.battle_id), item.battle_id];
    this.items.set(item.battle_id, item);
  }

  /** Puts a pair of an earlier visit at the beginning. */
  prepend(item: QueueItem): void {
    this.order = [item.battle_id, ...this.order];
    this.items.set(item.battle_id, item);
  }

  /** Keeps what has changed on a pair of the trail. */
  update(item: QueueItem): void {
    this.items.set(item.battle_id, item);
  }
}
