/** The win matrix as cells; pure. */
import type { Pairs } from '../api/types';

export const FEW = 10;
export const TOP = 20;
/** Lower edges of the heat steps 1 to 5, in percent. */
export const EDGES = [36, 43, 50, 57, 64] as const;

export type Cell = { kind: 'self' | 'never' | 'few' } | { kind: 'share'; percent: number; heat: number };

/** Chooses whom the matrix shows: those that met anyone, in the board's order. */
export function shown(order: readonly string[], pairs: Pairs): string[] {
  const met = new Set(pairs.pairs.flatMap((pair) => [pair.a, pair.b]));
  const ranked = order.filter((name) => met.has(name));
  return [...ranked, ...pairs.contestants.filter((name) => met.has(name) && !order.includes(name))];
}

export function matrix(names: readonly string[], { pairs }: Pairs): Cell[][] {
  const index = new Map(names.map((name, i) => [name, i]));
  const cells: Cell[][] = names.map((_, i) => names.map((_, j) => ({ kind: i === j ? 'self' : 'never' })));
  for (const pair of pairs) {
    const [i, j] = [index.get(pair.a), index.get(pair.b)];
    if (i === undefined || j === undefined) continue;
    const half = (pair.ties + pair.both_bad) / 2;
    const total = pair.wins_a + pair.wins_b + 2 * half;
    const [row, column] = [cells[i], cells[j]];
    if (!row || !column || total === 0) continue;
    row[j] = cell(pair.wins_a + half, total);
    column[i] = cell(pair.wins_b + half, total);
  }
  return cells;
}

function cell(score: number, total: number): Cell {
  if (total < FEW) return { kind: 'few' };
  const percent = Math.round((100 * score) / total);
  return { kind: 'share', percent, heat: EDGES.filter((edge) => percent >= edge).length };
}

/** Short heads: the first word, where the first words tell all names apart. */
export function shortNames(names: readonly string[]): string[] {
  const first = names.map((name) => name.split(/\s/)[0] ?? name);
  return new Set(first).size === names.length ? first : [...names];
}
