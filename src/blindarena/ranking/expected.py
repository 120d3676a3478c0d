"""What Bradley-Terry expects of each pair."""

from dataclasses import dataclass

import numpy as np

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.pair_counts import PairCounts


@dataclass(frozen=True, slots=True)
class Expected:
    """Per pair: the chance that the first wins, that the second wins, and their product.

    Each has all its digits however far the two are apart.
    """

    first: FloatArray
    second: FloatArray
    slope: FloatArray


def expected(counts: PairCounts, theta: FloatArray) -> Expected:
    """Return the chances 1 / (1 + exp(theta_second - theta_first)) of each pair."""
    ahead = theta[counts.first] - theta[counts.second]
    odds = np.exp(-np.abs(ahead))
    better = 1 / (1 + odds)
    worse = odds * better
    leads = ahead >= 0
    return Expected(
        first=np.where(leads, better, worse),
        second=np.where(leads, worse, better),
        slope=better * worse,
    )
