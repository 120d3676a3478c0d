/** The scale that all intervals of a board share. */
import { scaleLinear } from 'd3-scale';
import type { BoardRow } from '../api/types';

export interface Axis {
  low: number;
  high: number;
  ticks: number[];
  /** Position of a rating from 0 to 100, held inside the scale. */
  at: (rating: number) => number;
  /** Says whether a rating lies beyond the scale. */
  beyond: (rating: number) => boolean;
}

/**
 * Builds the scale from the ranked rows and the points of all others: the interval of a row with
 * three votes would squeeze everything else.
 */
export function ratingAxis(rows: readonly BoardRow[], extra: readonly number[] = []): Axis | null {
  const values = rows.flatMap((row) => {
    if (row.rating === null) return [];
    return row.preliminary ? [row.rating] : [row.rating, row.lower ?? row.rating, row.upper ?? row.rating];
  });
  values.push(...extra);
  if (values.length === 0) return null;
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max(8, (high - low) * 0.05);
  [low, high] = [low - pad, high + pad];
  const scale = scaleLinear([low, high], [0, 100]).clamp(true);
  return {
    low,
    high,
    ticks: scale.ticks(5).filter((tick) => scale(tick) > 4 && scale(tick) < 96),
    at: (rating) => scale(rating),
    beyond: (rating) => rating < low || rating > high,
  };
}

const DIGIT_PX = 8;
const APART_PX = 10;

/** Leaves out so many of the ticks, at equal steps, that their texts do not touch in a narrow column. */
export function legible(axis: Axis, width: number, text: (tick: number) => string = String): number[] {
  const [first, second] = axis.ticks;
  if (first === undefined || second === undefined) return axis.ticks;
  const apart = ((axis.at(second) - axis.at(first)) / 100) * width;
  const needed = Math.max(...axis.ticks.map((tick) => text(tick).length)) * DIGIT_PX + APART_PX;
  const step = Math.ceil(needed / apart);
  return axis.ticks.filter((_, i) => i % step === 0);
}
