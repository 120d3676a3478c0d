/** A small router on the history API: paths to names, and links that do not reload. */
import { embedded } from './embedded';

export type Route =
  | { name: 'picker' }
  | { name: 'battle'; slug: string; battle: string | null }
  | { name: 'leaderboard'; slug: string }
  | { name: 'about'; slug: string }
  | { name: 'queue'; slug: string }
  | { name: 'invite'; token: string }
  | { name: 'chat'; slug: string }
  | { name: 'share'; token: string }
  | { name: 'owner' }
  | { name: 'judges'; run: string | null }
  | { name: 'agreement' }
  | { name: 'missing' };

/** Says which page a path is. */
export function match(path: string): Route {
  const parts = path.split('/').filter(Boolean).map(decode);
  const [head, slug, tail, id] = parts;
  if (parts.length === 0) return { name: 'picker' };
  if (head === 'owner' && parts.length === 1) return { name: 'owner' };
  if (head === 'owner' && slug === 'judges' && parts.length <= 3) return { name: 'judges', run: tail ?? null };
  if (head === 'owner' && slug === 'agreement' && parts.length === 2) return { name: 'agreement' };
  if (head === 's' && slug && parts.length === 2) return { name: 'share', token: slug };
  if (head === 'q' && slug && parts.length === 2) return { name: 'invite', token: slug };
  if ((head === 'a' || head === 'embed') && slug) {
    if (parts.length === 2) return { name: 'battle', slug, battle: null };
    if (parts.length === 3 && tail === 'leaderboard') return { name: 'leaderboard', slug };
    if (parts.length === 3 && tail === 'about') return { name: 'about', slug };
    if (parts.length === 3 && tail === 'chat') return { name: 'chat', slug };
    if (parts.length === 3 && tail === 'queue') return { name: 'queue', slug };
    if (parts.length === 4 && tail === 'b' && id) return { name: 'battle', slug, battle: id };
  }
  return { name: 'missing' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Where an arena's pages are: in a frame, where only the allowed websites may show them. */
const root = embedded ? '/embed' : '/a';

export const paths = {
  home: '/',
  owner: '/owner',
  agreement: '/owner/agreement',
  judges: (run: string | null) => (run === null ? '/owner/judges' : `/owner/judges/${encodeURIComponent(run)}`),
  arena: (slug: string) => `${root}/${encodeURIComponent(slug)}`,
  battle: (slug: string, id: string) => `${root}/${encodeURIComponent(slug)}/b/${encodeURIComponent(id)}`,
  leaderboard: (slug: string) => `${root}/${encodeURIComponent(slug)}/leaderboard`,
  about: (slug: string) => `${root}/${encodeURIComponent(slug)}/about`,
  chat: (slug: string) => `${root}/${encodeURIComponent(slug)}/chat`,
  queue: (slug: string) => `${root}/${encodeURIComponent(slug)}/queue`,
};

class Router {
  route = $state<Route>(match(location.pathname));
  /** The query of the address, as `?name=value`; pages may keep their state in it. */
  search = $state(location.search);

  constructor() {
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.onClick(event));
  }

  /** Goes to a path; `replace` leaves no entry to come back to. */
  go(path: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.read();
    if (!replace) scrollTo(0, 0);
  }

  private read(): void {
    this.route = match(location.pathname);
    this.search = location.search;
  }

  private onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || (link.hash && link.pathname === location.pathname && link.search === location.search)) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();
