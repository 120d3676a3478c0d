"""Whether one can decide yet, for a live board and for each pair on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.errors import BlindArenaError
from blindarena.leaderboard.decision import decided
from blindarena.leaderboard.live_costs import Measured
from blindarena.leaderboard.views import View
from blindarena.ranking import ELO_PER_NAT, sandwich_covariance
from blindarena.ranking.anytime import anytime_differences
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.differences import difference_intervals, difference_variances
from blindarena.ranking.votes_needed import expected_spend, votes_still_needed

USUAL_MARGIN = 30.0
"""Elo points that are taken for the smallest difference that matters where none is declared."""
LEVEL = 0.95
MOST_PAIRS = 50

PairVerdict = Literal["better", "equal", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDecision:
    """What the votes say about two contestants, `a` the one with the higher rating.

    Attributes:
        verdict: better: `winner` is ahead. equal: they are within the margin for certain.
        cheaper: of the two, where both costs are known and differ.
        difference: a less b, in Elo points.
        lower, upper: of it, for this pair alone and votes fixed in advance.
        anytime_lower, anytime_upper: of it, for all pairs together and at every look.
        votes: between the two.
        votes_needed: about how many more votes on the whole board show a difference of the
            margin; None where nothing is open, or nothing foretells it.
    """

    a: str
    b: str
    verdict: PairVerdict
    winner: str | None
    cheaper: str | None
    difference: float
    lower: float | None
    upper: float | None
    anytime_lower: float | None
    anytime_upper: float | None
    votes: int
    votes_needed: int | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDecision:
    """Whether a contestant can be chosen, and each pair; see `Decided`.

    Attributes:
        margin_declared: the arena has one; otherwise it is USUAL_MARGIN.
        may_stop: further votes will not change the choice.
        spend_usd: what the votes needed will cost.
        best: the choice.
    """

    margin: float
    margin_declared: bool
    n: int
    may_stop: bool
    sentence: str
    votes_needed: int | None = None
    spend_usd: float | None = None
    best: str | None = None
    pairs: tuple[PairDecision, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """(k,) those that have a rank, best first, and the (k, k) covariance of their strengths."""

    places: IntArray
    names: list[str]
    theta: FloatArray
    covariance: FloatArray


def compared(view: View) -> Compared:
    """Return the strengths of the ranked with their covariance, of a Bradley-Terry view."""
    if not view.ranked:
        nobody = np.zeros(0, dtype=np.int64)
        return Compared(nobody, [], np.zeros(0), np.zeros((0, 0)))
    theta = view.fit.estimates.theta
    connected = np.flatnonzero(view.fit.estimates.connected)
    ranked = np.array(view.ranked, dtype=np.int64)
    best_first = ranked[np.argsort(-theta[ranked], kind="stable")]
    counts = view.counted.pair_counts
    inside = counts if len(connected) == view.counted.m else counts.among(connected)
    spread = sandwich_covariance(inside, theta[connected])
    at = np.searchsorted(connected, best_first)
    names = view.names
    return Compared(
        best_first, [names[i] for i in best_first], theta[best_first], spread[np.ix_(at, at)]
    )


def decide_board(view: View, cost: Measured) -> BoardDecision:
    """Decide on the choice and on each pair by bounds that hold at every look.

    The choice divides the error among those who could be better than the leader; the pairs divide
    it among all of them, so that all verdicts hold together, and are slower for it.

    Args:
        view: of Bradley-Terry, not thinned where it is to hold for all votes.
        cost: of an answer, of all contestants.
    """
    arena, n = view.arena, view.counted.total
    margin = USUAL_MARGIN if arena.margin is None else arena.margin
    declared = arena.margin is not None
    if len(view.ranked) < 2:
        return BoardDecision(
            margin=margin,
            margin_declared=declared,
            n=n,
            may_stop=False,
            sentence=(
                "Not enough votes to decide: it takes two contestants with "
                f"{arena.min_votes:,} connected votes each."
            ),
            warnings=view.fit.warnings,
        )
    who = compared(view)
    mean = cost.mean[who.places]
    found = decided(who.theta, who.covariance, who.names, margin, n, cost=mean)
    return BoardDecision(
        margin=margin,
        margin_declared=declared,
        n=n,
        may_stop=found.verdict != "undecided",
        sentence=found.sentence,
        votes_needed=found.votes_needed,
        spend_usd=_spend(found.votes_needed, cost),
        best=found.choice,
        pairs=tuple(_pairs(view, who, mean, margin)),
        warnings=view.fit.warnings,
    )


def _spend(votes: int | None, cost: Measured) -> float | None:
    """Return what so many votes cost, each answer at the mean of all so far."""
    known = cost.number > 0
    if votes is None or not known.any():
        return None
    mean = float(np.average(cost.mean[known], weights=cost.number[known]))
    return expected_spend(votes, mean)


def _pairs(view: View, who: Compared, cost: FloatArray, margin: float) -> Iterator[PairDecision]:
    nats = margin / ELO_PER_NAT
    low, high = anytime_differences(who.theta, who.covariance, sharpest=nats / 4, level=LEVEL)
    lower, upper = difference_intervals(who.theta, who.covariance, level=LEVEL)
    variance = difference_variances(who.covariance)
    met = _met(view)
    for i, j in _order(len(who.names)):
        verdict: PairVerdict = "undecided"
        if -nats < low[i, j] and high[i, j] < nats:
            verdict = "equal"
        elif low[i, j] > 0:
            verdict = "better"
        a, b = who.names[i], who.names[j]
        cheaper = None
        if np.isfinite(cost[[i, j]]).all() and cost[i] != cost[j]:
            cheaper = a if cost[i] < cost[j] else b
        needed = None
        if verdict == "undecided" and variance[i, j] > 0:
            needed = _needed(nats, float(variance[i, j]), view.counted.total)
        yield PairDecision(
            a=a,
            b=b,
            verdict=verdict,
            winner=a if verdict == "better" else None,
            cheaper=cheaper,
            difference=float(ELO_PER_NAT * (who.theta[i] - who.theta[j])),
            lower=_elo(lower[i, j]) if variance[i, j] > 0 else None,
            upper=_elo(upper[i, j]) if variance[i, j] > 0 else None,
            anytime_lower=_elo(low[i, j]),
            anytime_upper=_elo(high[i, j]),
            votes=int(met[who.places[i], who.places[j]]),
            votes_needed=needed,
            sentence=_sentence(a, b, verdict, margin, cheaper, needed),
        )


def _needed(nats: float, variance: float, votes: int) -> int | None:
    """Return the votes still needed; None where a number fixed in advance would do already."""
    try:
        return votes_still_needed(nats, variance=variance, votes=votes) or None
    except BlindArenaError:
        return None


def _order(k: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of places in the order of the ratings: neighbours first, then the top ones."""
    pairs = [(i, j) for i in range(min(k, MOST_PAIRS + 1)) for j in range(i + 1, min(k, 60))]
    pairs.sort(key=lambda pair: (pair[1] - pair[0] > 1, pair[0] + pair[1], pair[0]))
    yield from pairs[:MOST_PAIRS]


def _met(view: View) -> IntArray:
    """Return (m, m) the votes of each pair."""
    counted = view.counted
    met = np.zeros((counted.m, counted.m), dtype=np.int64)
    met[counted.first, counted.second] = counted.cells.sum(axis=0)
    return np.asarray(met + met.T)


def _elo(nats: float) -> float | None:
    return float(ELO_PER_NAT * nats) if np.isfinite(nats) else None


def _sentence(
    a: str, b: str, verdict: PairVerdict, margin: float, cheaper: str | None, needed: int | None
) -> str:
    if verdict == "better":
        return f"{a} is better than {b}."
    if verdict == "equal":
        take = "take the cheaper" if cheaper is None else f"take {cheaper}, the cheaper"
        return f"{a} and {b} are practically equal, less than {margin:g} Elo apart; {take}."
    said = f"It is open whether {a} is better than {b}."
    if needed is not None:
        said += (
            f" About {needed:,} more votes on this board show a difference of {margin:g} Elo (an "
            "estimate for a number fixed in advance, 80 % power)."
        )
    return said
