/** A deployment in words: its state, its load, its latency; pure. */
import type { Asked, Deployment, Worker } from '../api/gateway';
import { t } from '../i18n';
import { g, gn } from '../i18n/gateway';
import { count, dollars, seconds } from '../lib/format';

export type Mark = 'ok' | 'slow' | 'down' | 'off';

const MARKS: Record<Deployment['state'], Mark> = {
  ready: 'ok',
  loading: 'slow',
  down: 'down',
  draining: 'off',
  drained: 'off',
  open: 'down',
  half_open: 'slow',
  resting: 'slow',
  full: 'slow',
};

export const markOf = ({ state }: Pick<Deployment, 'state'>): Mark => MARKS[state];

/** Hour, minute and second, UTC: what ends within a minute needs them. */
export const clockUtc = (iso: string): string => new Date(iso).toISOString().slice(11, 19);

export function stateText({ state, until, detail, in_flight: running }: Pick<Deployment, 'state' | 'until' | 'detail' | 'in_flight'>): string {
  if (state === 'draining') return gn('state.draining', running);
  if (state === 'open' || state === 'resting') {
    return until ? g(`state.${state}_until`, { time: clockUtc(until) }) : g(`state.${state}`);
  }
  const word = g(`state.${state}`);
  return detail ? `${word}: ${detail}` : word;
}

/** Requests under way, and the most there may be. */
export function loadText({ in_flight: running, max_concurrent: most }: Pick<Deployment, 'in_flight' | 'max_concurrent'>): string {
  return most === null ? count(running) : g('load', { n: count(running), most: count(most) });
}

/** "0.21 / 1.4 s": the middle one and the slowest of a hundred. */
export function latencyText(p50: number | null, p99: number | null): string {
  return p50 === null || p99 === null ? t('app.none') : `${seconds(p50).replace(' s', '')} / ${seconds(p99)}`;
}

/** @param at the time at which it was asked */
export function askedText({ text, error, seconds: took, prompt_tokens: prompt, completion_tokens: answer, cost_usd: cost }: Asked, at: string): string {
  if (error !== null) return g('asked.failed', { at: clockUtc(at), time: seconds(took), error });
  return g('asked.ok', {
    at: clockUtc(at),
    time: seconds(took),
    text: text ? `“${text.trim()}”` : g('asked.no_text'),
    tokens: prompt === null || answer === null ? g('tokens_unknown') : g('tokens', { prompt: count(prompt), answer: count(answer) }),
    cost: cost === null ? g('cost_unknown') : dollars(cost),
  });
}

/** How long ago, by the server's own clock. */
export function agoText(at: string, now: string): string {
  const passed = Math.max(0, Math.round((Date.parse(now) - Date.parse(at)) / 1000));
  return passed < 120 ? g('ago_s', { n: passed }) : g('ago_min', { n: count(Math.round(passed / 60)) });
}

export function workerLoad({ busy, slots }: Pick<Worker, 'busy' | 'slots'>): string {
  const running = busy === null ? t('app.unknown') : count(busy);
  return slots ? g('load', { n: running, most: count(slots) }) : running;
}
