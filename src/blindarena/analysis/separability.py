"""How well a benchmark tells contestants apart, and whether it puts them as a reference does.

Arena-Hard's three measures of a benchmark. They ask more than a correlation: a benchmark must be
sure, and right where it is sure.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.scores import check_scores, pair_indices
from blindarena.errors import InputError, NothingInCommonError

Touching = Literal["overlap", "apart"]
"""Whether intervals overlap that share one point only, as where one of them has no width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separability:
    """The share of pairs of contestants whose intervals do not overlap."""

    separated: int
    pairs: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentAgreement:
    """What a benchmark says of the pairs that a reference tells apart.

    Attributes:
        agree: pairs it tells apart, in the same order.
        disagree: pairs it tells apart, in the other order.
        unsure: pairs it does not tell apart.
        pairs: those that the reference tells apart.
        signed: mean of 1, -1 and 0 for these, from -1 to 1: Arena-Hard's definition.
        half_credit: mean of 1, 0 and a half, from 0 to 1: (1 + signed) / 2, as its table prints.
    """

    agree: int
    disagree: int
    unsure: int
    pairs: int
    signed: float
    half_credit: float


def separated_pairs(
    lower: FloatArray, upper: FloatArray, *, touching: Touching = "overlap"
) -> NDArray[np.bool_]:
    """Return (pairs,) whether the intervals of two contestants are apart, as `pair_indices`.

    Args:
        lower: (m,) ends of the intervals.
        upper: (m,) ends of the intervals.
        touching: whether intervals with one point in common overlap.

    Raises:
        InputError: shapes differ, an end is no number, or an interval ends before it begins.
    """
    if lower.shape != upper.shape or lower.ndim != 1:
        raise InputError(f"lower has shape {lower.shape}, upper {upper.shape}; give (m,) both")
    wrong = np.flatnonzero(~(lower <= upper))
    if len(wrong):
        k = int(wrong[0])
        raise InputError(f"the interval of contestant {k} is {lower[k]} to {upper[k]}")
    i, j = pair_indices(len(lower))
    common = np.minimum(upper[i], upper[j]) - np.maximum(lower[i], lower[j])
    return np.asarray(common < 0 if touching == "overlap" else common <= 0)


def separability(
    lower: FloatArray, upper: FloatArray, *, touching: Touching = "overlap"
) -> Separability:
    """Return how many pairs a benchmark's intervals tell apart.

    Args:
        lower: (m,) ends of the intervals.
        upper: (m,) ends of the intervals.
        touching: whether intervals with one point in common overlap.

    Raises:
        NothingInCommonError: fewer than two contestants.
        InputError: as `separated_pairs`.

    Source: Li et al. (2024), arXiv:2406.11939, section 3, "separability with confidence".
    """
    apart = separated_pairs(lower, upper, touching=touching)
    if not len(apart):
        raise NothingInCommonError(f"{len(lower)} contestants are in both; a pair needs two")
    return Separability(separated=int(apart.sum()), pairs=len(apart), share=float(apart.mean()))


def agreement_with_confidence(
    one: tuple[FloatArray, FloatArray, FloatArray],
    reference: tuple[FloatArray, FloatArray, FloatArray],
    *,
    touching: Touching = "overlap",
) -> ConfidentAgreement | None:
    """Return how often a benchmark is sure and right, over pairs that a reference tells apart.

    Args:
        one: (m,) scores, lower and upper ends of the benchmark.
        reference: the same of the reference, such as a board of human votes.
        touching: whether intervals with one point in common overlap.

    Returns:
        None where the reference tells no pair apart.

    Raises:
        NothingInCommonError: fewer than three contestants.
        ConstantScoresError: all scores of one evaluation are equal.
        InputError: shapes differ, or an entry is no number.

    Source: Li et al. (2024), arXiv:2406.11939, section 3, "agreement with confidence interval".
    """
    check_scores(one[0], reference[0])
    sure, known = (separated_pairs(a[1], a[2], touching=touching) for a in (one, reference))
    if len(sure) != len(known):
        raise InputError("the evaluations have intervals of different numbers of contestants")
    pairs = int(known.sum())
    if not pairs:
        return None
    same = _order(one[0]) == _order(reference[0])
    agree, disagree = int((known & sure & same).sum()), int((known & sure & ~same).sum())
    signed = (agree - disagree) / pairs
    return ConfidentAgreement(
        agree=agree,
        disagree=disagree,
        unsure=pairs - agree - disagree,
        pairs=pairs,
        signed=signed,
        half_credit=(1 + signed) / 2,
    )


def pair_agreement(one: FloatArray, reference: FloatArray) -> float:
    """Return the share of pairs that both put in the same order, whatever their certainty.

    Args:
        one: (m,) scores.
        reference: (m,) scores of the same contestants; a tie in one evaluation only is not the
            same order.

    Raises:
        AnalysisError: as `check_scores`.
        InputError: as `check_scores`.
    """
    check_scores(one, reference)
    return float((_order(one) == _order(reference)).mean())


def pair_rank_brier(mean: FloatArray, variance: FloatArray, reference: FloatArray) -> float:
    """Return the mean squared distance of forecast and outcome over all pairs; 0.25 is a coin toss.

    The forecast that the first of a pair is better is Phi((mean_1 - mean_2) / sqrt(variance_1 +
    variance_2)); the outcome is the reference's order, a tie being a half.

    Args:
        mean: (m,) mean of the benchmark's bootstrap scores.
        variance: (m,) their variance, divided by the number of draws; 0 where there is none.
        reference: (m,) scores that give the order.

    Raises:
        InputError: shapes differ, an entry is no finite number, or a variance is below 0.
        AnalysisError: as `check_scores`.

    Source: Li et al. (2024), arXiv:2406.11939, section 3, "pair rank Brier score", with the normal
        approximation of the bootstrap distribution.
    """
    check_scores(mean, reference)
    if variance.shape != mean.shape or np.any(~(variance >= 0)):
        raise InputError(f"variance has shape {variance.shape}; give (m,) numbers of at least 0")
    from scipy.special import ndtr  # takes time to import

    i, j = pair_indices(len(mean))
    gap, spread = mean[i] - mean[j], np.sqrt(variance[i] + variance[j])
    sure = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    forecast = ndtr(np.where(spread > 0, gap / np.where(spread > 0, spread, 1), sure))
    outcome = (_order(reference) + 1) / 2
    return float(((forecast - outcome) ** 2).mean())


def _order(scores: FloatArray) -> FloatArray:
    """Return (pairs,) 1 where the first of the pair is better, -1 where the second, 0 if equal."""
    i, j = pair_indices(len(scores))
    return np.sign(scores[i] - scores[j])
