"""Newton's method for overall strengths and offsets, one category's offsets at a time."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import ConvergenceError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.category_cells import CategoryCells
from blindarena.ranking.laplacian import grounded
from blindarena.ranking.newton import ALWAYS_CLIMBS

MAX_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where the climb ended; the fields are those of `ContextualFit`."""

    theta: FloatArray
    offsets: FloatArray
    log_likelihood: float
    log_evidence: float
    steps: int
    gradient: float


class OffsetSystem:
    """Gradient and curvature at one point, the offsets eliminated.

    With L_c the Laplacian of category c and A_c = L_c + precision I, the offsets' part of a
    Newton step is A_c^-1 (g_c - L_c step), and what is left for the strengths is the matrix
    sum of precision A_c^-1 L_c, again a Laplacian.

    Attributes:
        m: number of contestants.
    """

    def __init__(
        self, cells: CategoryCells, theta: FloatArray, offsets: FloatArray, precision: float
    ) -> None:
        self.m, self._precision = cells.m, precision
        self._laplacians = [curvature(cells, theta, u, c) for c, u in enumerate(offsets)]
        own = precision * np.eye(cells.m)
        self._corners = [_Positive(each + own) for each in self._laplacians]
        slopes = [
            cells.incidence(cells.won[c] - cells.total[c] * missed(cells, theta + u)[1])
            for c, u in enumerate(offsets)
        ]
        self._slope = np.sum(slopes, axis=0)
        self._slopes = [each - precision * u for each, u in zip(slopes, offsets, strict=True)]
        left = np.zeros((cells.m, cells.m))
        for each, corner in zip(self._laplacians, self._corners, strict=True):
            left += precision * corner.solve(each)
        left = (left + left.T) / 2
        self._ground = int(left.diagonal().argmax())
        self._left = _Positive(grounded(left, self._ground))

    def size(self) -> float:
        """Return the largest gradient over curvature of any parameter."""
        overall = np.sum([each.diagonal() for each in self._laplacians], axis=0)
        sizes = [np.abs(self._slope) / overall]
        for slope, each in zip(self._slopes, self._laplacians, strict=True):
            sizes.append(np.abs(slope) / (each.diagonal() + self._precision))
        return float(np.max(sizes))

    def step(self) -> tuple[FloatArray, FloatArray]:
        """Return the Newton step of the strengths, mean 0, and of the offsets."""
        parts = list(zip(self._slopes, self._corners, self._laplacians, strict=True))
        right = self._slope
        for slope, corner, each in parts:
            right = right - each @ corner.solve(slope)
        theta = np.zeros(self.m)
        rest = np.delete(np.arange(self.m), self._ground)
        theta[rest] = self._left.solve(right[rest])
        theta -= theta.mean()
        offsets = [corner.solve(slope - each @ theta) for slope, corner, each in parts]
        return theta, np.stack(offsets)

    def log_determinant(self) -> float:
        """Return log det of the whole curvature, one strength held fixed."""
        return sum(part.log_determinant() for part in [*self._corners, self._left])

    def covariance(self, category: int) -> FloatArray:
        """Return the (m, m) covariance of a category's strengths, the ground's held fixed."""
        inverse = self._corners[category].solve(np.eye(self.m))
        kept = self._precision * inverse
        return np.asarray(inverse + kept @ self.overall_covariance() @ kept.T)

    def overall_covariance(self) -> FloatArray:
        """Return the (m, m) covariance of the overall strengths, the ground's held fixed."""
        overall = self._left.solve(np.eye(self.m - 1))
        ground = self._ground
        return np.insert(np.insert(overall, ground, 0, axis=0), ground, 0, axis=1)


class _Positive:
    """A positive definite matrix, factored once."""

    def __init__(self, matrix: FloatArray) -> None:
        # SciPy's linear algebra takes 0.2 s to import: only those who fit pay for it.
        from scipy.linalg.lapack import dpotrf, dpotrs

        self._solve = dpotrs
        self._factor, failed = dpotrf(matrix.T, lower=1, clean=0)
        if failed:
            raise ConvergenceError(
                "the votes of some contestants outweigh those of others so far that rounding lost "
                "them; leave out contestants that almost never win or lose, or state spread_elo"
            )

    def solve(self, right: FloatArray) -> FloatArray:
        """Return the solution x of matrix @ x = right."""
        return np.asarray(self._solve(self._factor, right, lower=1)[0])

    def log_determinant(self) -> float:
        """Return log det of the matrix."""
        return float(2 * np.log(self._factor.diagonal()).sum())


def climb(
    cells: CategoryCells, theta: FloatArray, offsets: FloatArray, precision: float, *, tol: float
) -> Found:
    """Climb to the most likely strengths and offsets.

    Args:
        cells: the votes.
        theta: (m,) where to begin.
        offsets: (C, m) where to begin.
        precision: 1 / variance of the offsets, in nats.
        tol: as in `fit_bradley_terry`: one more step follows.

    Raises:
        ConvergenceError: tol was not reached in MAX_STEPS.
    """
    if cells.m == 1:
        return Found(theta, offsets, 0.0, 0.0, 0, 0.0)
    size = np.inf
    for steps in range(MAX_STEPS):
        system = OffsetSystem(cells, theta, offsets, precision)
        last, size = size <= tol, system.size()
        if last:
            value = _value(cells, theta, offsets)
            prior = precision * float(np.sum(offsets**2)) - offsets.size * np.log(precision)
            evidence = value - (prior + system.log_determinant()) / 2
            return Found(theta, offsets, value, evidence, steps, size)
        move, moves = system.step()
        now = _value(cells, theta, offsets) - precision * float(np.sum(offsets**2)) / 2
        while np.ptp(move) + np.ptp(moves, axis=1).max() > ALWAYS_CLIMBS:
            there = offsets + moves
            value = _value(cells, theta + move, there) - precision * float(np.sum(there**2)) / 2
            if value > now:
                break
            move, moves = move / 2, moves / 2
        theta, offsets = theta + move, offsets + moves
    raise ConvergenceError(
        f"the contextual fit did not reach {tol=} in {MAX_STEPS} steps (it got to {size:.2g}); "
        "look for contestants that almost never win or lose, or raise tol"
    )


def missed(cells: CategoryCells, strengths: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (pairs,) the chances that the second wins, and that the first does."""
    ahead = strengths[cells.first] - strengths[cells.second]
    return np.exp(-np.logaddexp(0, ahead)), np.exp(-np.logaddexp(0, -ahead))


def curvature(
    cells: CategoryCells, theta: FloatArray, offset: FloatArray, category: int
) -> FloatArray:
    """Return the (m, m) Laplacian of one category's votes."""
    against, chance = missed(cells, theta + offset)
    return cells.laplacian(cells.total[category] * against * chance)


def _value(cells: CategoryCells, theta: FloatArray, offsets: FloatArray) -> float:
    """Return the log-likelihood of the votes."""
    strengths = theta + offsets
    ahead = strengths[:, cells.first] - strengths[:, cells.second]
    return float(np.sum(cells.won * ahead - cells.total * np.logaddexp(0, ahead)))
