"""FastChat's numbers, with its early stopping and its conventions, for those who compare.

Where it differs from ours, and why, is in `docs/rank.md`.

Source: lm-sys/FastChat, fastchat/serve/monitor/rating_systems.py and elo_analysis.py of 2024.
"""

import math

import numpy as np

from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.estimates import Estimates
from blindarena.leaderboard.fitting import TITLES, Fitted
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.rating import Rated
from blindarena.ranking import ELO_PER_NAT, overlap_ranks
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.table import VoteTable

ROUNDS = 100
ANCHOR = ("mixtral-8x7b-instruct-v0.1", 1114.0)
MAX_STEPS = 100
TOL = 1e-6
SCALE = 400.0
START = 1000.0


def rate_like_fastchat(table: VoteTable, counted: Counted, options: Options) -> Rated:
    """Return ratings, their 2.5 % and 97.5 % bootstrap quantiles and the ranks from these.

    Args:
        table: the votes in the order of the file.
        counted: the same, counted.
        options: `method` is bt or elo; `anchor` takes the place of FastChat's.
    """
    m, rng = counted.m, np.random.default_rng(options.seed)
    if options.method == "elo":
        from blindarena.ranking.elo import bootstrap_elo, rate_elo

        ratings = rate_elo(table.votes).ratings
        rounds = bootstrap_elo(table.votes, rounds=ROUNDS, rng=rng)
        title, steps = TITLES["elo"], table.votes.n
    else:
        sample = _Sample(table.votes)
        at, steps = sample.fit(sample.weight)
        ratings = START + SCALE * at
        total = int(sample.weight.sum())
        drawn = rng.multinomial(total, sample.weight / total, size=ROUNDS)
        rounds = START + SCALE * np.array([sample.fit(row / total)[0] for row in drawn])
        anchor = options.anchor or ANCHOR
        if anchor[0] in table.models:
            held = table.models.index(anchor[0])
            ratings = ratings + anchor[1] - ratings[held]
            rounds = rounds + anchor[1] - rounds[:, [held]]
        title = f"Bradley-Terry as FastChat fits it (L-BFGS, at most {MAX_STEPS} steps)"
    lower, upper = np.quantile(rounds, [0.025, 0.975], axis=0)
    estimates = Estimates(
        rating=ratings,
        lower=lower,
        upper=upper,
        rank=overlap_ranks(lower, upper),
        theta=ratings / ELO_PER_NAT,
        connected=np.ones(m, dtype=np.bool_),
        anchored=False,
    )
    fitted = Fitted(
        title=title,
        theta=estimates.theta,
        counts=counted.pair_counts,
        tolerance=None if options.method == "elo" else TOL,
        iterations=steps,
    )
    interval = f"95 % bootstrap quantiles ({ROUNDS} rounds, seed {options.seed}), as FastChat"
    return Rated(
        estimates=estimates, fitted=fitted, interval=interval, notes=(_LIMITS[options.method],)
    )


_LIMITS = {
    "bt": "As FastChat: the fit stops early, an anchor has no width of its own, and a model that "
    "is missing from a resample is taken to be average there.",
    "elo": "As FastChat: online Elo depends on the order of the votes.",
}


class _Sample:
    """The distinct votes with their numbers, in FastChat's order, on which its draws depend.

    Models are numbered as they first occur, those on side a before those that are on side b only.
    """

    def __init__(self, votes: VoteArrays) -> None:
        number = _first_seen(votes)
        score = np.array([2, 0, 1, 1])[votes.outcome]
        m = votes.m
        keys = (number[votes.a] * m + number[votes.b]) * 3 + score
        found, place = np.unique(keys, return_inverse=True)
        self.weight = np.bincount(place, votes.count).astype(np.float64)
        self._number = number
        self._one, self._two = found // 3 // m, found // 3 % m
        self._score = found % 3 / 2

    def fit(self, weight: FloatArray) -> tuple[FloatArray, int]:
        """Return ratings over 400, in the order of the models, and the steps taken."""
        # SciPy's optimisers take time to import: only compatibility needs one.
        from scipy.optimize import minimize

        found = minimize(
            self._slopes,
            np.zeros(len(self._number)),
            args=(weight,),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MAX_STEPS, "gtol": TOL},
        )
        return np.asarray(found.x)[self._number], int(found.nit)

    def _slopes(self, at: FloatArray, weight: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the log-likelihood and its first derivatives."""
        base = math.log(10)
        odds = base * (at[self._one] - at[self._two])
        chance = np.exp(-np.logaddexp(0, -odds))
        each = np.logaddexp(0, odds) - self._score * odds
        missed = base * weight * (chance - self._score)
        slope = np.bincount(self._one, missed, len(at)) - np.bincount(self._two, missed, len(at))
        return float(weight @ each), np.asarray(slope, dtype=np.float64)


def _first_seen(votes: VoteArrays) -> IntArray:
    """Return (m,) the number that each model gets by where it occurs first."""
    found, first = np.unique(np.concatenate([votes.a, votes.b]), return_index=True)
    number = np.zeros(votes.m, dtype=np.int64)
    number[found[np.argsort(first)]] = np.arange(len(found))
    return number
