"""Ranks from intervals."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray


def overlap_ranks(lower: FloatArray, upper: FloatArray) -> IntArray:
    """Rank contestants: 1 + how many have a lower bound above this one's upper bound.

    Contestants whose intervals overlap may share a rank, and ranks may be skipped.

    Args:
        lower: (m,) lower bounds; NaN here or in `upper` takes the contestant out of the ranking.
        upper: (m,) upper bounds.

    Returns:
        (m,) ranks from 1; 0 where there is none.

    Source: Chiang et al. (2024), Chatbot Arena, arXiv 2403.04132, section 5.
    """
    ranked = ~(np.isnan(lower) | np.isnan(upper))
    ranks = np.zeros(len(lower), dtype=np.int64)
    sorted_lower = np.sort(lower[ranked])
    above = len(sorted_lower) - np.searchsorted(sorted_lower, upper[ranked], side="right")
    ranks[ranked] = 1 + above
    return ranks
