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
    """Return a percentile interval of a statistic by drawing whole questions anew.

    Args:
        sums: (g, k) what the statistic is made of, by question.
        statistic: from sums over questions to values.
        seed: the same seed gives the same interval.
        rounds: how often as many questions as there are, are drawn with replacement.
        level: share of rounds within the interval.

    Returns:
        None with fewer than two questions, or where a tenth of the rounds has no value.

    Source: Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    g = len(sums)
    if g < 2:
        return None
    rng = np.random.default_rng(seed)
    found: list[FloatArray] = []
    for start in range(0, rounds, AT_ONCE):
        drawn = rng.multinomial(g, np.full(g, 1 / g), size=min(AT_ONCE, rounds - start))
        found.append(statistic(drawn @ sums))
    return percentiles(np.concatenate(found), seed=seed, level=level)


def percentiles(values: FloatArray, *, seed: int, level: float = 0.95) -> Interval | None:
    """Return the interval of (rounds,) drawn values; None where a tenth of them is not a number."""
    kept = values[~np.isnan(values)]
    if len(kept) < ENOUGH * len(values) or not len(kept):
        return None
    lower, upper = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(lower), float(upper), level, len(kept), seed)
