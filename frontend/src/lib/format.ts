/** Numbers for people. Null is always "unknown", never 0. */
import { locale, t } from '../i18n';

export const count = (n: number): string => n.toLocaleString(locale);
export const rating = (n: number | null): string => (n === null ? t('app.unknown') : n.toFixed(0));

export function percent(share: number | null, digits = 1): string {
  return share === null ? t('app.unknown') : `${(share * 100).toFixed(digits)} %`;
}

export function seconds(s: number | null): string {
  if (s === null) return t('app.unknown');
  return `${s < 1 ? s.toFixed(2) : s.toFixed(1)} s`;
}

/** US dollars with two digits that mean something: $0.0042, $1.30, $0. */
export function dollars(usd: number | null): string {
  if (usd === null) return t('app.unknown');
  if (usd === 0) return '$0';
  if (usd >= 0.1) return `$${usd.toFixed(2)}`;
  const digits = Math.min(10, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(digits).replace(/0+$/, '')}`;
}

export function timeUtc(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
}

export function dateTimeUtc(iso: string): string {
  const date = new Date(iso);
  const today = new Date().toISOString().slice(0, 10) === date.toISOString().slice(0, 10);
  return today ? timeUtc(iso) : `${date.toISOString().slice(0, 10)} ${timeUtc(iso)}`;
}

const languages = new Intl.DisplayNames([locale], { type: 'language', fallback: 'code' });

/** The name of a language by its code; anything that is no code stays as it is. */
export function language(code: string): string {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Where a contestant runs, without what stays on the machine that serves this page; '' is nowhere else. */
export function recipients(runsAt: string): string {
  return runsAt.split(', ').filter((place) => place !== 'this machine').join(', ');
}

/** "A, B and C". */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names).replace(/, and /, ' and ');
}

/** A difference with its sign, in whole points: +12, −7, 0. */
export function signed(points: number): string {
  const whole = Math.round(points);
  return whole > 0 ? `+${whole}` : whole < 0 ? `−${-whole}` : '0';
}

/** Day of an ISO time, UTC. */
export const dayUtc = (at: string | number): string => new Date(at).toISOString().slice(0, 10);
