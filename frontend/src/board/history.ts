/** Ratings over time, one strip for each contestant; pure. */
import { scaleLinear } from 'd3-scale';
import type { History, HistorySeries } from '../api/types';
import { timeScale, type Tick } from './ticks';

export interface Dot {
  /** Percent of the width. */
  x: number;
  /** Pixels from the top. */
  y: number;
  top: number;
  bottom: number;
}

export interface Strip {
  series: HistorySeries;
  dots: Dot[];
  /** Rating now less rating at first; null where there is one moment only. */
  change: number | null;
}

export interface HistoryPlot {
  strips: Strip[];
  xTicks: Tick[];
  yTicks: Tick[];
}

const PAD = 6;
const last = (series: HistorySeries): number => series.points.at(-1)?.rating ?? -Infinity;

/** Lays all strips out on one scale of time and one of rating, the best of today first. */
export function historyPlot({ series: given }: History, height: number): HistoryPlot | null {
  const series = given.filter((one) => one.points.length > 0).sort((p, q) => last(q) - last(p));
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return null;
  const time = timeScale(points.map((point) => Date.parse(point.at)));
  const bounds = points.flatMap((point) => [point.rating, point.lower ?? point.rating, point.upper ?? point.rating]);
  const [low, high] = [Math.min(...bounds), Math.max(...bounds)];
  const y = scaleLinear(low === high ? [low - 1, high + 1] : [low, high], [height - PAD, PAD]);
  const strips = series.map((one): Strip => {
    const first = one.points[0];
    return {
      series: one,
      dots: one.points.map((point) => ({
        x: time.at(Date.parse(point.at)),
        y: y(point.rating),
        top: y(point.upper ?? point.rating),
        bottom: y(point.lower ?? point.rating),
      })),
      change: first && one.points.length > 1 ? last(one) - first.rating : null,
    };
  });
  return { strips, xTicks: time.ticks, yTicks: y.ticks(2).map((value) => ({ at: y(value), value })) };
}

/** The same moments as rows: when, and each contestant's point, in the order of the strips. */
export function historyRows(plot: HistoryPlot): { at: string; n: number; points: (HistorySeries['points'][number] | null)[] }[] {
  const moments = new Map<string, number>();
  for (const { series } of plot.strips) for (const point of series.points) moments.set(point.at, point.n);
  return [...moments]
    .sort(([p], [q]) => Date.parse(q) - Date.parse(p))
    .map(([at, n]) => ({ at, n, points: plot.strips.map(({ series }) => series.points.find((point) => point.at === at) ?? null) }));
}
