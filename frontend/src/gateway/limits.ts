/** What a key may do: from a form to the server and back; pure. */
import type { ApiKey, ApiKeyIn } from '../api/gateway';
import { g, gn } from '../i18n/gateway';
import { count } from '../lib/format';

export interface KeyForm {
  name: string;
  models: string[];
  rpm: string;
  tpm: string;
  day: string;
  month: string;
  /** A day, YYYY-MM-DD: the last one, UTC. */
  last: string;
}

export type KeyField = 'name' | 'rpm' | 'tpm' | 'day' | 'month' | 'last';
export const EMPTY: KeyForm = { name: '', models: [], rpm: '', tpm: '', day: '', month: '', last: '' };

const text = (value: number | null): string => (value === null ? '' : String(value));

/** A key as the form shows it; it ends with the day before `expires_at` where that is a midnight. */
export function formOf(key: ApiKey): KeyForm {
  return {
    name: key.name,
    models: [...key.models],
    rpm: text(key.requests_per_minute),
    tpm: text(key.tokens_per_minute),
    day: text(key.usd_per_day),
    month: text(key.usd_per_month),
    last: key.expires_at ? new Date(Date.parse(key.expires_at) - 1).toISOString().slice(0, 10) : '',
  };
}

/**
 * Reads a form.
 * @param before the key that is changed; an end that the form leaves alone stays to the second
 */
export function readForm(form: KeyForm, now: number, before: ApiKey | null = null): { body: ApiKeyIn } | { wrong: Partial<Record<KeyField, string>> } {
  const wrong: Partial<Record<KeyField, string>> = {};
  const whole = (field: 'rpm' | 'tpm'): number | null => {
    const value = form[field].trim();
    if (value === '') return null;
    if (!/^[1-9]\d{0,11}$/.test(value)) wrong[field] = g('key.wrong_count', { value });
    return Number(value);
  };
  const money = (field: 'day' | 'month'): number | null => {
    const value = form[field].trim();
    if (value === '') return null;
    if (!/^\d{1,9}(\.\d+)?$/.test(value)) wrong[field] = g('key.wrong_usd', { value });
    return Number(value);
  };
  const name = form.name.trim();
  if (name === '') wrong.name = g('key.no_name');
  const body: ApiKeyIn = {
    name,
    models: form.models,
    requests_per_minute: whole('rpm'),
    tokens_per_minute: whole('tpm'),
    usd_per_day: money('day'),
    usd_per_month: money('month'),
    expires_at: null,
  };
  if (before?.expires_at && form.last === formOf(before).last) body.expires_at = before.expires_at;
  else if (form.last !== '') {
    const end = Date.parse(form.last) + 86_400_000;
    if (!(end > now)) wrong.last = g('key.past', { value: form.last });
    else body.expires_at = new Date(end).toISOString();
  }
  return Object.keys(wrong).length > 0 ? { wrong } : { body };
}

/** Limits of rates in words; budgets stand beside what is spent. */
export function ratesText(key: ApiKey): string {
  const said: string[] = [];
  if (key.requests_per_minute !== null) said.push(g('key.rpm_is', { n: count(key.requests_per_minute) }));
  if (key.tokens_per_minute !== null) said.push(g('key.tpm_is', { n: count(key.tokens_per_minute) }));
  return said.join(', ') || g('key.no_limits');
}

export type KeyState = 'active' | 'expired' | 'revoked';

export function keyState({ revoked_at: revoked, expires_at: ends }: Pick<ApiKey, 'revoked_at' | 'expires_at'>, now: number): KeyState {
  if (revoked !== null) return 'revoked';
  return ends !== null && Date.parse(ends) <= now ? 'expired' : 'active';
}

export const modelsText = (models: readonly string[]): string => (models.length === 0 ? g('key.all_models') : models.length > 3 ? gn('key.models_n', models.length) : models.join(', '));
