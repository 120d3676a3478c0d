"""Pair counts that the ranking tests share."""

import numpy as np
from hypothesis import strategies as st

from blindarena.ranking import PairCounts
from blindarena.ranking.arrays import FloatArray, IntArray


def pair_counts(m: int, rows: list[tuple[int, int, int, int, int]]) -> PairCounts:
    """Make pair counts from rows (first, second, wins_first, wins_second, ties)."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return PairCounts(m, *columns)


def score_matrix(counts: PairCounts) -> FloatArray:
    """Spread the scores over a dense matrix, in the plainest way."""
    scores = np.zeros((counts.m, counts.m))
    for first, second, one, two, ties in zip(
        counts.first, counts.second, counts.wins_first, counts.wins_second, counts.ties, strict=True
    ):
        scores[first, second] += one + ties / 2
        scores[second, first] += two + ties / 2
    return scores


def single_votes(counts: PairCounts) -> tuple[IntArray, IntArray, FloatArray]:
    """Undo the counting: one row per vote, with the score of its first side."""
    cells = np.concatenate([counts.wins_first, counts.wins_second, counts.ties])
    scores = np.repeat([1.0, 0.0, 0.5], len(counts.first))
    return (
        np.repeat(np.tile(counts.first, 3), cells),
        np.repeat(np.tile(counts.second, 3), cells),
        np.repeat(scores, cells),
    )


@st.composite
def connected_counts(draw: st.DrawFn, *, most: int = 40) -> PairCounts:
    """Draw counts of 2 to 7 contestants with a cycle of wins, hence strongly connected."""
    m = draw(st.integers(2, 7))
    small = st.integers(0, most)
    rows = [(i, (i + 1) % m, 1 + draw(small), draw(small), draw(small)) for i in range(m)]
    extra = [(i, j) for i in range(m) for j in range(i + 2, m)]
    for i, j in draw(st.lists(st.sampled_from(extra), unique=True)) if extra else []:
        rows.append((i, j, draw(small), draw(small), draw(small)))
    return pair_counts(m, rows)


WIKIPEDIA = pair_counts(4, [(0, 1, 2, 3, 0), (0, 3, 1, 4, 0), (1, 2, 5, 3, 0), (2, 3, 1, 3, 0)])
"""The 22 games of Wikipedia's article "Bradley-Terry model": A, B, C, D."""
