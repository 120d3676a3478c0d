"""What `bench_ranking.py` has BlindArena do: each function prepares and returns what is timed.

BlindArena imports SciPy's linear algebra when it first fits something; the other libraries import
theirs at once. The clock runs from after the imports, so it is imported here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import scipy.linalg.lapack  # noqa: F401

from ranking_votes import COUNTED, FEATURES, FEWER, STYLED

Ratings = dict[str, float]
Work = Callable[[], Ratings]


def _named(names: Iterable[str], ratings: Iterable[float]) -> Ratings:
    return {name: float(rating) for name, rating in zip(names, ratings, strict=True)}


def bt(folder: Path, file: str = COUNTED, *, intervals: bool = False) -> Work:
    """Read votes as counts and fit Bradley-Terry."""
    from blindarena.leaderboard.offline_votes import table_of
    from blindarena.ranking import (
        fit_bradley_terry,
        normal_interval,
        sandwich_variances,
        to_elo,
    )
    from blindarena.votes import read_cells

    def work() -> Ratings:
        table = table_of(read_cells(folder / file))
        counts = table.votes.pair_counts()
        theta = fit_bradley_terry(counts).theta
        if intervals:
            lower, upper = normal_interval(theta, sandwich_variances(counts, theta))
            assert (lower < theta).all()
            assert (theta < upper).all()
        return _named(table.models, to_elo(theta))

    return work


def bt_intervals(folder: Path) -> Work:
    """Do the same with sandwich intervals."""
    return bt(folder, intervals=True)


def first(folder: Path) -> Work:
    """Do the same as `bt` with fewer votes; the caller times the whole process."""
    return bt(folder, FEWER)


def board(folder: Path) -> Work:
    """Call `blindarena.rank`: ratings, intervals, ranks, tallies and data hash."""
    from blindarena import rank

    def work() -> Ratings:
        found = rank(folder / COUNTED, rank_sets=False)
        return {row.contestant: float(row.rating) for row in found.rows if row.rating is not None}

    return work


def bootstrap(folder: Path) -> Work:
    """Count a frame in memory, fit, and fit 100 resamples."""
    import numpy as np
    import pandas as pd

    from blindarena.leaderboard.offline_votes import table_of
    from blindarena.ranking import to_elo
    from blindarena.ranking.bootstrap import bootstrap as draw
    from blindarena.votes import read_cells

    frame = pd.read_parquet(folder / FEWER)

    def work() -> Ratings:
        table = table_of(read_cells(frame))
        rounds = draw(table.votes.pair_counts(), np.random.default_rng(0), rounds=100)
        return _named(table.models, to_elo(np.median(rounds.theta, axis=0)))

    return work


def style(folder: Path) -> Work:
    """Read votes with style, fit strengths and coefficients, with intervals of both."""
    import numpy as np

    from blindarena.ranking import fit_style_control, normal_interval, to_elo
    from blindarena.votes import read_votes

    names = [f"{name}_{side}" for side in "ab" for name in FEATURES]

    def work() -> Ratings:
        table = read_votes(folder / STYLED, extra=names)
        a, b = (np.stack([table.numbers[f"{name}_{side}"] for name in FEATURES]).T for side in "ab")
        fit = fit_style_control(table.votes, a, b, FEATURES)
        lower, upper = normal_interval(fit.parameters, fit.covariance().diagonal())
        assert (lower < upper).all()
        return _named(table.models, to_elo(fit.theta))

    return work


def elo(folder: Path, *, compiled: bool = False) -> Work:
    """Go over a frame in memory once, without Numba."""
    import pandas as pd

    from blindarena.ranking import rate_elo
    from blindarena.votes import read_votes

    frame = pd.read_parquet(folder / FEWER)
    if compiled:  # loading Numba and its compiled code takes 0.5 s, once per process
        rate_elo(read_votes(frame.head(1000), extra=()).votes, compiled=True)

    def work() -> Ratings:
        table = read_votes(frame, extra=())
        return _named(table.models, rate_elo(table.votes, compiled=compiled).ratings)

    return work


def elo_compiled(folder: Path) -> Work:
    """Do the same with Numba, which is loaded before."""
    return elo(folder, compiled=True)
