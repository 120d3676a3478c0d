"""Bradley-Terry per category, shrunk towards the overall strengths."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified, fit_bradley_terry
from blindarena.ranking.category_cells import CategoryCells, category_cells
from blindarena.ranking.contextual_newton import OffsetSystem, climb, curvature, missed
from blindarena.ranking.pair_model import precision_of
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_cells import vote_cells

NARROWEST, WIDEST = 1.0, 1000.0
"""Spreads that are looked at, in Elo points; 1 means that categories hardly differ."""

COARSE = 1e-4
"""Tolerance while spreads are compared: the evidence is flat in it, so it is off by its square."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ContextualFit:
    """Overall strengths, and how far each contestant is off them in each category.

    Attributes:
        theta: (m,) overall log-strengths in nats, mean 0.
        offsets: (C, m) what a category adds to them, shrunk towards 0.
        spread_elo: standard deviation of the offsets that was stated or estimated, in Elo points.
        estimated: whether it was estimated.
        votes: (C, m) votes of each contestant in each category, weighted.
        log_likelihood: of the weighted votes, without the prior.
        log_evidence: the votes' log-likelihood with the offsets integrated out (Laplace), up to a
            constant: what an estimated spread makes largest.
        steps: Newton steps taken.
        gradient: largest gradient over curvature of any parameter, in nats.
        tol: what `gradient` was asked to be, before one last step.
    """

    theta: FloatArray
    offsets: FloatArray
    spread_elo: float
    estimated: bool
    votes: FloatArray
    log_likelihood: float
    log_evidence: float
    steps: int
    gradient: float
    tol: float
    category: IntArray = field(repr=False)
    cells: CategoryCells = field(repr=False)

    @property
    def m(self) -> int:
        """Number of contestants."""
        return len(self.theta)

    @property
    def parameters(self) -> FloatArray:
        """(m + C m,) overall strengths, then the offsets of category 0, 1, ..."""
        return np.concatenate([self.theta, self.offsets.ravel()])

    def strengths(self, category: int) -> FloatArray:
        """Return (m,) the log-strengths in one category, in nats, mean 0."""
        strengths = self.theta + self.offsets[category]
        return np.asarray(strengths - strengths.mean())

    def covariance(self, category: int, *, centre: BoolArray | None = None) -> FloatArray:
        """Return the (m, m) posterior covariance of a category's strengths about their centre.

        It holds what the votes leave open and what shrinking does; the spread is taken as known.
        """
        return self._centred(self._system().covariance(category), centre)

    def overall_covariance(self, *, centre: BoolArray | None = None) -> FloatArray:
        """Return the (m, m) posterior covariance of `theta` about its centre.

        It holds what the votes leave open and that other categories would have given other
        strengths; the spread is taken as known.
        """
        return self._centred(self._system().overall_covariance(), centre)

    def _system(self) -> OffsetSystem:
        return OffsetSystem(self.cells, self.theta, self.offsets, precision_of(self.spread_elo))

    def _centred(self, covariance: FloatArray, centre: BoolArray | None) -> FloatArray:
        inside = np.ones(self.m, dtype=np.bool_) if centre is None else centre
        centring = np.eye(self.m) - inside / inside.sum()
        return np.asarray(centring @ covariance @ centring.T)

    @property
    def hessian(self) -> FloatArray:
        """(p, p) minus the second derivatives, the prior's included, see `Estimate`."""
        curvatures = [curvature(self.cells, self.theta, u, c) for c, u in enumerate(self.offsets)]
        prior = precision_of(self.spread_elo) * np.eye(self.m)
        return _bordered(curvatures, [each + prior for each in curvatures])

    @property
    def meat(self) -> FloatArray:
        """(p, p) sum over single votes of the score's outer product with itself."""
        squares = []
        for category, offset in enumerate(self.offsets):
            chance = self._chance(category, offset)
            off = np.stack([1 - chance, -chance, 0.5 - chance]) ** 2
            squares.append(self.cells.laplacian((self.cells.square[category] * off).sum(axis=0)))
        return _bordered(squares, squares)

    def scores(self, groups: IntArray, n_groups: int) -> FloatArray:
        """Sum the scores of the votes by group, see `Estimate`."""
        cells, size = self.cells, len(self.parameters)
        chance = np.stack([self._chance(c, u) for c, u in enumerate(self.offsets)])
        off = (cells.score - chance[self.category, cells.pair]) * cells.factor
        sums = np.zeros(n_groups * size)
        for side, sign in ((cells.first, 1.0), (cells.second, -1.0)):
            for block in (np.int64(0), self.m * (1 + self.category.astype(np.int64))):
                flat = groups.astype(np.int64) * size + block + side[cells.pair]
                sums += np.bincount(flat, sign * off, minlength=n_groups * size)
        return sums.reshape(n_groups, size)

    def _chance(self, category: int, offset: FloatArray) -> FloatArray:
        """Return (pairs,) the chance that the first wins."""
        return missed(self.cells, self.theta + offset)[1]


def fit_contextual(
    votes: VoteArrays,
    category: IntArray,
    categories: int,
    *,
    spread_elo: float | None = None,
    weights: FloatArray | None = None,
    tol: float = 1e-9,
) -> ContextualFit:
    """Fit strengths theta_i + u_ic of contestant i in category c, u_ic being normal around 0.

    A category with few votes keeps close to the overall strengths, one with many has its own. A
    category needs no connected graph of its own; the votes of all together do.

    Args:
        votes: the votes.
        category: (n,) the category of each vote, 0 .. categories - 1.
        categories: how many there are.
        spread_elo: standard deviation of the offsets u, in Elo points. None takes the one that
            makes the votes most likely with the offsets integrated out.
        weights: (n,) weight of each vote; None is 1.
        tol: see `fit_bradley_terry`.

    Raises:
        InputError: a code or the spread is out of range.
        NotIdentifiedError: the graph of wins of all votes is not strongly connected.
        ConvergenceError: tol was not reached.

    Source: Bradley and Terry (1952), Biometrika 39, 324-345, with random effects and their
        variance by Laplace's approximation: Breslow and Clayton (1993), Journal of the American
        Statistical Association 88, 9-25.
    """
    if categories < 1:
        raise InputError(f"categories is {categories}; give 1 or more")
    cells = category_cells(votes, category, categories, weights)
    if weights is not None:
        check_identified(vote_cells(votes, weights).pair_counts())
    theta = fit_bradley_terry(votes.pair_counts()).theta
    start = (theta, np.zeros((categories, votes.m)))
    spread = _likeliest_spread(cells, start) if spread_elo is None else spread_elo
    found = climb(cells, *start, precision_of(spread), tol=tol)
    per_pair = cells.total
    return ContextualFit(
        theta=found.theta,
        offsets=found.offsets,
        spread_elo=float(spread),
        estimated=spread_elo is None,
        votes=np.stack(
            [
                np.bincount(cells.first, row, minlength=votes.m)
                + np.bincount(cells.second, row, minlength=votes.m)
                for row in per_pair
            ]
        ),
        log_likelihood=found.log_likelihood,
        log_evidence=found.log_evidence,
        steps=found.steps,
        gradient=found.gradient,
        tol=tol,
        category=category,
        cells=cells,
    )


def _likeliest_spread(cells: CategoryCells, start: tuple[FloatArray, FloatArray]) -> float:
    """Return the spread in Elo points that makes the evidence largest."""
    # SciPy's optimisers take 0.3 s to import: only an estimated spread pays for it.
    from scipy.optimize import minimize_scalar

    at = start

    def loss(log_spread: float) -> float:
        nonlocal at
        precision = (ELO_PER_NAT / np.exp(log_spread)) ** 2
        found = climb(cells, *at, precision, tol=COARSE)
        at = (found.theta, found.offsets)
        return -found.log_evidence

    bounds = (np.log(NARROWEST), np.log(WIDEST))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    ends = [bounds[0], float(best.x)]
    return float(np.exp(min(ends, key=loss)))


def _bordered(borders: list[FloatArray], corners: list[FloatArray]) -> FloatArray:
    """Return the (m + C m) matrix of strengths (the sum of the borders) and offsets."""
    m, count = len(borders[0]), len(borders)
    matrix = np.zeros((m * (1 + count), m * (1 + count)))
    for at, (border, corner) in enumerate(zip(borders, corners, strict=True), start=1):
        here = slice(at * m, (at + 1) * m)
        matrix[:m, :m] += border
        matrix[:m, here] = border
        matrix[here, :m] = border
        matrix[here, here] = corner
    return matrix
