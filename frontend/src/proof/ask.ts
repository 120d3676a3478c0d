/** Answers a server that asks for a proof of work, and sends the request again. */
import { t } from '../i18n';
import { say } from '../lib/announce.svelte';
import { checking } from '../lib/checking.svelte';
import { payload, type Challenge } from './solve';

/** A challenge may run out while a tab sleeps; a server that asks a third time means something else. */
const ATTEMPTS = 2;
const SHOW_AFTER_MS = 150;

/**
 * Solves the challenge of a refused request.
 * @param refused of status 428; it is read only in copy
 * @param again sends the request with a solution
 */
export async function proven(
  refused: Response,
  again: (solution: string) => Promise<Response>,
  signal?: AbortSignal,
): Promise<Response> {
  let response = refused;
  for (let attempt = 0; attempt < ATTEMPTS && response.status === 428; attempt++) {
    const { challenge } = (await response.clone().json()) as { challenge?: Challenge };
    const number = challenge ? await search(challenge, signal) : null;
    if (!challenge || number === null) return response;
    response = await again(payload(challenge, number));
  }
  return response;
}

/** Runs the worker; null where it cannot be run. */
async function search(challenge: Challenge, signal?: AbortSignal): Promise<number | null> {
  const show = setTimeout(() => {
    checking.busy = true;
    say(t('proof.checking'));
  }, SHOW_AFTER_MS);
  let worker: Worker | undefined;
  try {
    return await new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')), { once: true });
      worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data }: MessageEvent<number | null>) => resolve(data);
      worker.onerror = () => resolve(null);
      worker.postMessage(challenge);
    });
  } finally {
    clearTimeout(show);
    worker?.terminate();
    checking.busy = false;
  }
}
