/** Geometry of rating against cost; pure. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { BoardRow } from '../api/types';

export interface Point {
  name: string;
  cost: number;
  rating: number;
  /** Percent of the width. */
  x: number;
  y: number;
  top: number;
  bottom: number;
  onFront: boolean;
  label: { dx: number; dy: number; anchor: 'start' | 'middle' | 'end' };
}

export interface CostPlot {
  points: Point[];
  xTicks: { at: number; cost: number }[];
  yTicks: { at: number; rating: number }[];
  /** Corners of the steps that join the contestants nobody beats on both. */
  front: { x: number; y: number }[];
  leftOut: string[];
}

/** Lays the plot out for a width and a height in pixels; null where no cost is known. */
export function costPlot(rows: readonly BoardRow[], width: number, height: number): CostPlot | null {
  const rated = rows.filter((row) => row.rating !== null);
  const known = rated.filter((row) => row.avg_cost_usd !== null && row.avg_cost_usd > 0);
  if (known.length < 2) return null;
  const costs = known.map((row) => row.avg_cost_usd ?? 0);
  const bounds = known.flatMap((row) => (row.preliminary ? [row.rating ?? 0] : [row.lower ?? row.rating ?? 0, row.upper ?? row.rating ?? 0]));
  const x = scaleLog([Math.min(...costs) / 1.6, Math.max(...costs) * 1.6], [0, 100]);
  const y = scaleLinear([Math.min(...bounds), Math.max(...bounds)], [height - 12, 12]).clamp(true);
  const best = frontier(known);
  const points = known.map((row): Point => ({
    name: row.contestant,
    cost: row.avg_cost_usd ?? 0,
    rating: row.rating ?? 0,
    x: x(row.avg_cost_usd ?? 1),
    y: y(row.rating ?? 0),
    top: y(row.upper ?? row.rating ?? 0),
    bottom: y(row.lower ?? row.rating ?? 0),
    onFront: best.includes(row),
    label: { dx: 0, dy: 0, anchor: 'middle' },
  }));
  const onFront = points.filter((p) => p.onFront).sort((p, q) => p.cost - q.cost);
  const front = onFront
    .flatMap((p, i) => (i === 0 ? [p] : [{ x: p.x, y: onFront[i - 1]?.y ?? p.y }, p]))
    .map(({ x: left, y: top }) => ({ x: left, y: top }));
  placeLabels(points, front, width);
  return {
    points,
    xTicks: logTicks(x.domain() as [number, number]).map((cost) => ({ at: x(cost), cost })),
    yTicks: y.ticks(5).map((rating) => ({ at: y(rating), rating })),
    front,
    leftOut: rated.filter((row) => !known.includes(row)).map((row) => row.contestant),
  };
}

function frontier(rows: readonly BoardRow[]): BoardRow[] {
  const better = (p: BoardRow, q: BoardRow): boolean =>
    (p.rating ?? 0) >= (q.rating ?? 0) &&
    (p.avg_cost_usd ?? 0) <= (q.avg_cost_usd ?? 0) &&
    ((p.rating ?? 0) > (q.rating ?? 0) || (p.avg_cost_usd ?? 0) < (q.avg_cost_usd ?? 0));
  return rows.filter((row) => !row.preliminary && !rows.some((other) => !other.preliminary && better(other, row)));
}

/** 1, 2 and 5 times powers of ten; only the powers where the range is wide. */
function logTicks([low, high]: [number, number]): number[] {
  const steps = high / low > 200 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(1));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** Tries four places around each point and takes the first that hides nothing. */
function placeLabels(points: Point[], front: CostPlot['front'], width: number): void {
  const px = (x: number): number => (x * width) / 100;
  const taken = points.map((p) => ({ l: px(p.x) - 6, r: px(p.x) + 6, t: p.top, b: p.bottom }));
  front.slice(1).forEach((to, i) => {
    const from = front[i] ?? to;
    const [t, b] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
    taken.push({ l: px(from.x), r: px(to.x), t, b });
  });
  for (const p of points) {
    const at = px(p.x);
    const w = p.name.length * 7;
    const places = [
      { dx: 0, dy: p.top - 8, anchor: 'middle', l: at - w / 2, r: at + w / 2 },
      { dx: -10, dy: p.y - 4, anchor: 'end', l: at - 10 - w, r: at - 10 },
      { dx: 10, dy: p.y + 16, anchor: 'start', l: at + 10, r: at + 10 + w },
      { dx: 0, dy: p.bottom + 16, anchor: 'middle', l: at - w / 2, r: at + w / 2 },
    ] as const;
    const boxes = places.map((place) => ({ l: place.l, r: place.r, t: place.dy - 12, b: place.dy + 4 }));
    const fits = boxes.findIndex(
      (box) => box.t > -20 && box.l > -40 && box.r < width + 8 && !taken.some((o) => o.l < box.r && o.r > box.l && o.t < box.b && o.b > box.t),
    );
    const index = fits < 0 ? 0 : fits;
    const [place, box] = [places[index], boxes[index]];
    if (place && box) {
      p.label = { dx: place.dx, dy: place.dy, anchor: place.anchor };
      taken.push(box);
    }
  }
}
