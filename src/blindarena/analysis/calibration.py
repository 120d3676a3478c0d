"""Whether a graded judge's score gap says how often people prefer the better-scored answer."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.clusters import Share, share_of, sum_by
from blindarena.analysis.verdicts import FIRST, SECOND, TIE, Codes, check_counts
from blindarena.errors import InputError, NothingInCommonError

STEEPEST = 50.0
"""Largest slope in log-odds per unit of the gaps' root mean square: people never disagreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Items with about the same predicted preference.

    Attributes:
        lower: of the predictions.
        upper: of the predictions.
        predicted: mean prediction, each vote weighing the same.
        observed: share of votes for the answer that the judge scores higher, a tie counting half.
        items: in it.
    """

    lower: float
    upper: float
    predicted: float
    observed: Share
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How well predicted preferences fit those of people.

    Attributes:
        bins: those with votes, from a coin toss to certainty.
        error: expected calibration error: mean distance of predicted and observed, by votes. It is
            above 0 by chance alone where bins hold few votes.
        brier: mean squared distance of the prediction and each vote, 0.25 for a coin toss.
        slope: log-odds per unit of the gap, where fitted from the gaps; None where given.
        votes: of people on these items.
        items: with a gap and votes.
        undecided: items with votes but no gap: nothing is predicted of them, so nothing is counted.
    """

    bins: tuple[ReliabilityBin, ...]
    error: float
    brier: float
    slope: float | None
    votes: int
    items: int
    undecided: int


def calibrate_gaps(
    gap: FloatArray, human: Counts, *, question: Codes, bins: int = 5, level: float = 0.95
) -> Calibration:
    """Fit how score gaps turn into preferences, and compare with what people say.

    The preference for the better-scored answer is 1 / (1 + exp(-slope |gap|)). One slope is fitted
    to all votes, so the error tells of the shape, not of the scale.

    Args:
        gap: (items,) the judge's score of the first answer less that of the second.
        human: (items, 3) verdicts of people.
        question: (items,) number of each item's question.
        bins: how many, of equal width between 0.5 and 1.
        level: of the intervals, clustered by question.

    Raises:
        NothingInCommonError: no item has both a gap other than 0 and votes.
        InputError: shapes differ, or a gap is not a number.
    """
    size, count, kept = _better_first(gap, human)
    slope = _slope(size[kept], count[kept])
    predicted = 1 / (1 + np.exp(-slope * size))
    return _calibration(predicted, count, kept, question, bins, slope, level)


def reliability(
    predicted: FloatArray, human: Counts, *, question: Codes, bins: int = 5, level: float = 0.95
) -> Calibration:
    """Compare stated preferences with what people say.

    Args:
        predicted: (items,) the judge's probability that the first answer is preferred, 0 to 1.
        human: (items, 3) verdicts of people.
        question: (items,) number of each item's question.
        bins: how many, of equal width between 0.5 and 1.
        level: of the intervals, clustered by question.

    Raises:
        NothingInCommonError: no item has votes and a prediction other than 0.5.
        InputError: shapes differ, or a prediction is not between 0 and 1.

    Source: expected calibration error: Naeini, Cooper and Hauskrecht (2015), AAAI, 2901-2907.
    """
    if np.any(~((predicted >= 0) & (predicted <= 1))):
        where = int(np.argmax(~((predicted >= 0) & (predicted <= 1))))
        raise InputError(f"predicted[{where}] is {predicted[where]}; give 0 to 1")
    size, count, kept = _better_first(predicted - 0.5, human)
    return _calibration(0.5 + size, count, kept, question, bins, None, level)


def _better_first(gap: FloatArray, human: Counts) -> tuple[FloatArray, FloatArray, Codes]:
    """Return sizes of gaps, (items, 2) votes for the better-scored answer and all, and which."""
    votes = check_counts(human, "human")
    if gap.shape != (len(votes),):
        raise InputError(f"gap has shape {gap.shape}, human {votes.shape}; give one row per item")
    if np.isnan(gap).any():
        raise InputError(f"gap[{int(np.isnan(gap).argmax())}] is not a number; leave it out")
    won = np.where(gap > 0, votes[:, FIRST], votes[:, SECOND]) + votes[:, TIE] / 2
    each = votes.sum(axis=1)
    kept = np.flatnonzero((each > 0) & (gap != 0))
    if not len(kept):
        raise NothingInCommonError("no item has votes of people and a gap in the judge's scores")
    return np.abs(gap), np.column_stack([won, each]), kept


def _calibration(
    predicted: FloatArray,
    count: FloatArray,
    kept: Codes,
    question: Codes,
    bins: int,
    slope: float | None,
    level: float,
) -> Calibration:
    undecided = int((count[:, 1] > 0).sum()) - len(kept)
    p, (won, each), where = predicted[kept], count[kept].T, np.asarray(question)[kept]
    edges = np.linspace(0.5, 1, bins + 1)
    number = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, bins - 1)
    found, off = [], 0.0
    for k in range(bins):
        here = number == k
        if not here.any():
            continue
        sums = sum_by(np.column_stack([won[here], each[here]]), where[here])
        mean = float(p[here] @ each[here] / each[here].sum())
        observed = share_of(sums[:, 0], sums[:, 1], level=level)
        off += abs(float(p[here] @ each[here] - won[here].sum()))
        found.append(
            ReliabilityBin(
                lower=float(edges[k]),
                upper=float(edges[k + 1]),
                predicted=mean,
                observed=observed,
                items=int(here.sum()),
            )
        )
    votes = float(each.sum())
    # A tie is half a vote for each side, so a vote's mean squared distance is that of the halves.
    squared = won * (1 - p) ** 2 + (each - won) * p**2
    return Calibration(
        bins=tuple(found),
        error=off / votes,
        brier=float(squared.sum()) / votes,
        slope=slope,
        votes=int(votes),
        items=len(kept),
        undecided=undecided,
    )


def _slope(size: FloatArray, count: FloatArray) -> float:
    """Return the slope of greatest likelihood from 0 to STEEPEST over the typical gap."""
    won, each = count.T
    most = STEEPEST / float(np.sqrt((size**2).mean()))

    def score(slope: float) -> float:
        return float(((won - each / (1 + np.exp(-slope * size))) * size).sum())

    if score(0.0) <= 0:
        return 0.0
    if score(most) >= 0:
        return most
    from scipy.optimize import brentq  # takes time to import

    return float(brentq(score, 0.0, most, xtol=1e-14, rtol=1e-14))
