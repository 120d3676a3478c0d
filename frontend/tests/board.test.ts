import { describe, expect, it } from 'vitest';
import type { Board, BoardRow, Pairs, UsableFigures } from '../src/api/types';
import { legible, ratingAxis } from '../src/board/axis';
import { matrix, shortNames, shown } from '../src/board/matrix';
import { footnotes, leadSentence, refusal, splitLong } from '../src/board/sentences';
import { columns, filterRows, firstSort, sortRows } from '../src/board/table';
import { STEPS, stepFor, votesAt } from '../src/board/thin';

function row(contestant: string, more: Partial<BoardRow> = {}): BoardRow {
  return {
    contestant,
    description: '',
    organization: null,
    license: null,
    rating: 1000,
    lower: 980,
    upper: 1020,
    rank: 1,
    rank_low: null,
    rank_high: null,
    votes: 100,
    wins: 40,
    losses: 40,
    ties: 15,
    both_bad: 5,
    win_rate: 0.5,
    avg_cost_usd: null,
    ttft_s: null,
    tokens_per_s: null,
    error_rate: null,
    preliminary: false,
    needs_votes: 0,
    not_connected: false,
    ...more,
  };
}
function use(more: Partial<UsableFigures> = {}): UsableFigures {
  return {
    n: 50, sendable_rate: 0.8, sendable_lower: 0.67, sendable_upper: 0.888, as_is_rate: 0.5, as_is_lower: 0.37, as_is_upper: 0.63,
    breach_rate: 0.04, breach_lower: 0.011, breach_upper: 0.135,
    cost_per_sendable_usd: 0.005, cost_per_sendable_lower: 0.0042, cost_per_sendable_upper: 0.0061, ...more,
  };
}
function board(rows: BoardRow[], more: Partial<Board> = {}): Board {
  return {
    arena: 'x',
    method: 'Bradley-Terry',
    n: 100,
    computed_at: '2026-01-01T00:00:00Z',
    rows,
    category: '',
    population: 'people',
    categories: [],
    interval: '95 % sandwich',
    anchor: null,
    excluded: {},
    data_hash: 'abc',
    thinned_from: null,
    seed: null,
    min_votes: 50,
    method_key: 'bt',
    dated: false,
    status: 'live',
    snapshot_id: null,
    style_coefficients: [],
    rank_sets: 'ready',
    rank_seed: 7,
    margin: null,
    warnings: [],
    notes: [],
    ...more,
  };
}

describe('sorting and filtering', () => {
  const rows = [row('b', { rating: 1100, avg_cost_usd: 2 }), row('a', { rating: 900 }), row('c', { rating: 1200, preliminary: true, avg_cost_usd: 1 })];
  const names = (sorted: BoardRow[]): string => sorted.map((r) => r.contestant).join('');

  it('puts preliminary rows last by rating', () => expect(names(sortRows(rows, firstSort('rating')))).toBe('bac'));
  it('puts unknown values last both ways', () => {
    expect(names(sortRows(rows, firstSort('avg_cost_usd')))).toBe('cba');
    expect(names(sortRows(rows, { key: 'avg_cost_usd', down: true }))).toBe('bca');
  });
  it('sorts names from a to z first', () => expect(names(sortRows(rows, firstSort('contestant')))).toBe('abc'));
  it('finds by part of a name, in any case', () => expect(names(filterRows(rows, ' B '))).toBe('b'));
  it('hides what a published board never measured, and only there', () => {
    expect(columns([row('a')], 'published').map((c) => c.key)).toEqual(['votes', 'win_rate']);
    expect(columns([row('a')], 'people')).toHaveLength(6);
    expect(columns([row('a', { ttft_s: 1, avg_cost_usd: 0.1 })], 'simulated').map((c) => c.key)).toEqual(['votes', 'win_rate']);
    expect(columns([row('a')], 'people').map((c) => c.text(row('a')))).toContain('unknown');
  });
});

describe('sentences', () => {
  it.each([
    [board([], { n: 0 }), 'No votes yet. A rank needs 50 votes per contestant.'],
    [board([row('A'), row('B', { rank: 2 })]), 'A leads, ahead of all others beyond the uncertainty.'],
    [board([row('A'), row('B')]), 'A and B share the first rank: their intervals overlap, so the votes cannot tell them apart.'],
    [board([row('A', { rank: null })]), 'Too early to rank: no contestant has the 50 votes a rank needs.'],
  ])('%#', (given, expected) => expect(leadSentence(given)).toBe(expected));

  it('count one vote in the singular', () => {
    expect(leadSentence(board([], { n: 0, min_votes: 1 }))).toBe('No votes yet. A rank needs 1 vote per contestant.');
  });

  it('explain ranks that do not follow the ratings, only where there are such', () => {
    const why = 'a wide interval can give a lower rating the better rank';
    const rows = [row('A', { rank: 2 }), row('B', { rank: 1, rating: 990 }), row('C', { rank: null, rating: 980 })];
    expect(footnotes(board(rows), false).join(' ')).toContain(why);
    expect(footnotes(board([...rows].reverse().map((r, i) => ({ ...r, rank: 3 - i }))), false).join(' ')).not.toContain(why);
  });

  it('name contestants that never met and votes that do not count', () => {
    const lines = footnotes(board([row('A'), row('B', { not_connected: true, rating: null })], { excluded: { 'identity-leak': 3, other: 0 } }), false);
    expect(lines.join(' ')).toContain('joins this contestant to the others, so it has no rating: B.');
    expect(lines.join(' ')).toContain('3 votes are kept but not counted: 3 × an answer gave its name away.');
  });
});

describe('boards that are not live', () => {
  it('say what is under way and why there is none', () => {
    expect(leadSentence(board([], { status: 'computing', n: 0 }))).toContain('Computing');
    expect(leadSentence(board([], { status: 'none', n: 9, warnings: ['Too few voters.'] }))).toBe('This board cannot be computed from these votes. Too few voters.');
  });
  it('say where rank ranges come from, and that they are on their way', () => {
    expect(footnotes(board([row('A')]), false)[0]).toContain('seed 7');
    expect(footnotes(board([row('A')], { rank_sets: 'computing', rank_seed: null }), false)[0]).toContain('being computed');
    expect(footnotes(board([row('A')], { rank_seed: null }), false)[0]).toContain('at every look');
  });
  it('repeat warnings, notes and that excluded votes count', () => {
    const lines = footnotes(board([row('A')], { warnings: ['Few clusters.'], notes: ['Ties: 0.3.'], excluded: { x: 2 }, margin: 30 }), false, true);
    expect(lines).toContain('Few clusters.');
    expect(lines).toContain('Ties: 0.3.');
    expect(lines.join(' ')).toContain('counted here too');
    expect(lines.join(' ')).toContain('Differences under 30 points');
    expect(lines.join(' ')).not.toContain('not counted');
  });
  it('do not speak of intervals that a method does not give', () => {
    expect(footnotes(board([row('A')], { interval: 'none', rank_sets: 'none' }), false)[0]).toContain('gives no interval');
  });
  it('fold a long list behind what it lists', () => {
    const long = `Both bad: ${Array.from({ length: 129 }, (_, i) => `m${i} ${i}%`).join(', ')}.`;
    expect(splitLong(long)).toEqual(['Both bad:', long.slice(10)]);
    expect(splitLong('Ties: 3 %.')).toEqual(['Ties: 3 %.', '']);
    expect(splitLong('x'.repeat(900))[1]).toBe('');
  });
  it('name what the address asks for in vain', () => {
    expect(refusal([])).toBe('');
    expect(refusal([{ name: 'method', value: 'magic' }])).toBe('The address asks for method “magic”, which this board does not have. It shows the usual instead.');
  });
});

describe('the rating axis', () => {
  it('is set by ranked intervals, and holds others inside', () => {
    const axis = ratingAxis([row('a'), row('b', { preliminary: true, rating: 990, lower: 200, upper: 1900 })]);
    expect(axis?.low).toBeGreaterThan(900);
    expect(axis?.at(200)).toBe(0);
    expect(axis?.beyond(200)).toBe(true);
    expect(axis?.at(1000)).toBeCloseTo(50, 0);
  });
  it('is missing where nothing is rated', () => expect(ratingAxis([row('a', { rating: null })])).toBeNull());
  it('names fewer ticks where there is less room, at equal steps', () => {
    const axis = ratingAxis([row('a', { lower: 790, upper: 1210 })]);
    if (!axis) throw new Error('no axis');
    expect(axis.ticks).toEqual([800, 900, 1000, 1100, 1200]);
    expect(legible(axis, 300)).toEqual(axis.ticks);
    expect(legible(axis, 120)).toEqual([800, 1000, 1200]);
    expect(legible({ ...axis, ticks: [1000] }, 5)).toEqual([1000]);
  });
});

describe('the win matrix', () => {
  const pairs: Pairs = {
    contestants: ['a', 'b', 'c', 'd'],
    pairs: [
      { a: 'a', b: 'b', wins_a: 60, wins_b: 20, ties: 10, both_bad: 10 },
      { a: 'b', b: 'c', wins_a: 3, wins_b: 1, ties: 0, both_bad: 0 },
    ],
  };
  it('counts ties half and mirrors', () => {
    const cells = matrix(['a', 'b', 'c'], pairs);
    expect(cells[0]?.[1]).toEqual({ kind: 'share', percent: 70, heat: 5 });
    expect(cells[1]?.[0]).toEqual({ kind: 'share', percent: 30, heat: 0 });
    expect(cells[1]?.[2]).toEqual({ kind: 'few' });
    expect(cells[0]?.[2]).toEqual({ kind: 'never' });
    expect(cells[2]?.[2]).toEqual({ kind: 'self' });
  });
  it('leaves out who never met anyone and follows the board', () => expect(shown(['c', 'a', 'd'], pairs)).toEqual(['c', 'a', 'b']));
  it('shortens names only where they stay apart', () => {
    expect(shortNames(['Alder Large', 'Brindle 2'])).toEqual(['Alder', 'Brindle']);
    expect(shortNames(['Alder Large', 'Alder Mini'])).toEqual(['Alder Large', 'Alder Mini']);
  });
});

describe('thinning', () => {
  it('goes from 100 to all on a log scale', () => {
    expect(votesAt(0, 1_670_250)).toBe(100);
    expect(votesAt(STEPS, 1_670_250)).toBeNull();
    expect(votesAt(STEPS / 2, 1_670_250)).toBe(13_000);
    const steps = Array.from({ length: STEPS }, (_, i) => votesAt(i, 1_670_250) ?? 0);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
  it('finds its place from an address', () => {
    expect(stepFor(null, 1_670_250)).toBe(STEPS);
    for (const step of [0, 7, 30, 59]) expect(stepFor(votesAt(step, 1_670_250), 1_670_250)).toBe(step);
    expect(stepFor(5, 1_670_250)).toBe(0);
  });
  it('has nothing to thin on a small board', () => expect(votesAt(3, 80)).toBeNull());
});

describe('usable answers on a board', () => {
  const shown = (rows: BoardRow[]): string[] => columns(rows, 'people').map(({ key }) => key);

  it('have columns only where the arena asks', () => {
    expect(shown([row('a')])).not.toContain('sendable_rate');
    expect(shown([row('a', { usable: use() })]).slice(0, 5)).toEqual(['votes', 'win_rate', 'sendable_rate', 'breach_rate', 'cost_per_sendable_usd']);
    expect(footnotes(board([row('a')]), false).join()).not.toContain('Would send');
    expect(footnotes(board([row('a', { usable: use() })]), false).join()).toContain('Would send');
  });

  it('are shown with their intervals; unknown is never 0', () => {
    const known = row('a', { usable: use() });
    const nobody = row('b', { usable: use({ n: 0, sendable_rate: null, sendable_lower: null, sendable_upper: null, cost_per_sendable_usd: null, cost_per_sendable_lower: null, cost_per_sendable_upper: null }) });
    const never = row('c', { usable: use({ sendable_rate: 0, sendable_lower: 0, sendable_upper: 0.07, cost_per_sendable_usd: null, cost_per_sendable_lower: 0.06, cost_per_sendable_upper: null }) });
    const [sent, , cost] = columns([known], 'people').slice(2);
    const words = (one: BoardRow): (string | undefined)[] => [sent?.text(one), sent?.range?.(one), cost?.text(one), cost?.range?.(one)];
    expect(words(known)).toEqual(['80 %', '67–89 %', '$0.005', '$0.0042–$0.0061']);
    expect(words(nobody)).toEqual(['unknown', '', 'unknown', '']);
    expect(words(never)).toEqual(['0 %', '0–7 %', 'unknown', 'at least $0.06']);
    expect([sent?.share?.(known), sent?.share?.(nobody)]).toEqual([{ value: 0.8, lower: 0.67, upper: 0.888 }, null]);
  });

  it('sort the board, unknown last', () => {
    const rows = [row('a', { usable: use({ sendable_rate: null }) }), row('b', { usable: use({ sendable_rate: 0.2 }) }), row('c', { usable: use() })];
    const names = (key: 'sendable_rate' | 'cost_per_sendable_usd'): string[] => sortRows(rows, firstSort(key)).map(({ contestant }) => contestant);
    expect(names('sendable_rate')).toEqual(['c', 'b', 'a']);
    expect(firstSort('cost_per_sendable_usd').down).toBe(false);
  });
});
