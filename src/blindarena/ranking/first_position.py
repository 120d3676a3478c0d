"""Whether the side shown first is at an advantage, and by how much."""

import numpy as np

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.logistic import LogisticFit, fit_logistic
from blindarena.ranking.vote_arrays import VoteArrays

FIRST_POSITION = "first position"


def first_position_covariate(votes: VoteArrays) -> FloatArray:
    """Return the (n, 1) covariate that is 1 for side a: stack it beside others for `fit_logistic`.

    Source: Davidson and Beaver (1977), Biometrics 33, 693-702.
    """
    return np.ones((len(votes), 1))


def fit_first_position(
    votes: VoteArrays,
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    tol: float = 1e-9,
) -> LogisticFit:
    """Fit strengths and the log-odds that side a gains by being side a.

    Args:
        votes: the votes.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: see `fit_logistic`.
        tol: see `fit_bradley_terry`.

    Raises:
        NotIdentifiedError: no finite estimate exists, as where everybody always has one side.
        ConvergenceError: tol was not reached.

    Source: Davidson and Beaver (1977), Biometrics 33, 693-702.
    """
    return fit_logistic(
        votes,
        first_position_covariate(votes),
        [FIRST_POSITION],
        weights=weights,
        prior_elo=prior_elo,
        tol=tol,
    )
