/** A scripted server in place of fetch: each route answers with its next handler, the last one stays. */
import { vi } from 'vitest';

export type Handler = (body: unknown) => Response | Promise<Response>;
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });
export const refuse = (status: number, code: string, headers = {}): Response =>
  json({ code, title: code, detail: '', status, type: '' }, status, headers);
export const offline: Handler = () => Promise.reject(new TypeError('network'));

export class Served {
  readonly calls: string[] = [];
  private readonly routes = new Map<string, Handler[]>();

  constructor() {
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      const route = `${init.method} ${url.replace('/api', '')}`;
      this.calls.push(route);
      const handlers = this.routes.get(route);
      if (!handlers?.length) throw new Error(`no handler for ${route}`);
      const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
      return handler?.(init.body ? JSON.parse(init.body as string) : null);
    });
  }

  serve(route: string, ...handlers: Handler[]): void {
    this.routes.set(route, handlers);
  }
}
