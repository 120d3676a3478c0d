"""Ratings from votes: arrays in, arrays out; no ids, no names."""

from blindarena.ranking.bradley_terry import BradleyTerryFit, fit_bradley_terry
from blindarena.ranking.connectivity import (
    is_strongly_connected,
    largest_component,
    strong_components,
)
from blindarena.ranking.contextual import ContextualFit, fit_contextual
from blindarena.ranking.davidson import DavidsonFit, fit_davidson
from blindarena.ranking.elo import EloRatings, bootstrap_elo, rate_elo
from blindarena.ranking.estimating import Estimate, covariance
from blindarena.ranking.first_position import first_position_covariate, fit_first_position
from blindarena.ranking.four_outcome import FourOutcomeFit, fit_four_outcome
from blindarena.ranking.intervals import normal_interval
from blindarena.ranking.logistic import LogisticFit, fit_logistic
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.ranks import overlap_ranks
from blindarena.ranking.rao_kupper import RaoKupperFit, fit_rao_kupper
from blindarena.ranking.sandwich import sandwich_covariance, sandwich_variances
from blindarena.ranking.scale import ELO_PER_NAT, to_elo
from blindarena.ranking.style_control import fit_style_control, style_covariates
from blindarena.ranking.tallies import Tallies, tally
from blindarena.ranking.thinning import thin
from blindarena.ranking.weighted import fit_weighted_bradley_terry
from blindarena.ranking.weights import effective_votes, even_pairs, inverse_propensity
from blindarena.ranking.win_rate import MeanWinRates, expected_mean_win_rates, mean_win_rates

__all__ = [
    "ELO_PER_NAT",
    "BradleyTerryFit",
    "ContextualFit",
    "DavidsonFit",
    "EloRatings",
    "Estimate",
    "FourOutcomeFit",
    "LogisticFit",
    "MeanWinRates",
    "PairCounts",
    "RaoKupperFit",
    "Tallies",
    "bootstrap_elo",
    "covariance",
    "effective_votes",
    "even_pairs",
    "expected_mean_win_rates",
    "first_position_covariate",
    "fit_bradley_terry",
    "fit_contextual",
    "fit_davidson",
    "fit_first_position",
    "fit_four_outcome",
    "fit_logistic",
    "fit_rao_kupper",
    "fit_style_control",
    "fit_weighted_bradley_terry",
    "inverse_propensity",
    "is_strongly_connected",
    "largest_component",
    "mean_win_rates",
    "normal_interval",
    "overlap_ranks",
    "rate_elo",
    "sandwich_covariance",
    "sandwich_variances",
    "strong_components",
    "style_covariates",
    "tally",
    "thin",
    "to_elo",
]
