"""Ratings, intervals and ranks of one board, still without names."""

from dataclasses import dataclass

import numpy as np

from blindarena.leaderboard.counted import Counted
from blindarena.ranking import (
    ELO_PER_NAT,
    fit_bradley_terry,
    largest_component,
    normal_interval,
    overlap_ranks,
    sandwich_variances,
    tally,
    to_elo,
)
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray

METHOD = "Bradley-Terry (Newton, pair counts)"
INTERVAL = "95 % sandwich"


@dataclass(frozen=True, slots=True)
class Estimates:
    """What the votes say about each of m contestants.

    Attributes:
        rating, lower, upper: (m,) Elo points; NaN where there is no finite estimate.
        rank: (m,) from 1; 0 for none.
        theta: (m,) log-strengths, a start for the next fit; NaN where there is none.
        connected: (m,) whether it is rated.
        anchored: whether the anchor is among the rated.
    """

    rating: FloatArray
    lower: FloatArray
    upper: FloatArray
    rank: IntArray
    theta: FloatArray
    connected: BoolArray
    anchored: bool


def estimate(
    counted: Counted,
    *,
    min_votes: int,
    anchor: tuple[int, float] | None = None,
    start: FloatArray | None = None,
) -> Estimates:
    """Rate the largest group of contestants that a chain of wins connects both ways.

    The board's centre, 1000, is the mean of those with at least `min_votes` (of all, while nobody
    has them): a newcomer with few votes neither moves the others nor widens their intervals. Only
    those with `min_votes` are ranked, among themselves.

    Args:
        counted: the votes.
        min_votes: how many a contestant needs.
        anchor: a contestant and its rating, in place of the centre; unused where it is not rated.
        start: (m,) log-strengths to begin from; it saves time and changes nothing.
    """
    counts = counted.pair_counts
    among = largest_component(counts)
    theta, rating, variance = (np.full(counted.m, np.nan) for _ in range(3))
    anchored = anchor is not None and anchor[0] in among
    enough = tally(counts).votes >= min_votes
    if len(among):
        inside = counts if len(among) == counted.m else counts.among(among)
        begin = None if start is None or np.isnan(start[among]).any() else start[among]
        fitted = fit_bradley_terry(inside, start=begin).theta
        centre = enough[among] if enough[among].any() else None
        theta[among] = fitted
        variance[among] = ELO_PER_NAT**2 * sandwich_variances(inside, fitted, centre=centre)
        held = None
        if anchor is not None and anchored:
            held = (int(np.searchsorted(among, anchor[0])), anchor[1])
        rating[among] = to_elo(fitted, centre=centre, anchor=held)
    lower, upper = normal_interval(rating, variance)
    return Estimates(
        rating=rating,
        lower=lower,
        upper=upper,
        rank=overlap_ranks(np.where(enough, lower, np.nan), np.where(enough, upper, np.nan)),
        theta=theta,
        connected=~np.isnan(rating),
        anchored=anchored,
    )
