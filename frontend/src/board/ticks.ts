/** Scales with ticks at round numbers, in percent of a width; pure. */
import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';

export interface Tick {
  at: number;
  value: number;
}

export interface Scale {
  log: boolean;
  /** Position from 0 to 100, held inside the scale. */
  at: (value: number) => number;
  ticks: Tick[];
}

/** Ratio of largest to smallest from which a scale of positive numbers is drawn on a log scale. */
const WIDE = 4;

/** A scale of what is measured: log where it spans much and 0 is not among it. */
export function measureScale(values: readonly number[]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low >= WIDE) {
    const domain: [number, number] = [low / 1.6, high * 1.6];
    const scale = scaleLog(domain, [0, 100]).clamp(true);
    return { log: true, at: (value) => scale(value), ticks: logTicks(domain).map((value) => ({ at: scale(value), value })) };
  }
  const pad = (high - low || Math.abs(high) || 1) * 0.15;
  const scale = scaleLinear([low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad], [0, 100]).clamp(true);
  return { log: false, at: (value) => scale(value), ticks: scale.ticks(5).map((value) => ({ at: scale(value), value })) };
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

/** A scale of moments, in milliseconds; one moment alone stands in the middle. */
export function timeScale(moments: readonly number[]): Omit<Scale, 'log'> {
  const [low, high] = [Math.min(...moments), Math.max(...moments)];
  const pad = (high - low) * 0.03 || 3_600_000;
  const scale = scaleUtc([low - pad, high + pad], [0, 100]);
  return {
    at: (value) => scale(value),
    ticks: scale.ticks(4).map((date) => ({ at: scale(date), value: date.getTime() })),
  };
}
