/** What the votes allow to decide about two contestants, as a scale and in words; pure. */
import { scaleLinear } from 'd3-scale';
import type { BoardRow, Decision, PairDecision } from '../api/types';
import { t, tn } from '../i18n';
import { dollars, signed } from '../lib/format';
import type { Tick } from './ticks';

/** A scale of differences that all shown pairs share. */
export interface DifferenceAxis {
  at: (difference: number) => number;
  beyond: (difference: number) => boolean;
  ticks: Tick[];
  band: [number, number];
}

/** Bars wider than so many margins are cut, or one unsure pair would squeeze all others. */
const MOST_MARGINS = 4;

export function differenceAxis(pairs: readonly PairDecision[], margin: number): DifferenceAxis {
  const points = pairs.map((pair) => pair.difference);
  const bounds = pairs.flatMap((pair) => [pair.anytime_lower ?? pair.lower, pair.anytime_upper ?? pair.upper].filter((x) => x !== null));
  const most = Math.max(MOST_MARGINS * margin, 1.2 * Math.max(0, ...points.map(Math.abs)));
  const low = Math.max(-most, Math.min(-1.6 * margin, ...bounds));
  const high = Math.min(most, Math.max(1.6 * margin, ...bounds));
  const scale = scaleLinear([low - (high - low) * 0.03, high + (high - low) * 0.03], [0, 100]).clamp(true);
  return {
    at: (difference) => scale(difference),
    beyond: (difference) => difference < scale.domain()[0]! || difference > scale.domain()[1]!,
    ticks: scale.ticks(5).map((value) => ({ at: scale(value), value })).filter(({ at }) => at > 4 && at < 96),
    band: [scale(-margin), scale(margin)],
  };
}

/** Battles in 100 that a contestant wins against one so many points below; a tie counts half. */
export const winsInHundred = (points: number): number => Math.round(100 / (1 + 10 ** (-points / 400)));

/** The verdict as a heading. */
export function verdict(pair: PairDecision): string {
  if (pair.verdict === 'better' && pair.winner !== null) {
    return t('decide.better', { winner: pair.winner, loser: pair.winner === pair.a ? pair.b : pair.a });
  }
  if (pair.verdict === 'equal') return pair.cheaper === null ? t('decide.equal_unpriced', names(pair)) : t('decide.equal', { name: pair.cheaper });
  return pair.votes_needed === null ? t('decide.undecided_open', names(pair)) : tn('decide.undecided', pair.votes_needed, names(pair));
}

/** What the verdict means, in one or two sentences. */
export function meaning(pair: PairDecision, margin: number, costs: ReadonlyMap<string, number | null>): string {
  if (pair.verdict === 'better' && pair.winner !== null) {
    return t('decide.better_say', { wins: winsInHundred(Math.abs(pair.difference)), winner: pair.winner });
  }
  if (pair.verdict === 'equal') {
    const [a, b] = [costs.get(pair.a) ?? null, costs.get(pair.b) ?? null];
    if (pair.cheaper === null || a === null || b === null) return t('decide.equal_say');
    const dearer = pair.cheaper === pair.a ? pair.b : pair.a;
    return `${t('decide.equal_say')} ${t('decide.equal_cost', { cheaper: pair.cheaper, low: dollars(Math.min(a, b)), dearer, high: dollars(Math.max(a, b)) })}`;
  }
  return openSentence(pair, margin);
}

/** Names what the thin bar still allows. */
function openSentence(pair: PairDecision, margin: number): string {
  const [low, high] = [pair.anytime_lower, pair.anytime_upper];
  if (low === null || high === null) return t('decide.no_bar');
  if (low > -margin) return t('decide.open_a', names(pair));
  if (high < margin) return t('decide.open_a', { a: pair.b, b: pair.a });
  return t('decide.open_both');
}

const names = ({ a, b }: PairDecision): { a: string; b: string } => ({ a, b });

/** The picture in words, for those who do not see it. */
export function barLabel(pair: PairDecision, margin: number): string {
  const difference = signed(pair.difference);
  if (pair.anytime_lower === null || pair.anytime_upper === null) return t('decide.bar_none', { difference });
  return t('decide.bar', {
    difference,
    low: signed(pair.lower ?? pair.difference),
    high: signed(pair.upper ?? pair.difference),
    any_low: signed(pair.anytime_lower),
    any_high: signed(pair.anytime_upper),
    margin: Math.round(margin),
  });
}

/** Says what the margin is and what it means in battles. */
export function marginSentence({ margin, margin_declared: declared }: Decision): string {
  const values = { margin: Math.round(margin), wins: winsInHundred(margin) };
  return declared ? t('decide.margin', values) : t('decide.margin_usual', values);
}

/** What an answer costs, by contestant. */
export const costsOf = (rows: readonly BoardRow[]): Map<string, number | null> =>
  new Map(rows.map((row) => [row.contestant, row.avg_cost_usd]));
