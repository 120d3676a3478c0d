import { describe, expect, it } from 'vitest';
import type { Decision, History, PairDecision, Pareto } from '../src/api/types';
import { barLabel, costsOf, differenceAxis, marginSentence, meaning, verdict, winsInHundred } from '../src/board/decide';
import { historyPlot, historyRows } from '../src/board/history';
import { paretoPlot } from '../src/board/pareto';
import { measureScale } from '../src/board/ticks';

function pair(more: Partial<PairDecision> = {}): PairDecision {
  return {
    a: 'Alder',
    b: 'Birch',
    verdict: 'undecided',
    winner: null,
    cheaper: null,
    difference: 22,
    lower: -8,
    upper: 52,
    anytime_lower: -23,
    anytime_upper: 67,
    votes: 144,
    votes_needed: 140,
    sentence: '',
    ...more,
  };
}
const better = pair({ verdict: 'better', winner: 'Alder', difference: 148, lower: 116, upper: 180, anytime_lower: 100, anytime_upper: 196, votes_needed: null });
const equal = pair({ verdict: 'equal', cheaper: 'Birch', difference: 4, lower: -24, upper: 32, anytime_lower: -38, anytime_upper: 46, votes_needed: null });
const costs = new Map<string, number | null>([['Alder', 0.0042], ['Birch', 0.0011]]);

describe('a pair in words', () => {
  it('names the better one', () => {
    expect(verdict(better)).toBe('Alder is better than Birch');
    expect(verdict(pair({ verdict: 'better', winner: 'Birch' }))).toBe('Birch is better than Alder');
    expect(meaning(better, 50, costs)).toContain('about 70 of 100 battles voters would rather have Alder');
  });
  it('names the cheaper of equals, and no price that is unknown', () => {
    expect(verdict(equal)).toBe('Practically equal: take Birch, the cheaper');
    expect(meaning(equal, 50, costs)).toContain('Birch costs $0.0011 for each answer, Alder $0.0042.');
    expect(meaning(equal, 50, new Map())).not.toContain('$');
    expect(verdict({ ...equal, cheaper: null })).toBe('Practically equal: Alder and Birch');
  });
  it('says how many votes are missing, one in the singular, and nothing invented', () => {
    expect(verdict(pair())).toBe('Alder or Birch: about 140 more votes');
    expect(verdict(pair({ votes_needed: 1 }))).toBe('Alder or Birch: about 1 more vote');
    expect(verdict(pair({ votes_needed: null }))).toBe('Alder or Birch: undecided');
  });
  it.each([
    [pair(), 'Alder may be better than Birch'],
    [pair({ anytime_lower: -80 }), 'Either may be better'],
    [pair({ difference: -3, anytime_lower: -80, anytime_upper: 20 }), 'Birch may be better than Alder'],
    [pair({ anytime_lower: null, anytime_upper: null }), 'Too few votes'],
  ])('says what is still open: %#', (given, expected) => expect(meaning(given, 50, costs)).toContain(expected));
  it('puts the picture in words', () => {
    expect(barLabel(pair(), 50)).toBe('difference +22, 95 percent interval −8 to +52, interval valid at every look −23 to +67, margin 50');
    expect(barLabel(pair({ anytime_lower: null }), 50)).toBe('difference +22, no interval yet');
  });
});

describe('the margin', () => {
  it('is told in battles', () => {
    expect(winsInHundred(0)).toBe(50);
    expect(winsInHundred(50)).toBe(57);
    const decision = { margin: 50, margin_declared: true } as Decision;
    expect(marginSentence(decision)).toContain('under 50 points does not matter: that is 57 wins in 100');
    expect(marginSentence({ ...decision, margin_declared: false })).toContain('No margin is declared');
  });
  it('has costs to weigh it against', () => expect(costsOf([]).size).toBe(0));
});

describe('the scale of differences', () => {
  it('holds the band and every bar', () => {
    const axis = differenceAxis([better, equal, pair()], 50);
    expect(axis.band[0]).toBeGreaterThan(0);
    expect(axis.at(0)).toBeCloseTo((axis.band[0] + axis.band[1]) / 2);
    expect(axis.beyond(196)).toBe(false);
    expect(axis.at(196)).toBeLessThan(100);
  });
  it('cuts a bar that would squeeze the others', () => {
    const axis = differenceAxis([pair({ anytime_lower: -5000, anytime_upper: 6000 })], 30);
    expect(axis.beyond(-5000) && axis.beyond(6000)).toBe(true);
    expect(axis.at(6000)).toBe(100);
    expect(axis.band[1] - axis.band[0]).toBeGreaterThan(10);
  });
});

function pareto(x: Pareto['x'], points: [string, number, number, boolean][]): Pareto {
  return {
    x,
    unit: '',
    unknown: [],
    warnings: [],
    points: points.map(([contestant, value, rating, on_front]) => ({ contestant, x: value, x_lower: value * 0.9, x_upper: value * 1.1, rating, lower: rating - 20, upper: rating + 20, on_front, p_front: 0.5 })),
  };
}

describe('rating against cost and speed', () => {
  const given = pareto('cost', [['dear', 0.004, 1100, true], ['cheap', 0.001, 1000, true], ['beaten', 0.002, 950, false]]);
  it('joins the front by steps: right, then up', () => {
    const plot = paretoPlot(given, 500, 284);
    const [dear, cheap] = [plot?.points[0], plot?.points[1]];
    expect(plot?.front).toEqual([{ x: cheap?.x, y: cheap?.y }, { x: dear?.x, y: cheap?.y }, { x: dear?.x, y: dear?.y }]);
    expect(plot?.log).toBe(true);
  });
  it('goes from the fastest to the left where more is better', () => {
    const plot = paretoPlot(pareto('tokens_per_s', [['good', 40, 1100, true], ['fast', 90, 1000, true]]), 500, 284);
    const [good, fast] = [plot?.points[0], plot?.points[1]];
    expect(plot?.front).toEqual([{ x: fast?.x, y: fast?.y }, { x: good?.x, y: fast?.y }, { x: good?.x, y: good?.y }]);
  });
  it('draws the error of a measure and needs two of them', () => {
    const plot = paretoPlot(given, 500, 284);
    for (const one of plot?.points ?? []) expect(one.left < one.x && one.x < one.right).toBe(true);
    expect(paretoPlot({ ...given, points: given.points.slice(1, 2) }, 500, 284)).toBeNull();
  });
  it('shows a free answer as 0, on a scale that has one', () => {
    const scale = measureScale([0, 0.002, 0.05]);
    expect(scale.log).toBe(false);
    expect(scale.at(0)).toBeLessThan(scale.at(0.002));
    expect(scale.ticks[0]?.value).toBe(0);
  });
  it('has a scale for one value met twice', () => expect(measureScale([3, 3]).at(3)).toBeCloseTo(50));
});

describe('rating over time', () => {
  const at = (day: number): string => `2026-01-0${day}T00:00:00Z`;
  const history: History = {
    series: [
      { contestant: 'Birch', points: [1, 2].map((day) => ({ at: at(day), n: 100 * day, rating: 990 - day, lower: 950, upper: 1010 })) },
      { contestant: 'Alder', points: [{ at: at(2), n: 200, rating: 1020, lower: null, upper: null }] },
      { contestant: 'Never', points: [] },
    ],
  };
  it('puts the best of today first and leaves out who was never rated', () => {
    const plot = historyPlot(history, 56);
    expect(plot?.strips.map(({ series, change }) => [series.contestant, change])).toEqual([['Alder', null], ['Birch', -1]]);
    const dots = plot?.strips[1]?.dots ?? [];
    expect(dots[0]?.x).toBeLessThan(dots[1]?.x ?? 0);
    expect(dots[0]?.top).toBeLessThan(dots[0]?.y ?? 0);
  });
  it('has the same as rows, newest first, unknown as null', () => {
    const plot = historyPlot(history, 56);
    const rows = plot ? historyRows(plot) : [];
    expect(rows.map((row) => [row.n, row.points.map((point) => point?.rating ?? null)])).toEqual([[200, [1020, 988]], [100, [null, 989]]]);
  });
  it('is missing where nothing was kept', () => expect(historyPlot({ series: [] }, 56)).toBeNull());
});
