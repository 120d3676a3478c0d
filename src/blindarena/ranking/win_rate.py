"""The mean win rate over opponents: a cross-check that needs no model."""

from dataclasses import dataclass

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.expected import expected
from blindarena.ranking.pair_counts import PairCounts


@dataclass(frozen=True, slots=True, eq=False)
class MeanWinRates:
    """Win rates averaged over opponents, each opponent counting the same.

    Attributes:
        rate: (m,) mean over the opponents met of the share of votes won against each, a tie
            counting half; NaN without opponents.
        variance: (m,) of `rate`, for independent votes and the opponents as they are; NaN where
            some opponent was met once only, or nobody was.
        opponents: (m,) how many were met.
    """

    rate: FloatArray
    variance: FloatArray
    opponents: IntArray


def mean_win_rates(counts: PairCounts) -> MeanWinRates:
    """Average each contestant's win rate against each opponent over its opponents.

    Unlike the share of all votes won (`Tallies.win_rate`) it does not depend on whom one met more
    often; it still depends on whom one met at all. Where it orders two contestants that met the
    same opponents other than their ratings do, look at the pairs: the model fits them badly.

    Args:
        counts: the votes; a pair comes once.

    Source: Chiang et al. (2023), Chatbot Arena: Benchmarking LLMs in the wild with Elo ratings,
        there called the average win rate.
    """
    votes = counts.votes
    met = votes > 0
    safe = np.where(met, votes, 1)
    rate = counts.scores_first / safe
    squares = (counts.wins_first + counts.ties / 4) / safe - rate**2
    variance = np.full(len(votes), np.nan)
    np.divide(squares, votes - 1, out=variance, where=votes > 1)
    opponents = _sums(counts, met.astype(np.float64), met.astype(np.float64))
    return MeanWinRates(
        rate=_mean(_sums(counts, np.where(met, rate, 0), np.where(met, 1 - rate, 0)), opponents),
        variance=_mean(
            _sums(counts, np.where(met, variance, 0), np.where(met, variance, 0)), opponents**2
        ),
        opponents=opponents.astype(np.int64),
    )


def expected_mean_win_rates(counts: PairCounts, theta: FloatArray) -> FloatArray:
    """Return (m,) what Bradley-Terry strengths expect of `mean_win_rates` with these opponents."""
    met = (counts.votes > 0).astype(np.float64)
    chances = expected(counts, theta)
    total = _sums(counts, met * chances.first, met * chances.second)
    return _mean(total, _sums(counts, met, met))


def _sums(counts: PairCounts, of_first: FloatArray, of_second: FloatArray) -> FloatArray:
    """Give each contestant the sum over its pairs."""
    return np.asarray(
        np.bincount(counts.first, of_first, minlength=counts.m)
        + np.bincount(counts.second, of_second, minlength=counts.m)
    )


def _mean(total: FloatArray, number: FloatArray) -> FloatArray:
    """Divide; NaN where there is nothing to divide by."""
    mean = np.full(len(total), np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return mean
