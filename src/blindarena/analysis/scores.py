"""Scores of the same contestants by two evaluations: what may be compared, and what may not."""

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.errors import ConstantScoresError, InputError, NothingInCommonError

FEWEST = 3
"""Contestants in both: two points always lie on a line."""


def check_scores(one: FloatArray, other: FloatArray, *, fewest: int = FEWEST) -> None:
    """Refuse scores of which no correlation can be computed.

    Args:
        one: (m,) scores of the contestants in both evaluations.
        other: (m,) scores of the same contestants, in the same order.
        fewest: contestants.

    Raises:
        InputError: shapes differ, or a score is no finite number.
        NothingInCommonError: fewer contestants.
        ConstantScoresError: all scores of one evaluation are equal.
    """
    for name, scores in (("one", one), ("other", other)):
        if scores.ndim != 1 or scores.shape != one.shape:
            raise InputError(f"{name} has shape {scores.shape}; give (m,) and the same for both")
        if not np.isfinite(scores).all():
            where = int(np.argmin(np.isfinite(scores)))
            raise InputError(
                f"{name}[{where}] is {scores[where]}; leave contestants without a score out of both"
            )
    if len(one) < fewest:
        raise NothingInCommonError(
            f"{len(one)} contestants are in both evaluations; a comparison of orders needs at "
            f"least {fewest}: check that they have the same names, or give an alias map"
        )
    for name, scores in (("one", one), ("other", other)):
        if np.ptp(scores) == 0:
            raise ConstantScoresError(
                f"{name} gives all {len(scores)} contestants the score {scores[0]:g}, so there is "
                "no order to compare"
            )


def pair_indices(m: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    """Return the (pairs,) lower and the (pairs,) higher number of every pair of m contestants."""
    return np.triu_indices(m, 1)


def midranks(scores: FloatArray) -> FloatArray:
    """Return (m,) ranks from 1, the best score first; equal scores share their mean rank."""
    below = (scores[np.newaxis] > scores[:, np.newaxis]).sum(axis=1)
    equal = (scores[np.newaxis] == scores[:, np.newaxis]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2, dtype=np.float64)
