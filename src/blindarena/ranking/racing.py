"""Which pairs to ask about next, when only the best contestant matters."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.decide import decide
from blindarena.ranking.differences import difference_variances, differences


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RacingPlan:
    """With which probability to draw each pair next.

    Log the probability of the pair that was drawn with its battle: the weights 1 / probability
    (`inverse_propensity`) then undo the plan, as long as the floor leaves no pair without a
    chance.

    Attributes:
        first, second: (pairs,) all pairs, first < second.
        probability: (pairs,) sums to 1.
        racing: the leader and the contestants that may still be the answer, ascending.
    """

    first: IntArray = field(repr=False)
    second: IntArray = field(repr=False)
    probability: FloatArray = field(repr=False)
    racing: IntArray


def racing_plan(
    theta: FloatArray,
    covariance: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    margin: float,
    floor: float = 0.05,
    explore: float = 0.4,
    ahead: FloatArray | None = None,
) -> RacingPlan:
    """Ask mostly about the leader and those of whom it is open whether the leader is better.

    Information on the difference from the leader is needed in proportion to 1 / gap^2, where the
    gap is that to the nearest end of what would decide. The votes go where most is missing.
    Contestants that are certainly not the answer, or certainly as good, get no more than the floor.

    Args:
        theta: (m,) log-strengths in nats.
        covariance: (m, m) theirs.
        lower: (m, m) lower bounds at any time, see `stopping_bounds`.
        upper: (m, m) upper bounds.
        margin: smallest difference that matters, in nats.
        floor: share of the votes spread over all pairs, so that every rating stays unbiased.
        explore: share spread over all pairs among those still racing: votes between rivals tell
            about the leader too, and the leader may not be the best.
        ahead: (m, m) lower bounds by which the leader may be found better, see `leading_bounds`;
            None takes `lower`.

    Raises:
        InputError: fewer than two contestants, or shares that are no shares.

    Source: after the optimal proportions of Garivier and Kaufmann (2016), Conference on Learning
        Theory, PMLR 49, 998-1027.
    """
    m = len(theta)
    if m < 2:
        raise InputError(f"there are {m} contestants; a race needs two")
    if not (0 <= floor <= 1 and 0 <= explore <= 1 - floor):
        raise InputError(f"floor {floor} and explore {explore} must be shares of one whole")
    first, second = np.triu_indices(m, 1)
    decision = decide(theta, lower, upper, margin=margin, ahead=ahead)
    rivals, leader = decision.undecided, decision.leader
    racing = np.union1d(rivals, [leader])
    everywhere = np.full(len(first), 1 / len(first))
    if not len(rivals):
        return RacingPlan(first=first, second=second, probability=everywhere, racing=racing)
    inside = np.isin(first, racing) & np.isin(second, racing)
    star = np.zeros((m, m))
    star[leader, rivals] = _missing(theta, covariance, leader, rivals, lower, margin)
    star /= star.sum()
    probability = (
        floor * everywhere
        + explore * inside / inside.sum()
        + (1 - floor - explore) * (star + star.T)[first, second]
    )
    return RacingPlan(
        first=first, second=second, probability=probability / probability.sum(), racing=racing
    )


def _missing(
    theta: FloatArray,
    covariance: FloatArray,
    leader: int,
    rivals: IntArray,
    lower: FloatArray,
    margin: float,
) -> FloatArray:
    """Return in what proportion votes between the leader and each rival are missing."""
    gap = differences(theta)[leader, rivals]
    distance = np.maximum(gap, margin - gap)
    variance = difference_variances(covariance)[leader, rivals]
    half = gap - lower[leader, rivals]
    per_vote = 1 / (2 + np.exp(gap) + np.exp(-gap))
    # The half-width falls as 1 / sqrt(information): this is what it must still grow by.
    wanted = ((half / distance) ** 2 - 1) / variance
    lacking = np.where(np.isfinite(wanted), wanted, 1.0).clip(min=1e-3 / distance**2) / per_vote
    return np.asarray(lacking / lacking.sum())
