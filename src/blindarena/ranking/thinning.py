"""Fewer votes, drawn at random from those there are."""

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import IntArray

MOST = 10**9
"""NumPy's sampler takes fewer votes than this."""


def thin(cells: IntArray, votes: int, rng: np.random.Generator) -> IntArray:
    """Draw votes without replacement from counted votes.

    The counts are distributed exactly as if the single votes had been shuffled and the first ones
    taken (multivariate hypergeometric), at a cost that does not depend on their number.

    Args:
        cells: counts in any shape, none negative.
        votes: how many to draw; where there are no more than that, all are kept.
        rng: draws them; the same state draws the same votes.

    Returns:
        Counts in the shape of `cells`.

    Raises:
        InputError: `votes` is negative, or there are 10^9 votes or more to draw from.
    """
    if votes < 0:
        raise InputError(f"cannot draw {votes} votes; give 0 or more")
    total = int(cells.sum())
    if votes >= total:
        return cells.copy()
    if total >= MOST:
        raise InputError(f"cannot thin {total} votes; the limit is {MOST - 1}")
    drawn = rng.multivariate_hypergeometric(cells.ravel(), votes, method="marginals")
    return np.asarray(drawn, dtype=np.int64).reshape(cells.shape)
