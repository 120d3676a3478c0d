/** What the reveal card says, in sentences and rows; pure. */
import type { Reveal, RevealSide, Side } from '../api/types';
import { en } from '../i18n/en';
import { t } from '../i18n';
import { count, dollars, seconds } from '../lib/format';

export function revealTitle({ a, b, outcome }: Reveal): string {
  const names = { a: a.contestant, b: b.contestant };
  if (outcome === 'tie') return t('reveal.tie', names);
  if (outcome === 'both_bad') return t('reveal.bad', names);
  const [winner, loser] = outcome === 'model_a' ? [a, b] : [b, a];
  return t('reveal.chose', { winner: winner.contestant, loser: loser.contestant });
}

/** Says why a vote does not count; an unknown code is shown as it is. */
export function exclusion(code: string): string {
  const messages: Record<string, string> = en;
  return messages[`excluded.${code}`] ?? code.replaceAll('-', ' ');
}

export function revealLede(reveal: Reveal): string {
  const sentences = [
    reveal.counted ? t('reveal.saved') : t('reveal.not_counted', { reason: exclusion(reveal.excluded ?? '') }),
  ];
  const difference = compare(reveal.a, reveal.b);
  if (difference) sentences.push(`${difference}.`);
  for (const side of [reveal.a, reveal.b]) {
    if (side.leaked) sentences.push(`${t('reveal.leaked', { name: side.contestant })}.`);
    if (side.breach) {
      const { quote, policy } = side.breach;
      sentences.push(`${t('reveal.breach', { name: side.contestant, quote, policy: policy.replace(/[.\s]+$/, '') })}.`);
    }
  }
  return sentences.join(' ');
}

/** Names the clearly shorter one, and what it cost where both prices are known. */
function compare(a: RevealSide, b: RevealSide): string | null {
  const [short, long] = a.words <= b.words ? [a, b] : [b, a];
  const shorter = short.words < 0.9 * long.words;
  const known = a.cost_usd !== null && b.cost_usd !== null && a.cost_usd !== b.cost_usd;
  if (!known) return shorter ? t('reveal.shorter', { name: short.contestant }) : null;
  if (!shorter) {
    return t('reveal.cost_more', { name: ((a.cost_usd ?? 0) > (b.cost_usd ?? 0) ? a : b).contestant });
  }
  const cheaper = (short.cost_usd ?? 0) < (long.cost_usd ?? 0);
  return t(cheaper ? 'reveal.shorter_cheaper' : 'reveal.shorter_dearer', { name: short.contestant });
}

export interface RevealRow {
  label: string;
  text: Record<Side, string>;
  value: Record<Side, number | null>;
  bars: boolean;
}

export interface RevealGroup {
  title: string | null;
  rows: RevealRow[];
}

export function revealRows({ a, b }: Reveal): RevealGroup[] {
  const words = (label: string, pick: (side: RevealSide) => string | null): RevealRow => ({
    label,
    text: { a: pick(a) ?? t('app.unknown'), b: pick(b) ?? t('app.unknown') },
    value: { a: null, b: null },
    bars: false,
  });
  const bars = (
    label: string,
    pick: (side: RevealSide) => number | null,
    write: (value: number | null) => string = (value) => (value === null ? t('app.unknown') : count(value)),
  ): RevealRow => ({
    label,
    text: { a: write(pick(a)), b: write(pick(b)) },
    value: { a: pick(a), b: pick(b) },
    bars: pick(a) !== null || pick(b) !== null,
  });
  const about = [words(t('reveal.organization'), (s) => s.organization), words(t('reveal.license'), (s) => s.license)];
  if (a.price !== null || b.price !== null) about.push(words(t('reveal.price'), (s) => s.price));
  return [
    { title: null, rows: about },
    {
      title: t('reveal.speed'),
      rows: [
        bars(t('reveal.ttft'), (s) => s.ttft_s, seconds),
        bars(t('reveal.seconds'), (s) => s.seconds, seconds),
        bars(t('reveal.tokens'), (s) => s.completion_tokens),
        bars(t('reveal.cost'), (s) => s.cost_usd, dollars),
      ],
    },
    {
      title: t('reveal.style'),
      rows: [
        bars(t('reveal.words'), (s) => s.words),
        bars(t('reveal.headers'), (s) => s.headers),
        bars(t('reveal.bold'), (s) => s.bold),
        bars(t('reveal.lists'), (s) => s.lists),
      ],
    },
  ];
}
