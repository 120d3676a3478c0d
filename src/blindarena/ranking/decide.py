"""Can we decide yet? Which contestant to take, given the smallest difference that matters."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.anytime import anytime_half_widths
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.differences import difference_variances, differences

Verdict = Literal["better", "practically_equal", "undecided"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Decision:
    """What the votes say about which contestant to take.

    Attributes:
        verdict: `better`: the leader is ahead of everybody. `practically_equal`: nobody is ahead
            of the choice by the margin, and `equals` are too close for it to matter. `undecided`.
        choice: the leader, or the cheapest that nobody is ahead of by the margin; None while
            undecided.
        leader: who has the highest strength.
        equals: the leader and those that are within the margin of it for certain, ascending.
        undecided: those of whom it is open whether the leader is better, ascending.
        margin: smallest difference that matters, in nats.
    """

    verdict: Verdict
    choice: int | None
    leader: int
    equals: IntArray
    undecided: IntArray
    margin: float


def decide(
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    margin: float,
    cost: FloatArray | None = None,
    ahead: FloatArray | None = None,
) -> Decision:
    """Compare the leader with everybody else.

    Args:
        theta: (m,) log-strengths in nats.
        lower: (m, m) lower bounds of each row's strength less each column's.
        upper: (m, m) upper bounds.
        margin: smallest difference that matters, in nats, above 0.
        cost: (m,) of an answer in any unit, NaN where it is unknown; among practical equals the
            cheapest is taken. None takes the leader.
        ahead: (m, m) lower bounds by which a leader is better where it is ahead of everybody;
            among practical equals `lower` still counts. None takes `lower`. See `leading_bounds`.

    Raises:
        InputError: the margin is not above 0, or there is nobody to decide on.
    """
    if not margin > 0:
        raise InputError(
            f"the margin is {margin}; give the smallest difference that matters, above 0: without "
            "one, equal contestants would never be told"
        )
    m = len(theta)
    if not m:
        raise InputError("there are no contestants to decide on")
    leader = int(theta.argmax())
    equal = (lower[leader] > -margin) & (upper[leader] < margin)
    equal[leader] = True
    undecided = ~equal & ((lower if ahead is None else ahead)[leader] <= 0)
    if equal.sum() > 1 and not undecided.any():
        undecided = ~equal & (lower[leader] <= 0)
    acceptable = equal & (upper < margin).all(axis=0)
    choice = None if undecided.any() else _cheapest(leader, acceptable, cost)
    return Decision(
        verdict="undecided" if choice is None else _settled(equal),
        choice=choice,
        leader=leader,
        equals=np.flatnonzero(equal),
        undecided=np.flatnonzero(undecided),
        margin=margin,
    )


def decide_at_any_time(
    theta: FloatArray,
    covariance: FloatArray,
    *,
    margin: float,
    level: float = 0.95,
    sharpest: float | None = None,
    cost: FloatArray | None = None,
) -> Decision:
    """Decide by confidence sequences: a rule to stop by, whenever and however often one looks.

    The choice is the best contestant, or within the margin of it, with probability `level`. For
    practical equals that is proved: a wrong choice needs a bound to fail between the true best and
    one of the other m - 1, in one direction, so the error is divided among m - 1 one-sided
    sequences. A leader is better by sequences with an undivided error, since it must be ahead of
    everybody by all of them. That is proved for two contestants and holds by simulation for more.

    Args:
        theta: (m,) log-strengths in nats.
        covariance: (m, m) theirs.
        margin: smallest difference that matters, in nats.
        level: with which probability the choice is right.
        sharpest: see `anytime_half_widths`; None takes a third of the margin.
        cost: see `decide`.

    Raises:
        InputError: see `decide`.
    """
    lower, upper = stopping_bounds(theta, covariance, margin=margin, level=level, sharpest=sharpest)
    ahead = leading_bounds(theta, covariance, margin=margin, level=level, sharpest=sharpest)
    return decide(theta, lower, upper, margin=margin, cost=cost, ahead=ahead)


def stopping_bounds(
    theta: FloatArray,
    covariance: FloatArray,
    *,
    margin: float,
    level: float = 0.95,
    sharpest: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return the (m, m) bounds by which `decide_at_any_time` finds practical equals."""
    half = _half_widths(covariance, margin, level, sharpest, len(theta) - 1)
    gap = differences(theta)
    return gap - half, gap + half


def leading_bounds(
    theta: FloatArray,
    covariance: FloatArray,
    *,
    margin: float,
    level: float = 0.95,
    sharpest: float | None = None,
) -> FloatArray:
    """Return the (m, m) lower bounds by which `decide_at_any_time` finds a leader better."""
    return differences(theta) - _half_widths(covariance, margin, level, sharpest, 1)


def _half_widths(
    covariance: FloatArray, margin: float, level: float, sharpest: float | None, comparisons: int
) -> FloatArray:
    """Return the (m, m) half-widths of one-sided sequences."""
    half = anytime_half_widths(
        difference_variances(covariance),
        sharpest=margin / 3 if sharpest is None else sharpest,
        level=level,
        comparisons=comparisons,
        one_sided=True,
    )
    np.fill_diagonal(half, 0)
    return half


def _settled(equal: BoolArray) -> Verdict:
    """Return the verdict where nothing is undecided."""
    return "practically_equal" if equal.sum() > 1 else "better"


def _cheapest(leader: int, acceptable: BoolArray, cost: FloatArray | None) -> int:
    """Return the cheapest that is acceptable; the leader where no cost says otherwise."""
    if cost is None:
        return leader
    known = np.where(acceptable & ~np.isnan(cost), cost, np.inf)
    known[leader] = np.nan_to_num(cost[leader], nan=np.inf)
    cheapest = int(known.argmin())
    return cheapest if known[cheapest] < known[leader] else leader
