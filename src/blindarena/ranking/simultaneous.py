"""Differences between all contestants that hold at once, and the ranks they leave open."""

import math
from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.differences import difference_variances, differences

BLOCK = 256
"""Draws at a time: one contestant's differences from all then fit in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SimultaneousDifferences:
    """Intervals of all differences that hold together with probability `level`.

    Attributes:
        lower, upper: (m, m) bounds of each row's strength less each column's, in nats; infinite
            where the votes show no variance at all.
        rank_low, rank_high: (m,) the best and the worst rank that the intervals leave open. All
            true ranks lie within them together with probability `level`.
        critical: how many standard errors the intervals reach to either side.
        level: the probability.
        draws: how many Gaussian draws `critical` is from.
    """

    lower: FloatArray = field(repr=False)
    upper: FloatArray = field(repr=False)
    rank_low: IntArray
    rank_high: IntArray
    critical: float
    level: float
    draws: int


def simultaneous_differences(
    theta: FloatArray,
    covariance: FloatArray,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    draws: int = 10_000,
    df: float | None = None,
) -> SimultaneousDifferences:
    """Compare all pairs at once by the distribution of the largest standardised difference.

    The errors of differences that share a contestant move together, so this is narrower than
    dividing the error by the number of pairs.

    Args:
        theta: (m,) log-strengths in nats.
        covariance: (m, m) theirs, from any estimator.
        rng: draws the errors; the same state gives the same intervals.
        level: how often all intervals hold together.
        draws: how many; the fewer, the wider, so that chance makes none too narrow.
        df: degrees of freedom of the covariance, such as the smallest of clustered ones; None
            takes it for known.

    Raises:
        InputError: the shapes do not match, or there are fewer than 1 / (1 - level) draws.

    Source: Hothorn, Bretz and Westfall (2008), Biometrical Journal 50, 346-363; rank sets after
        Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518.
    """
    m = len(theta)
    if covariance.shape != (m, m):
        raise InputError(f"covariance has shape {covariance.shape}; give ({m}, {m})")
    if draws * (1 - level) < 1:
        raise InputError(f"{draws} draws do not tell a level of {level}; give more")
    error = np.sqrt(difference_variances(covariance))
    known = error > 1e-9 * error.max(initial=0)
    critical = 0.0
    if known.any():
        largest = _largest(covariance, error, known, rng, draws)
        if df is not None:
            largest *= np.sqrt(df / rng.chisquare(df, draws))
        critical = float(np.quantile(largest, _cautious(level, draws), method="higher"))
    half = np.where(known, critical * error, np.inf)
    np.fill_diagonal(half, 0)
    gap = differences(theta)
    lower, upper = gap - half, gap + half
    better = lower > 0
    return SimultaneousDifferences(
        lower=lower,
        upper=upper,
        rank_low=1 + better.sum(axis=0),
        rank_high=m - better.sum(axis=1),
        critical=critical,
        level=level,
        draws=draws,
    )


def _cautious(level: float, draws: int) -> float:
    """Return a level whose quantile among the draws is too low in 2.5 % of cases only."""
    return min(1.0, level + 1.96 * math.sqrt(level * (1 - level) / draws))


def _largest(
    covariance: FloatArray,
    error: FloatArray,
    known: BoolArray,
    rng: np.random.Generator,
    draws: int,
) -> FloatArray:
    """Return (draws,) the largest standardised difference of each draw."""
    m = len(covariance)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(values.clip(min=0))
    scale = np.divide(1, error, where=known, out=np.zeros_like(error))
    largest = np.zeros(draws)
    for begin in range(0, draws, BLOCK):
        block = largest[begin : begin + BLOCK]
        drawn = root @ rng.standard_normal((m, len(block)))
        for i in range(m - 1):
            apart = np.abs(drawn[i + 1 :] - drawn[i])
            apart *= scale[i + 1 :, [i]]
            np.maximum(block, apart.max(axis=0), out=block)
    return largest
