"""Whether a candidate is worse than a baseline by less than a stated loss: the gate of a CI run.

The burden of proof is the candidate's: without enough votes nothing passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, exp
from statistics import NormalDist
from typing import Literal

import numpy as np

from blindarena.analysis.gate_estimates import Margin, by_rating, by_share
from blindarena.errors import InputError
from blindarena.ranking.arrays import IntArray
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays

Outcome = Literal["passed", "failed", "not enough data"]

FEWEST_VOTES = 30
"""Votes below which no interval is trusted to hold its level, so nothing passes."""
FEWEST_CLUSTERS = 10
"""Questions or voters below which the same is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What the votes say.

    Attributes:
        outcome: passed: the candidate is worse by less than the margin; failed: that is not so, or
            enough votes did not show it; not enough data.
        margin: the largest acceptable loss.
        estimate: candidate less baseline, in the margin's unit; None without votes.
        lower: one-sided bound at 1 - alpha; passed where it is above -margin; None without.
        upper: the bound on the other side at 1 - alpha.
        alpha: chance of passing a candidate that is worse by the margin, at most.
        power: with which a candidate as good as the baseline is to pass.
        votes: that the estimate rests on.
        direct: of these, votes between the two.
        clusters: by what they were taken together, and how many there are; empty: each for itself.
        votes_needed: for a candidate as good as the baseline to pass with that power.
        votes_missing: votes_needed - votes, at least 0.
        method: how the estimate was made.
    """

    outcome: Outcome
    margin: Margin
    estimate: float | None
    lower: float | None
    upper: float | None
    alpha: float
    power: float
    votes: int
    direct: int
    clusters: Mapping[str, int]
    votes_needed: int
    votes_missing: int
    method: str


def non_inferiority(
    votes: VoteArrays,
    *,
    baseline: int,
    candidate: int,
    margin: Margin,
    clusters: Mapping[str, IntArray],
    alpha: float = 0.05,
    power: float = 0.8,
) -> GateResult:
    """Test whether the candidate is worse than the baseline by less than the margin.

    A share takes the votes between the two: Wilson's bound at as many independent votes as have
    the clustered variance. Elo takes the same on the log-odds scale where only these two have
    votes, else the difference of Bradley-Terry ratings with the clustered sandwich. Votes may
    hang together in one way or in two, as by question and by voter.

    Args:
        votes: of all contestants, one per entry.
        baseline: its number.
        candidate: its number.
        margin: the largest acceptable loss.
        clusters: (n,) numbers by what the votes hang together, as "question"; -1 is unknown, and
            such a vote is a cluster of its own.
        alpha: of the one-sided test.
        power: for the votes needed.

    Raises:
        InputError: alpha, power or a shape is wrong, or there are more than two ways.

    Source: Wellek (2010), Testing Statistical Hypotheses of Equivalence and Noninferiority, ch. 2.
    """
    if not 0 < alpha < 0.5 or not 0.5 <= power < 1:
        raise InputError(f"alpha is {alpha}, power {power}; give 0 to 0.5 and 0.5 to 1")
    if baseline == candidate:
        raise InputError("baseline and candidate are the same contestant")
    for name, codes in clusters.items():
        if codes.shape != votes.a.shape:
            raise InputError(f"{name} has shape {codes.shape}; give one number per vote")
    if len(clusters) > 2:
        raise InputError(f"votes hang together in {len(clusters)} ways; give at most two")
    pair = {baseline, candidate}
    between = np.isin(votes.a, list(pair)) & np.isin(votes.b, list(pair))
    direct = int(between.sum())
    each = {name: _alone_where_unknown(codes) for name, codes in clusters.items()} or {
        "": np.arange(len(votes))
    }
    method, found = "no votes", None
    others = margin.unit == "elo" and direct < len(votes)
    if others:
        method = "difference of Bradley-Terry ratings"
        found = by_rating(votes, baseline, candidate, each, alpha)
    if found is None and direct:
        method = "votes between the two"
        won = np.where(votes.a == candidate, votes.scores, 1 - votes.scores)[between]
        found = by_share(won, {n: codes[between] for n, codes in each.items()}, margin, alpha)
    counted = {name: len(np.unique(codes)) for name, codes in clusters.items()}
    if found is None:
        needed = _needed(margin, 1.0, alpha, power)
        return GateResult(
            outcome="not enough data",
            margin=margin,
            estimate=None,
            lower=None,
            upper=None,
            alpha=alpha,
            power=power,
            votes=0,
            direct=direct,
            clusters=counted,
            votes_needed=needed,
            votes_missing=needed,
            method=method,
        )
    needed = _needed(margin, found.efficiency, alpha, power)
    if found.clusters < FEWEST_CLUSTERS:
        needed = max(needed, ceil(found.votes * FEWEST_CLUSTERS / found.clusters))
    missing = max(0, needed - found.votes)
    enough = found.votes >= FEWEST_VOTES and found.clusters >= FEWEST_CLUSTERS
    outcome: Outcome = "not enough data"
    if enough and found.lower > -margin.size:
        outcome = "passed"
    elif (enough and found.upper < -margin.size) or not missing:
        outcome = "failed"
    return GateResult(
        outcome=outcome,
        margin=margin,
        estimate=found.estimate,
        lower=found.lower,
        upper=found.upper,
        alpha=alpha,
        power=power,
        votes=found.votes,
        direct=direct,
        clusters=counted,
        votes_needed=needed,
        votes_missing=missing,
        method=method,
    )


def _alone_where_unknown(codes: IntArray) -> IntArray:
    """Return the numbers, with one of its own for each vote whose cluster is unknown."""
    unknown = codes < 0
    fresh = codes.max(initial=-1) + 1 + np.arange(len(codes))
    return np.where(unknown, fresh, codes).astype(np.int64)


def _needed(margin: Margin, efficiency: float, alpha: float, power: float) -> int:
    """Return the votes with which a candidate as good as the baseline passes.

    A vote between equals has the variance 1/4 at most; `efficiency` is how many independent ones
    each of these votes is worth.
    """
    normal = NormalDist()
    errors = normal.inv_cdf(1 - alpha) + normal.inv_cdf(power)
    size = margin.size
    if margin.unit == "elo":
        size = 1 / (1 + exp(-margin.size / ELO_PER_NAT)) - 0.5
    return max(FEWEST_VOTES, ceil(errors**2 / 4 / size**2 / efficiency))
