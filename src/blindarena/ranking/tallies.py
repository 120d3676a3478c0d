"""Wins, losses and ties of each contestant, and the plain win rate."""

from dataclasses import dataclass

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.pair_counts import PairCounts


@dataclass(frozen=True, slots=True)
class Tallies:
    """(m,) votes of each contestant by outcome, seen from its own side."""

    wins: IntArray
    losses: IntArray
    ties: IntArray

    @property
    def votes(self) -> IntArray:
        """(m,) all votes of each contestant."""
        return self.wins + self.losses + self.ties

    @property
    def win_rate(self) -> FloatArray:
        """(m,) share of votes won, a tie counting half; NaN where there is no vote.

        It depends on whom one met: a cross-check of the ratings, never a ranking of its own.
        """
        votes = self.votes
        rate = np.full(len(votes), np.nan)
        np.divide(self.wins + self.ties / 2, votes, out=rate, where=votes > 0)
        return rate


def tally(counts: PairCounts) -> Tallies:
    """Sum the pair counts over each contestant's opponents."""
    first, second, m = counts.first, counts.second, counts.m
    return Tallies(
        wins=_sums(first, counts.wins_first, m) + _sums(second, counts.wins_second, m),
        losses=_sums(first, counts.wins_second, m) + _sums(second, counts.wins_first, m),
        ties=sum_of_pairs(counts.ties, first, second, m),
    )


def sum_of_pairs(values: IntArray, first: IntArray, second: IntArray, m: int) -> IntArray:
    """Give each of m contestants the sum of the values of its pairs."""
    return _sums(first, values, m) + _sums(second, values, m)


def _sums(index: IntArray, values: IntArray, m: int) -> IntArray:
    """Sum values by index, exactly (bincount's own sums are floats)."""
    sums = np.zeros(m, dtype=np.int64)
    np.add.at(sums, index, values)
    return sums
