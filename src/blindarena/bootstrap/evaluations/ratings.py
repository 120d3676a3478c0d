"""Scores of contestants from votes on pairs."""

import numpy as np

from blindarena.analysis.comparison.evaluations import Scores, scores_of
from blindarena.bootstrap.evaluations.asked import Score
from blindarena.errors import NotIdentifiedError, RankingError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.intervals import normal_interval
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.sandwich import sandwich_variances
from blindarena.ranking.scale import ELO_PER_NAT, to_elo

UNCONNECTED = (
    "win rates stand for ratings: some contestants have not both scored and conceded against the "
    "rest, directly or by a chain, so that votes give them no finite rating"
)


def scores_from(counts: PairCounts, *, score: Score) -> tuple[Scores, str | None]:
    """Return ratings with 95 % intervals, or win rates; and what a reader must know.

    Where votes leave a contestant without a finite rating, win rates are given, and it is said.

    Args:
        counts: votes per pair.
        score: rating: Bradley-Terry in Elo points; win-rate: mean score, a tie counting half.
    """
    if score == "win-rate":
        return scores_of("win rate", win_rates(counts)), None
    try:
        fit = fit_bradley_terry(counts)
        variance = sandwich_variances(counts, fit.theta) * ELO_PER_NAT**2
    except NotIdentifiedError:
        return scores_of("win rate", win_rates(counts)), UNCONNECTED
    except RankingError as error:
        return scores_of("win rate", win_rates(counts)), f"win rates stand for ratings: {error}"
    elo = to_elo(fit.theta)
    lower, upper = normal_interval(elo, variance)
    return scores_of("Elo", elo, lower=lower, upper=upper, mean=elo, variance=variance), None


def win_rates(counts: PairCounts) -> FloatArray:
    """Return (m,) shares of votes won, a tie counting half; NaN without votes."""
    won, played = np.zeros(counts.m), np.zeros(counts.m)
    total = counts.wins_first + counts.wins_second + counts.ties
    np.add.at(won, counts.first, counts.wins_first + counts.ties / 2)
    np.add.at(won, counts.second, counts.wins_second + counts.ties / 2)
    np.add.at(played, counts.first, total)
    np.add.at(played, counts.second, total)
    return np.where(played > 0, won / np.maximum(played, 1), np.nan)
