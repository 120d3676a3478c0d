"""Intervals of any statistic by drawing whole questions anew."""

from collections.abc import Callable

import numpy as np

from blindarena.analysis.agreement import FloatArray, Interval

Statistic = Callable[[FloatArray], FloatArray]
"""Takes (rounds, k) sums over all questions, returns (rounds,) values, NaN where there is none."""
AT_ONCE = 100
ENOUGH = 0.9
"""Share of rounds that must give a value."""


def statistic_of(sums: FloatArray, statistic: Statistic) -> float | None:
    """Return the statistic of all questions together; None where there is none."""
    value = float(statistic(sums.sum(axis=0)[np.newaxis])[0])
    return None if np.isnan(value) else value


def bootstrap(
    sums: FloatArray,
    statistic: Statistic,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> Interval | None:
    """Return the BCa interval of a statistic by drawing whole questions, or contestants, anew.

    Percentiles of the draws, moved for how far the draws lie off the value and for how its
    variance changes with it. Where a value does not exist without some question, they stay.

    Args:
        sums: (g, k) what the statistic is made of, by question.
        statistic: from sums over questions to values.
        seed: the same seed gives the same interval.
        rounds: how often as many questions as there are, are drawn with replacement.
        level: how often the interval is to hold the value of endless questions.

    Returns:
        None with fewer than two questions, or where a tenth of the rounds has no value.

    Source: Efron (1987), Journal of the American Statistical Association 82(397), 171-185.
    """
    g = len(sums)
    if g < 2:
        return None
    rng = np.random.default_rng(seed)
    found: list[FloatArray] = []
    for start in range(0, rounds, AT_ONCE):
        drawn = rng.multinomial(g, np.full(g, 1 / g), size=min(AT_ONCE, rounds - start))
        found.append(statistic(drawn @ sums))
    values = np.concatenate(found)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    return _between(values, _moved(ends, values, sums, statistic), seed, level)


def percentiles(values: FloatArray, *, seed: int, level: float = 0.95) -> Interval | None:
    """Return the interval of (rounds,) drawn values; None where a tenth of them is not a number."""
    return _between(values, np.array([(1 - level) / 2, (1 + level) / 2]), seed, level)


def _between(values: FloatArray, ends: FloatArray, seed: int, level: float) -> Interval | None:
    kept = values[~np.isnan(values)]
    if len(kept) < ENOUGH * len(values) or not len(kept):
        return None
    lower, upper = np.quantile(kept, ends)
    return Interval(float(lower), float(upper), level, len(kept), seed)


def _moved(
    ends: FloatArray, values: FloatArray, sums: FloatArray, statistic: Statistic
) -> FloatArray:
    """Return the quantiles of the draws that BCa takes in place of `ends`."""
    total = sums.sum(axis=0)
    value, without = statistic(total[np.newaxis])[0], statistic(total - sums)
    kept = values[~np.isnan(values)]
    if not len(kept) or np.isnan(value) or np.isnan(without).any():
        return ends
    from scipy.special import ndtr, ndtri  # takes time to import

    below = ((kept < value).mean() + (kept <= value).mean()) / 2
    if not 0 < below < 1:
        return ends
    bias = ndtri(below)
    off = without.mean() - without
    spread = float((off**2).sum()) ** 1.5
    acceleration = float((off**3).sum()) / (6 * spread) if spread > 0 else 0.0
    shifted = bias + ndtri(ends)
    slowed = 1 - acceleration * shifted
    return np.asarray(ndtr(bias + shifted / slowed)) if (slowed > 0).all() else ends
