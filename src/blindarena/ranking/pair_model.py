"""Fitting models in which the outcome of a vote depends on the two contestants only."""

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.estimating import covariance
from blindarena.ranking.newton import maximise
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_cells import (
    OUTCOMES,
    VoteCells,
    check_weights,
    pair_outcome,
)


class PairModel(Protocol):
    """The chance of each outcome of a pair, by its q local parameters out of p.

    Local parameters z have shape (q, pairs); outcomes are numbered as in `VoteCells`.
    """

    m: int

    def columns(self, first: IntArray, second: IntArray) -> list[IntArray]:
        """Return where each local parameter of the pairs stands among the p parameters."""

    def log_chances(self, z: FloatArray) -> FloatArray:
        """Return (4, pairs) the log-chance of each outcome, -inf outside the domain."""

    def scores(self, z: FloatArray) -> FloatArray:
        """Return (4, q, pairs) derivatives of the log-chances."""

    def information(self, z: FloatArray, weight: FloatArray) -> FloatArray:
        """Return (q, q, pairs) minus the second derivatives, summed over (4, pairs) weights."""

    def name(self, parameter: int) -> str:
        """Return what a parameter is called in an error."""

    def reach(self, step: FloatArray) -> float:
        """Return a bound on how far the step moves any log-odds; inf where there is none."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairFit:
    """Maximum-likelihood estimate of a pair model; an `Estimate`.

    Attributes:
        votes, weights: what it was fitted to.
        cells: the same, counted.
        model: the model.
        parameters: (p,) the first m are log-strengths in nats, mean 0.
        hessian: (p, p) minus the second derivatives at `parameters`, the prior's included.
        log_likelihood: of the weighted votes, without the prior.
        steps: Newton steps taken.
        gradient: largest gradient over curvature of any parameter, in nats.
        tol: what `gradient` was asked to be, before one last step.
    """

    votes: VoteArrays = field(repr=False)
    weights: FloatArray | None = field(repr=False)
    cells: VoteCells = field(repr=False)
    model: PairModel = field(repr=False)
    parameters: FloatArray
    hessian: FloatArray = field(repr=False)
    log_likelihood: float
    steps: int
    gradient: float
    tol: float

    @property
    def m(self) -> int:
        """Number of contestants."""
        return self.cells.m

    @property
    def theta(self) -> FloatArray:
        """(m,) log-strengths in nats, mean 0."""
        return self.parameters[: self.m]

    @property
    def meat(self) -> FloatArray:
        """(p, p) sum over single votes of the score's outer product with itself."""
        scores = self._cell_scores()
        blocks = np.einsum("kp,kap,kbp->abp", self.cells.square, scores, scores, optimize=True)
        return _assembled(self._columns(), blocks, len(self.parameters))

    def scores(self, groups: IntArray, n_groups: int) -> FloatArray:
        """Sum the scores of the votes by group, see `Estimate`."""
        size, votes = len(self.parameters), self.votes
        pair, outcome = pair_outcome(votes, self.cells)
        factor = _times(check_weights(votes, self.weights), votes.count)
        scores, columns = self._cell_scores(), self._columns()
        sums = np.zeros(n_groups * size)
        for local, column in enumerate(columns):
            values = scores[outcome, local, pair]
            if factor is not None:
                values *= factor
            flat = groups.astype(np.int64) * size + column[pair]
            sums += np.bincount(flat, values, minlength=n_groups * size)
        return sums.reshape(n_groups, size)

    def covariance(self) -> FloatArray:
        """Return the (p, p) sandwich covariance for independent votes, see `covariance`."""
        return covariance(self)

    def _columns(self) -> list[IntArray]:
        return self.model.columns(self.cells.first, self.cells.second)

    def _cell_scores(self) -> FloatArray:
        return self.model.scores(np.stack([self.parameters[c] for c in self._columns()]))


AnyFit = TypeVar("AnyFit", bound=PairFit)


def fit_pairs(
    kind: type[AnyFit],
    model: PairModel,
    votes: VoteArrays,
    weights: FloatArray | None,
    start: FloatArray,
    precision: FloatArray,
    *,
    cells: VoteCells,
    tol: float,
) -> AnyFit:
    """Fit a pair model to votes whose cells are known to determine it.

    Args:
        kind: the class of the result.
        model: the model.
        votes: the votes.
        weights: (n,) weight of each vote; None is 1.
        start: (p,) parameters to begin from.
        precision: (p,) of the prior, see `maximise`.
        cells: the votes, counted.
        tol: see `maximise`.
    """
    objective = _Cells(model, cells, len(start))
    found = maximise(objective, start, precision, tol=tol)
    return kind(
        votes=votes,
        weights=weights,
        cells=cells,
        model=model,
        parameters=found.at,
        hessian=found.hessian,
        log_likelihood=objective.value(found.at),
        steps=found.steps,
        gradient=found.gradient,
        tol=tol,
    )


def precision_of(prior_elo: float | None) -> float:
    """Return 1 / variance in nats of a normal prior whose standard deviation is in Elo points.

    Raises:
        InputError: it is not a positive number.
    """
    if prior_elo is None:
        return 0.0
    if not 0 < prior_elo < np.inf:
        raise InputError(f"the prior is {prior_elo} Elo points wide; give a positive number")
    return (ELO_PER_NAT / prior_elo) ** 2


class _Cells:
    """The log-likelihood of counted votes."""

    def __init__(self, model: PairModel, cells: VoteCells, size: int) -> None:
        self.m = cells.m
        self.name, self.reach = model.name, model.reach
        self._model, self._weight, self._size = model, cells.weight, size
        self._columns = model.columns(cells.first, cells.second)

    def slopes(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient and the negative second derivatives."""
        z = np.stack([at[column] for column in self._columns])
        each = np.einsum("kp,kap->ap", self._weight, self._model.scores(z))
        gradient = np.zeros(self._size)
        for column, values in zip(self._columns, each, strict=True):
            gradient += np.bincount(column, values, minlength=self._size)
        information = self._model.information(z, self._weight)
        return gradient, _assembled(self._columns, information, self._size)

    def value(self, at: FloatArray) -> float:
        """Return the log-likelihood."""
        log = self._model.log_chances(np.stack([at[column] for column in self._columns]))
        seen = self._weight > 0
        return float(np.sum(self._weight[seen] * log[seen]))


def _assembled(columns: list[IntArray], blocks: FloatArray, size: int) -> FloatArray:
    """Add up the (q, q, pairs) blocks of all pairs into a (size, size) matrix."""
    total = np.zeros(size * size)
    for column, row in zip(columns, blocks, strict=True):
        for other, values in zip(columns, row, strict=True):
            np.add.at(total, column * size + other, values)
    return total.reshape(size, size)


def _times(weights: FloatArray | None, count: IntArray | None) -> FloatArray | None:
    """Return what each entry's score is multiplied by; None is 1."""
    if weights is None or count is None:
        return weights if count is None else count.astype(np.float64)
    return weights * count


class LogLinear:
    """A pair model whose outcomes' chances are proportional to exp(utilities[outcome] @ z).

    Args:
        m: number of contestants.
        utilities: (K, q) one row per outcome; outcomes beyond the last row count as the last.
    """

    def __init__(self, m: int, utilities: FloatArray) -> None:
        self.m = m
        self._utilities = utilities
        self._apart = utilities[:, np.newaxis] - utilities
        self._row = np.minimum(np.arange(OUTCOMES), len(utilities) - 1)

    def log_chances(self, z: FloatArray) -> FloatArray:
        """Return (4, pairs) the log-chance of each outcome."""
        utility = self._utilities @ z
        highest = utility.max(axis=0, initial=-np.inf)
        total = highest + np.log(np.exp(utility - highest).sum(axis=0))
        return np.asarray((utility - total)[self._row])

    def scores(self, z: FloatArray) -> FloatArray:
        """Return (4, q, pairs) each outcome's utilities less those expected."""
        return self._scores(np.exp(self._distinct(z)))[self._row]

    def information(self, z: FloatArray, weight: FloatArray) -> FloatArray:
        """Return (q, q, pairs) the covariance of the utilities, times the votes."""
        chance = np.exp(self._distinct(z))
        scores = self._scores(chance)
        chance *= weight.sum(axis=0)
        return np.asarray(np.einsum("kp,kap,kbp->abp", chance, scores, scores, optimize=True))

    def _distinct(self, z: FloatArray) -> FloatArray:
        """Return (K, pairs) log-chances."""
        return self.log_chances(z)[: len(self._utilities)]

    def _scores(self, chance: FloatArray) -> FloatArray:
        """Average the differences: an outcome that is almost certain keeps its digits."""
        return np.asarray(np.tensordot(self._apart, chance, axes=([1], [0])))


def both_strengths(step: FloatArray, m: int) -> float:
    """Return the range of a step's strengths."""
    return float(np.ptp(step[:m])) if m else 0.0
