"""Four outcomes: a both-bad vote says something of its own about the two contestants."""

import numpy as np

from blindarena.errors import NotIdentifiedError
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
from blindarena.ranking.vote_arrays import BOTH_BAD, TIE, VoteArrays
from blindarena.ranking.vote_cells import VoteCells, vote_cells

UTILITIES = np.array(
    [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 1.0, 0.0, 0.0],
        [0.5, 0.5, 0.0, -0.5, -0.5],
    ]
)
"""By theta_first, theta_second, log(nu) and the acceptability of either."""


class FourOutcomeFit(PairFit):
    """Strengths, then log(nu), then one acceptability per contestant."""

    __slots__ = ()

    @property
    def nu(self) -> float:
        """Return the tie parameter, as in `DavidsonFit`."""
        return float(np.exp(self.parameters[self.m]))

    @property
    def acceptability(self) -> FloatArray:
        """Return (m,) acceptabilities in nats: the higher, the rarer both-bad votes are."""
        return self.parameters[self.m + 1 :]

    @property
    def both_bad_chance(self) -> FloatArray:
        """Return (m,) the chance of a both-bad vote against an equal of each contestant."""
        bad = np.exp(-self.acceptability)
        return np.asarray(bad / (2 + self.nu + bad))


def fit_four_outcome(
    votes: VoteArrays,
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    acceptability_prior_elo: float | None = None,
    tol: float = 1e-9,
) -> FourOutcomeFit:
    """Fit wins, ties and both-bad votes together by Newton's method.

    With p = exp(theta) and acceptabilities a, the chances of a win of i, of j, of a tie and of
    both bad are proportional to p_i, p_j, nu * s and exp(-(a_i + a_j) / 2) * s, where
    s = sqrt(p_i * p_j). So strengths tell who wins, and acceptabilities how often neither will do.

    Args:
        votes: the votes.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: standard deviation, in Elo points, of a normal prior of the strengths around
            their mean; None leaves them free.
        acceptability_prior_elo: the same for acceptabilities, around 0.
        tol: see `fit_bradley_terry`.

    Raises:
        NotIdentifiedError: no finite estimate exists; says why and what to do.
        ConvergenceError: tol was not reached.

    Source: Davidson (1970), Journal of the American Statistical Association 65, 317-328, with one
        more outcome after Luce (1959), Individual Choice Behavior.
    """
    m, cells = votes.m, vote_cells(votes, weights)
    decided = VoteCells(
        m=m,
        first=cells.first,
        second=cells.second,
        weight=cells.weight * np.array([[1.0], [1.0], [1.0], [0.0]]),
        square=cells.square,
    )
    if prior_elo is None:
        check_identified(decided.pair_counts())
    check_ties(decided, cells.weight[TIE], strengths_are_free=prior_elo is None)
    if acceptability_prior_elo is None:
        _check_acceptability(cells)
    precision = np.concatenate(
        [
            np.full(m, precision_of(prior_elo)),
            [0.0],
            np.full(m, precision_of(acceptability_prior_elo)),
        ]
    )
    return fit_pairs(
        FourOutcomeFit,
        _FourOutcome(m),
        votes,
        weights,
        np.zeros(2 * m + 1),
        precision,
        cells=cells,
        tol=tol,
    )


def _check_acceptability(cells: VoteCells) -> None:
    """Raise NotIdentifiedError unless every acceptability has a finite estimate.

    A both-bad vote on (i, j) stops directions x with x_i + x_j > 0, any other vote those with
    x_i + x_j < 0. Written as x_i <= y_j with y = -x these are edges of a graph on 2 m nodes; only
    x = 0 is left exactly where every i is in one strong component with its own mirror image.
    """
    # SciPy's graphs take 0.3 s to import: only this model pays for it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not (cells.weight[BOTH_BAD] > 0).any():
        raise NotIdentifiedError(
            "there are no both-bad votes, so acceptability has no finite estimate; use Davidson"
        )
    m = cells.m
    bad, other = cells.weight[BOTH_BAD] > 0, cells.weight[:BOTH_BAD].sum(axis=0) > 0
    x, y = np.arange(m), np.arange(m) + m
    tail = np.concatenate(
        [x[cells.first[bad]], x[cells.second[bad]], y[cells.second[other]], y[cells.first[other]]]
    )
    head = np.concatenate(
        [y[cells.second[bad]], y[cells.first[bad]], x[cells.first[other]], x[cells.second[other]]]
    )
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(2 * m, 2 * m))
    _, labels = connected_components(graph.tocsr(), directed=True, connection="strong")
    outside = np.flatnonzero(labels[:m] != labels[m:])
    if len(outside):
        named = ", ".join(map(str, outside[:10])) + (", ..." if len(outside) > 10 else "")
        raise NotIdentifiedError(
            f"the votes do not determine the acceptability of {len(outside)} of {m} contestants "
            f"({named}): both-bad and other votes on an odd circle of pairs would; collect them, "
            "state acceptability_prior_elo, or use Davidson"
        )


class _FourOutcome(LogLinear):
    def __init__(self, m: int) -> None:
        super().__init__(m, UTILITIES)

    def columns(self, first: IntArray, second: IntArray) -> list[IntArray]:
        acceptability = self.m + 1
        return [
            first,
            second,
            np.full(len(first), self.m),
            acceptability + first,
            acceptability + second,
        ]

    def name(self, parameter: int) -> str:
        if parameter < self.m:
            return f"the strength of contestant {parameter}"
        if parameter == self.m:
            return "the tie parameter"
        return f"the acceptability of contestant {parameter - self.m - 1}"

    def reach(self, step: FloatArray) -> float:
        others = np.abs(step[self.m :])
        return both_strengths(step, self.m) + float(others.max(initial=0)) * 2
