/** What neither a reload nor a new consent may lose: the open battle, a message and a choice not sent yet. */
import type { Outcome } from '../api/types';

export interface Draft {
  outcome: Outcome;
  reasons: string[];
  comment: string;
}

const openKey = (slug: string): string => `blindarena.open.${slug}`;
const messageKey = (slug: string): string => `blindarena.message.${slug}`;
const draftKey = (id: string): string => `blindarena.choice.${id}`;

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

export const keep = {
  openBattle: (slug: string): string | null => read(openKey(slug)),
  setOpenBattle: (slug: string, id: string | null): void => write(openKey(slug), id),
  message: (slug: string): string => read(messageKey(slug)) ?? '',
  setMessage: (slug: string, text: string): void => write(messageKey(slug), text || null),
  draft(id: string): Draft | null {
    try {
      return JSON.parse(read(draftKey(id)) ?? 'null') as Draft | null;
    } catch {
      return null;
    }
  },
  setDraft: (id: string, draft: Draft | null): void => write(draftKey(id), draft && JSON.stringify(draft)),
};
