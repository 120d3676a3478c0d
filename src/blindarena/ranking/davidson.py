"""Davidson's model: Bradley-Terry with ties as an outcome of their own."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified
from blindarena.ranking.pair_model import (
    LogLinear,
    PairFit,
    both_strengths,
    fit_pairs,
    precision_of,
)
from blindarena.ranking.tie_identification import check_ties
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_cells import vote_cells

UTILITIES = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 1.0]])


class DavidsonFit(PairFit):
    """Strengths and the tie parameter: the last of the parameters is log(nu)."""

    __slots__ = ()

    @property
    def nu(self) -> float:
        """Return the tie parameter; equals tie with chance nu / (2 + nu)."""
        return float(np.exp(self.parameters[-1]))


def fit_davidson(
    votes: VoteArrays,
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    tol: float = 1e-9,
) -> DavidsonFit:
    """Fit Davidson's model by Newton's method; a both-bad vote counts as a tie.

    With strengths p = exp(theta), i wins with a chance proportional to p_i, j to p_j, and they tie
    to nu * sqrt(p_i * p_j).

    Args:
        votes: the votes.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: standard deviation, in Elo points, of a normal prior of the strengths around
            their mean; None leaves them free.
        tol: see `fit_bradley_terry`.

    Raises:
        NotIdentifiedError: no finite estimate exists; says why and what to do.
        ConvergenceError: tol was not reached.

    Source: Davidson (1970), Journal of the American Statistical Association 65, 317-328.
    """
    cells = vote_cells(votes, weights)
    precision = np.append(np.full(votes.m, precision_of(prior_elo)), 0.0)
    if prior_elo is None:
        check_identified(cells.pair_counts())
    check_ties(cells, cells.weight[2:].sum(axis=0), strengths_are_free=prior_elo is None)
    start = np.zeros(votes.m + 1)
    return fit_pairs(
        DavidsonFit, _Davidson(votes.m), votes, weights, start, precision, cells=cells, tol=tol
    )


class _Davidson(LogLinear):
    def __init__(self, m: int) -> None:
        super().__init__(m, UTILITIES)

    def columns(self, first: IntArray, second: IntArray) -> list[IntArray]:
        return [first, second, np.full(len(first), self.m)]

    def name(self, parameter: int) -> str:
        if parameter == self.m:
            return "the tie parameter"
        return f"the strength of contestant {parameter}"

    def reach(self, step: FloatArray) -> float:
        return both_strengths(step, self.m) + abs(float(step[-1]))
