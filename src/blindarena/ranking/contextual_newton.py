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
    """

    def __init__(
        self, cells: CategoryCells, theta: FloatArray, offsets: FloatArray, precision: float
    ) -> None:
        self.m, self.precision = cells.m, precision
        self.laplacians = [curvature(cells, theta, u, c) for c, u in enumerate(offsets)]
        own = precision * np.eye(cells.m)
        self.corners = [each + own for each in self.laplacians]
        self.own_gradients = [
            cells.incidence(cells.won[c] - cells.total[c] * missed(cells, theta + u)[1])
            for c, u in enumerate(offsets)
        ]
        self.gradients = [
            each - precision * u for each, u in zip(self.own_gradients, offsets, strict=True)
        ]
        self.left = np.zeros((cells.m, cells.m))
        for each, corner in zip(self.laplacians, self.corners, strict=True):
            self.left += precision * np.linalg.solve(corner, each)
        self.left = (self.left + self.left.T) / 2
        self.ground = int(self.left.diagonal().argmax())

    def size(self) -> float:
        """Return the largest gradient over curvature of any parameter."""
        overall = np.sum([each.diagonal() for each in self.laplacians], axis=0)
        sizes = [np.abs(np.sum(self.own_gradients, axis=0)) / overall]
        for gradient, corner in zip(self.gradients, self.corners, strict=True):
            sizes.append(np.abs(gradient) / corner.diagonal())
        return float(np.max(sizes))

    def step(self) -> tuple[FloatArray, FloatArray]:
        """Return the Newton step of the strengths, mean 0, and of the offsets."""
        right = np.sum(self.own_gradients, axis=0)
        for gradient, corner, each in zip(
            self.gradients, self.corners, self.laplacians, strict=True
        ):
            right = right - each @ np.linalg.solve(corner, gradient)
        theta = np.zeros(self.m)
        rest = np.delete(np.arange(self.m), self.ground)
        theta[rest] = np.linalg.solve(grounded(self.left, self.ground), right[rest])
        theta -= theta.mean()
        offsets = [
            np.linalg.solve(corner, gradient - each @ theta)
            for gradient, corner, each in zip(
                self.gradients, self.corners, self.laplacians, strict=True
            )
        ]
        return theta, np.stack(offsets)

    def log_determinant(self) -> float:
        """Return log det of the whole curvature, one strength held fixed."""
        parts = [*self.corners, grounded(self.left, self.ground)]
        return float(sum(np.linalg.slogdet(part)[1] for part in parts))

    def covariance(self, category: int) -> FloatArray:
        """Return the (m, m) covariance of a category's strengths, the ground's held fixed."""
        inverse = np.linalg.inv(self.corners[category])
        overall = np.linalg.inv(grounded(self.left, self.ground))
        overall = np.insert(np.insert(overall, self.ground, 0, axis=0), self.ground, 0, axis=1)
        kept = self.precision * inverse
        return np.asarray(inverse + kept @ overall @ kept.T)


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
