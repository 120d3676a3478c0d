/** Usage by day as bars, and the words for sums; what a cost is not known for is never 0; pure. */
import type { UsageSum } from '../api/gateway';
import { g, gn } from '../i18n/gateway';
import { count, dollars } from '../lib/format';

export const DAY_MS = 86_400_000;
export type Measure = 'spend' | 'tokens' | 'requests';
export const MEASURES: readonly Measure[] = ['spend', 'tokens', 'requests'];

export interface DayUse {
  day: string;
  requests: number;
  errors: number;
  prompt: number;
  completion: number;
  /** Null: no request of the day has a known cost. */
  cost: number | null;
  unpriced: number;
}

/** The first day of so many days that end today, UTC. */
export const sinceDay = (days: number, now: number): string => new Date(now - (days - 1) * DAY_MS).toISOString().slice(0, 10);

/** One entry for each day, the days without requests too. */
export function usageDays(sums: readonly UsageSum[], since: string, now: number): DayUse[] {
  const found = new Map(sums.map((sum) => [sum.day, sum]));
  const days: DayUse[] = [];
  for (let at = Date.parse(since); at <= now; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    const sum = found.get(day);
    days.push({
      day,
      requests: sum?.requests ?? 0,
      errors: sum?.errors ?? 0,
      prompt: sum?.prompt_tokens ?? 0,
      completion: sum?.completion_tokens ?? 0,
      cost: sum ? sum.cost_usd : 0,
      unpriced: sum?.unpriced ?? 0,
    });
  }
  return days;
}

export function measure(day: DayUse, what: Measure): number | null {
  return what === 'spend' ? day.cost : what === 'tokens' ? day.prompt + day.completion : day.requests;
}

export interface Bar {
  day: string;
  /** Percent of the width. */
  x: number;
  width: number;
  /** Pixels. */
  height: number;
  /** Of the height, what is errors. */
  bad: number;
  /** Nothing, or not all, is known of the day's cost. */
  unknown: boolean;
}

export interface Chart {
  bars: Bar[];
  most: number;
  /** Whether any day is marked. */
  unknown: boolean;
}

const GAP = 0.2;

/** Lays the bars of one measure out; a day that is not 0 has at least one pixel. */
export function chart(days: readonly DayUse[], what: Measure, height: number): Chart {
  const most = Math.max(0, ...days.map((day) => measure(day, what) ?? 0));
  const step = 100 / Math.max(1, days.length);
  const scaled = (value: number): number => (value > 0 && most > 0 ? Math.max(1, (value / most) * height) : 0);
  const bars = days.map((day, i): Bar => ({
    day: day.day,
    x: (i + GAP / 2) * step,
    width: step * (1 - GAP),
    height: scaled(measure(day, what) ?? 0),
    bad: what === 'requests' ? scaled(day.errors) : 0,
    unknown: what === 'spend' && day.unpriced > 0,
  }));
  return { bars, most, unknown: bars.some((bar) => bar.unknown) };
}

/** A large number of tokens, short: 950, 12.3 k, 4.56 M. */
export function short(n: number): string {
  if (n < 10_000) return count(n);
  return n < 1_000_000 ? `${(n / 1000).toFixed(1)} k` : `${(n / 1_000_000).toFixed(2)} M`;
}

export const amount = (value: number, what: Measure): string => (what === 'spend' ? dollars(value) : short(value));

type Spent = Pick<UsageSum, 'cost_usd' | 'unpriced'>;

/** What was spent, of its budget where there is one; requests of unknown cost are named beside it. */
export function spendText({ cost_usd: cost, unpriced }: Spent, budget: number | null = null): string {
  if (unpriced > 0 && cost === null && budget === null) return gn('usage.unknown', unpriced);
  const known = budget === null ? dollars(cost ?? 0) : g('usage.of_budget', { spent: dollars(cost ?? 0), budget: dollars(budget) });
  return unpriced === 0 ? known : gn('usage.and_unknown', unpriced, { spent: known });
}

export const NOTHING: Spent = { cost_usd: 0, unpriced: 0 };

/** How much of a budget is gone, from 0 to 1; null without one. */
export function budgetShare(sum: Spent | undefined, budget: number | null): number | null {
  if (budget === null) return null;
  return budget === 0 ? 1 : Math.min(1, (sum?.cost_usd ?? 0) / budget);
}
