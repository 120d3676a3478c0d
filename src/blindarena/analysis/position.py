"""Whether a rater says the same when the two answers change places, and which place it likes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.clusters import Share, share_of, sum_by
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE, Codes, check_verdicts, flip
from blindarena.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionConsistency:
    """What a rater says of the same two answers in both orders.

    Attributes:
        consistent: the share of pairs of which it says the same, a tie included.
        same: pairs of which it says the same.
        first_both: pairs of which it takes whatever was shown first.
        second_both: pairs of which it takes whatever was shown second.
        tie_in_one_order: pairs with a tie in one order only.
        missing: pairs without a verdict in one order; they are in none of the others.
    """

    consistent: Share
    same: int
    first_both: int
    second_both: int
    tie_in_one_order: int
    missing: int


def position_consistency(
    shown: Codes, swapped: Codes, *, question: Codes, level: float = 0.95
) -> PositionConsistency:
    """Compare the verdicts of one rater on the same pairs in both orders.

    Args:
        shown: (n,) verdicts in one order, FIRST being the answer that was shown first.
        swapped: (n,) verdicts with the places exchanged, FIRST again what was shown first then.
        question: (n,) number of each pair's question.
        level: of the interval, clustered by question.

    Raises:
        InputError: shapes differ, or a code is out of range.

    Source: Zheng et al. (2023), arXiv:2306.05685, section 3.3 and table 2.
    """
    one, other = check_verdicts(shown, "shown"), check_verdicts(swapped, "swapped")
    if one.shape != other.shape or one.ndim != 1:
        raise InputError(f"shown has shape {one.shape}, swapped {other.shape}; give (n,) both")
    given = (one != MISSING) & (other != MISSING)
    one, other, where = one[given], other[given], np.asarray(question)[given]
    same = one == flip(other)
    return PositionConsistency(
        consistent=share_with(same, where, level=level),
        same=int(same.sum()),
        first_both=int(((one == FIRST) & (other == FIRST)).sum()),
        second_both=int(((one == SECOND) & (other == SECOND)).sum()),
        tie_in_one_order=int(((one == TIE) != (other == TIE)).sum()),
        missing=int((~given).sum()),
    )


def first_position_rate(verdict: Codes, *, question: Codes, level: float = 0.95) -> Share:
    """Return how often the answer that was shown first wins, among verdicts that are no tie.

    A half is what a rater without a liking for a place gives where each pair was shown in both
    orders, or in an order by lot.

    Args:
        verdict: (n,) FIRST being the answer that was shown first.
        question: (n,) number of each verdict's question.
        level: of the interval, clustered by question.
    """
    codes = check_verdicts(verdict)
    decided = (codes == FIRST) | (codes == SECOND)
    return share_with(codes[decided] == FIRST, np.asarray(question)[decided], level=level)


def share_with(flag: NDArray[np.bool_], question: Codes, *, level: float = 0.95) -> Share:
    """Return the share of (n,) entries that are true, its interval clustered by question."""
    sums = sum_by(np.column_stack([flag, np.ones(len(flag))]), question)
    return share_of(sums[:, 0], sums[:, 1], level=level)
