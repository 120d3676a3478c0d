"""Votes, and likelihoods written plainly, that the tests of methods share."""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import minimize

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays

Row = tuple[int, int, int, int]
"""(a, b, outcome, count)"""


def from_rows(m: int, rows: list[Row]) -> VoteArrays:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return VoteArrays(m, *columns)


def from_tables(m: int, tables: list[tuple[int, ...]]) -> VoteArrays:
    """Make votes from (first, second, wins_first, wins_second, ties[, both_bad])."""
    return from_rows(
        m,
        [(a, b, outcome, count) for a, b, *counts in tables for outcome, count in enumerate(counts)],
    )


def single(votes: VoteArrays) -> VoteArrays:
    """Undo the counting."""
    assert votes.count is not None
    parts = (np.repeat(x, votes.count) for x in (votes.a, votes.b, votes.outcome))
    return VoteArrays(votes.m, *parts)


def swapped(votes: VoteArrays) -> VoteArrays:
    """Show every vote with its sides changed."""
    outcome = np.where(votes.outcome < 2, 1 - votes.outcome, votes.outcome)
    return VoteArrays(votes.m, votes.b, votes.a, outcome, votes.count)


def renamed(votes: VoteArrays, order: IntArray) -> VoteArrays:
    """Call contestant i order[i], and turn the order of the votes round."""
    return VoteArrays(
        votes.m,
        order[votes.a][::-1],
        order[votes.b][::-1],
        votes.outcome[::-1],
        None if votes.count is None else votes.count[::-1],
    )


def multiplied(votes: VoteArrays, times: int) -> VoteArrays:
    count = np.ones(len(votes), dtype=np.int64) if votes.count is None else votes.count
    return VoteArrays(votes.m, votes.a, votes.b, votes.outcome, count * times)


@st.composite
def mixed_votes(draw: st.DrawFn, *, most: int = 30, least: int = 3) -> VoteArrays:
    """Draw votes with every outcome on a cycle of at least three pairs, each way round."""
    m = draw(st.integers(least, 6))
    count = st.integers(1, most)
    rows = [(i, (i + 1) % m, outcome, draw(count)) for i in range(m) for outcome in range(4)]
    extra = st.tuples(st.integers(0, m - 1), st.integers(1, m - 1), st.integers(0, 3), count)
    rows += [(a, (a + by) % m, o, n) for a, by, o, n in draw(st.lists(extra, max_size=8))]
    return from_rows(m, rows)


def plain_maximum(log_likelihood: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
    """Maximise by SciPy, with nothing but values; accurate to about 1e-5."""
    best = minimize(lambda x: -log_likelihood(x), start, method="BFGS", options={"gtol": 1e-7})
    again = minimize(lambda x: -log_likelihood(x), best.x, method="BFGS", options={"gtol": 1e-9})
    return np.asarray(again.x)


def rows_of(votes: VoteArrays) -> list[Row]:
    count = np.ones(len(votes), dtype=np.int64) if votes.count is None else votes.count
    columns = (votes.a, votes.b, votes.outcome, count)
    return list(zip(*(column.tolist() for column in columns), strict=True))
