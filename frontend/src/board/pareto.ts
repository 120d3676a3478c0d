/** Geometry of rating against cost or speed; pure. */
import { scaleLinear } from 'd3-scale';
import type { Pareto, ParetoPoint } from '../api/types';
import { measureScale, type Tick } from './ticks';

export interface Label {
  dx: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

export interface PlotPoint {
  point: ParetoPoint;
  /** Percent of the width. */
  x: number;
  left: number;
  right: number;
  /** Pixels from the top. */
  y: number;
  top: number;
  bottom: number;
  label: Label;
}

export interface ParetoPlot {
  log: boolean;
  points: PlotPoint[];
  xTicks: Tick[];
  yTicks: Tick[];
  /** Corners of the steps that join the contestants nobody beats in both. */
  front: { x: number; y: number }[];
}

const PAD = 12;

/** Lays the plot out for a width and a height in pixels; null where fewer than two are known. */
export function paretoPlot({ x: measure, points: given }: Pareto, width: number, height: number): ParetoPlot | null {
  if (given.length < 2) return null;
  const scale = measureScale(given.map((point) => point.x));
  const bounds = given.flatMap((point) => [point.rating, point.lower ?? point.rating, point.upper ?? point.rating]);
  const y = scaleLinear([Math.min(...bounds), Math.max(...bounds)], [height - PAD, PAD]);
  const points = given.map((point): PlotPoint => ({
    point,
    x: scale.at(point.x),
    left: scale.at(point.x_lower ?? point.x),
    right: scale.at(point.x_upper ?? point.x),
    y: y(point.rating),
    top: y(point.upper ?? point.rating),
    bottom: y(point.lower ?? point.rating),
    label: { dx: 0, y: 0, anchor: 'middle' },
  }));
  const front = steps(points.filter(({ point }) => point.on_front), measure === 'tokens_per_s');
  placeLabels(points, front, width);
  return { log: scale.log, points, xTicks: scale.ticks, yTicks: y.ticks(5).map((value) => ({ at: y(value), value })), front };
}

/** From the cheapest to the dearest, level until the next is reached; of speed the other way round. */
function steps(onFront: PlotPoint[], moreIsBetter: boolean): ParetoPlot['front'] {
  const sorted = [...onFront].sort((p, q) => (moreIsBetter ? q.point.x - p.point.x : p.point.x - q.point.x));
  return sorted
    .flatMap((p, i) => (i === 0 ? [p] : [{ x: p.x, y: sorted[i - 1]?.y ?? p.y }, p]))
    .map(({ x, y }) => ({ x, y }));
}

/** Tries four places around each point and takes the first that hides nothing. */
function placeLabels(points: PlotPoint[], front: ParetoPlot['front'], width: number): void {
  const px = (x: number): number => (x * width) / 100;
  const taken = points.map((p) => ({ l: px(p.x) - 6, r: px(p.x) + 6, t: p.top, b: p.bottom }));
  front.slice(1).forEach((to, i) => {
    const from = front[i] ?? to;
    taken.push({ l: Math.min(px(from.x), px(to.x)), r: Math.max(px(from.x), px(to.x)), t: Math.min(from.y, to.y), b: Math.max(from.y, to.y) });
  });
  for (const p of points) {
    const at = px(p.x);
    const w = p.point.contestant.length * 7;
    const places = [
      { dx: 0, y: p.top - 8, anchor: 'middle', l: at - w / 2, r: at + w / 2 },
      { dx: -10, y: p.y - 5, anchor: 'end', l: at - 10 - w, r: at - 10 },
      { dx: 10, y: p.y + 16, anchor: 'start', l: at + 10, r: at + 10 + w },
      { dx: 0, y: p.bottom + 16, anchor: 'middle', l: at - w / 2, r: at + w / 2 },
      { dx: 10, y: p.y - 5, anchor: 'start', l: at + 10, r: at + 10 + w },
      { dx: -10, y: p.y + 16, anchor: 'end', l: at - 10 - w, r: at - 10 },
    ] as const;
    const boxes = places.map((place) => ({ l: place.l, r: place.r, t: place.y - 12, b: place.y + 4 }));
    const inside = (box: (typeof boxes)[number]): boolean => box.t > -20 && box.l > -40 && box.r < width + 8;
    const free = boxes.findIndex((box) => inside(box) && !taken.some((o) => o.l < box.r && o.r > box.l && o.t < box.b && o.b > box.t));
    const index = free >= 0 ? free : Math.max(0, boxes.findIndex(inside));
    const [place, box] = [places[index], boxes[index]];
    if (place && box) {
      p.label = { dx: place.dx, y: place.y, anchor: place.anchor };
      taken.push(box);
    }
  }
}
