"""Ratings from votes: arrays in, arrays out; no ids, no names."""

from blindarena.ranking.bradley_terry import BradleyTerryFit, fit_bradley_terry
from blindarena.ranking.connectivity import (
    is_strongly_connected,
    largest_component,
    strong_components,
)
from blindarena.ranking.intervals import normal_interval
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.ranks import overlap_ranks
from blindarena.ranking.sandwich import sandwich_covariance, sandwich_variances
from blindarena.ranking.scale import ELO_PER_NAT, to_elo
from blindarena.ranking.tallies import Tallies, tally
from blindarena.ranking.thinning import thin

__all__ = [
    "ELO_PER_NAT",
    "BradleyTerryFit",
    "PairCounts",
    "Tallies",
    "fit_bradley_terry",
    "is_strongly_connected",
    "largest_component",
    "normal_interval",
    "overlap_ranks",
    "sandwich_covariance",
    "sandwich_variances",
    "strong_components",
    "tally",
    "thin",
    "to_elo",
]
