"""Bradley-Terry where votes have weights, or strengths a stated prior."""

import numpy as np

from blindarena.errors import NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified
from blindarena.ranking.pair_model import PairFit, both_strengths, fit_pairs, precision_of
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_cells import vote_cells


def fit_weighted_bradley_terry(
    votes: VoteArrays,
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    tol: float = 1e-9,
) -> PairFit:
    """Fit Bradley-Terry to weighted votes; a tie and a both-bad vote are half a win for both.

    Without weights and prior the strengths are those of `fit_bradley_terry`, in an `Estimate` that
    can also sum scores by voter or prompt.

    Args:
        votes: the votes.
        weights: (n,) weight of each vote, see `inverse_propensity`; None is 1.
        prior_elo: standard deviation, in Elo points, of a normal prior of the strengths around
            their mean. It gives a finite answer where the votes alone do not; None leaves them
            free.
        tol: see `fit_bradley_terry`.

    Raises:
        NotIdentifiedError: there is no prior and no finite estimate; names who is outside.
        ConvergenceError: tol was not reached.

    Source: Bradley and Terry (1952), Biometrika 39, 324-345; weights after Horvitz and Thompson
        (1952), Journal of the American Statistical Association 47, 663-685; the prior after Caron
        and Doucet (2012), Journal of Computational and Graphical Statistics 21, 174-196, there
        with a gamma distribution.
    """
    cells = vote_cells(votes, weights)
    if prior_elo is None:
        check_identified(cells.pair_counts())
    if votes.m == 0:
        raise NotIdentifiedError("there are no contestants to rate")
    precision = np.full(votes.m, precision_of(prior_elo))
    start = np.zeros(votes.m)
    return fit_pairs(
        PairFit, _BradleyTerry(votes.m), votes, weights, start, precision, cells=cells, tol=tol
    )


class _BradleyTerry:
    """Local parameters are the two strengths."""

    def __init__(self, m: int) -> None:
        self.m = m

    def columns(self, first: IntArray, second: IntArray) -> list[IntArray]:
        return [first, second]

    def log_chances(self, z: FloatArray) -> FloatArray:
        """Return the log-chance of a win or loss, half of each for a tie."""
        ahead = z[0] - z[1]
        win, loss = -np.logaddexp(0, -ahead), -np.logaddexp(0, ahead)
        return np.stack([win, loss, (win + loss) / 2, (win + loss) / 2])

    def scores(self, z: FloatArray) -> FloatArray:
        win, loss = np.exp(self.log_chances(z)[:2])
        missed = np.stack([loss, -win, (loss - win) / 2, (loss - win) / 2])
        return np.stack([missed, -missed], axis=1)

    def information(self, z: FloatArray, weight: FloatArray) -> FloatArray:
        win, loss = np.exp(self.log_chances(z)[:2])
        curvature = weight.sum(axis=0) * win * loss
        return np.array([[curvature, -curvature], [-curvature, curvature]])

    def name(self, parameter: int) -> str:
        return f"the strength of contestant {parameter}"

    def reach(self, step: FloatArray) -> float:
        return both_strengths(step, self.m)
