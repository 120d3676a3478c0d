/** This browser's session: what it consented to, and whether it is the owner. */
import { api } from '../api/client';
import { embedded } from './embedded';
import type { Session } from '../api/types';

class SessionStore {
  value = $state<Session | null>(null);
  /** The browser has kept no cookie; only in a frame on another website. */
  blocked = $state(false);
  private loading: Promise<void> | null = null;

  /** Asks the server once; later calls wait for the same answer. */
  load(): Promise<void> {
    this.loading ??= api.session().then(
      (session) => {
        this.value = session;
      },
      (error: unknown) => {
        this.loading = null;
        throw error;
      },
    );
    return this.loading;
  }

  /** Asks again, after a login or a logout. */
  reload(): Promise<void> {
    this.loading = null;
    return this.load();
  }

  hasConsent(version: string): boolean {
    return this.value?.consents.includes(version) ?? false;
  }

  /** Says whether nothing can be begun in an arena before a login; an invite may do instead. */
  needsLogin(arena: { require_login: boolean }): boolean {
    return arena.require_login && !this.value?.logged_in;
  }

  async consent(version: string): Promise<void> {
    const agreed = await api.consent(version);
    // Some browsers keep no cookie of a framed page: better to say so than to ask for ever.
    if (embedded && (await api.session()) === null) this.blocked = true;
    else this.value = agreed;
  }
}

export const session = new SessionStore();
