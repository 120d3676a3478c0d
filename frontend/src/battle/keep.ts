/** What neither a reload nor a new consent may lose: the open battle, a message and choices not sent yet. */
import type { Outcome } from '../api/types';
import type { Post } from '../queue/outbox.svelte';
import type { SaidOfBoth } from './usable.svelte';

export interface Draft {
  outcome: Outcome | null;
  reasons: string[];
  comment: string;
  usable?: SaidOfBoth;
}

const openKey = (slug: string): string => `blindarena.open.${slug}`;
const messageKey = (slug: string): string => `blindarena.message.${slug}`;
const draftKey = (id: string): string => `blindarena.choice.${id}`;
const outboxKey = (slug: string): string => `blindarena.outbox.${slug}`;

const AT_ONCE = 'blindarena.at-once';

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden or full; the battle itself is safe on the server.
  }
}

function parsed<T>(key: string): T | null {
  try {
    return JSON.parse(read(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

export const keep = {
  openBattle: (slug: string): string | null => read(openKey(slug)),
  setOpenBattle: (slug: string, id: string | null): void => write(openKey(slug), id),
  message: (slug: string): string => read(messageKey(slug)) ?? '',
  setMessage: (slug: string, text: string): void => write(messageKey(slug), text || null),
  draft: (id: string): Draft | null => parsed<Draft>(draftKey(id)),
  setDraft: (id: string, draft: Draft | null): void => write(draftKey(id), draft && JSON.stringify(draft)),
  /** How this person likes to vote in queues; it outlives the visit. */
  atOnce(): boolean {
    try {
      return localStorage.getItem(AT_ONCE) !== 'no';
    } catch {
      return true;
    }
  },
  setAtOnce(on: boolean): void {
    try {
      localStorage.setItem(AT_ONCE, on ? 'yes' : 'no');
    } catch {
      // Where storage is forbidden it lasts until the page closes.
    }
  },
  outbox: (slug: string): Post[] => parsed<Post[]>(outboxKey(slug)) ?? [],
  setOutbox: (slug: string, posts: Post[]): void => write(outboxKey(slug), posts.length > 0 ? JSON.stringify(posts) : null),
};
