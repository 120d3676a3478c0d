"""Newton's method for log-likelihoods that do not change when all strengths move together."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from blindarena.errors import ConvergenceError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.laplacian import grounded
from blindarena.ranking.likelihood import WIDEST

MAX_STEPS = 100
ALWAYS_CLIMBS = 1.79
"""As in `bradley_terry`: a step that changes no log-odds by more than this cannot overshoot."""

LOST = 1e-13
"""Below this share of its diagonal a pivot is rounding: the parameter is not determined."""


class Objective(Protocol):
    """A concave log-likelihood of m strengths and other parameters."""

    @property
    def m(self) -> int:
        """Number of strengths, which come first."""

    def slopes(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient (p,) and the negative second derivatives (p, p), both new."""

    def value(self, at: FloatArray) -> float:
        """Return the log-likelihood, -inf outside its domain."""

    def reach(self, step: FloatArray) -> float:
        """Return a bound on how far the step moves any log-odds; inf where there is none."""

    def name(self, parameter: int) -> str:
        """Return what a parameter is called in an error."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where Newton's method ended.

    Attributes:
        at: (p,) parameters, the strengths with mean 0.
        hessian: (p, p) negative second derivatives there, the prior's included.
        steps: steps taken.
        gradient: largest gradient over curvature of any parameter, in nats.
    """

    at: FloatArray
    hessian: FloatArray
    steps: int
    gradient: float


def maximise(
    objective: Objective, start: FloatArray, precision: FloatArray, *, tol: float
) -> Maximum:
    """Climb to the maximum of the log-likelihood and a normal prior around 0.

    Args:
        objective: what to maximise.
        start: (p,) where to begin.
        precision: (p,) 1 / variance of each parameter's prior, 0 where there is none; the same
            for all strengths, where it is the prior of their differences from the mean.
        tol: as in `fit_bradley_terry`: one more step follows.

    Raises:
        NotIdentifiedError: a parameter runs away or is not determined; names it.
        ConvergenceError: tol was not reached in MAX_STEPS.
    """
    m, at, size = objective.m, _centred(start, objective.m), np.inf
    if m == len(at) == 1:
        return Maximum(at, np.zeros((1, 1)), 0, 0.0)
    for steps in range(MAX_STEPS):
        gradient, hessian = objective.slopes(at)
        if precision.any():
            gradient = gradient - precision * at
            hessian += _prior_hessian(m, precision)
        diagonal = hessian.diagonal()
        if not (diagonal > 0).all():
            _not_determined(objective, int((diagonal <= 0).argmax()))
        last, size = size <= tol, float(np.max(np.abs(gradient) / diagonal))
        if last:
            return Maximum(at, hessian, steps, size)
        step = _newton_step(objective, gradient, hessian)
        at = _centred(at + _climbing(objective, at, step, precision), m)
        if np.ptp(at[:m]) > WIDEST or np.abs(at[m:]).max(initial=0) > WIDEST:
            _not_determined(objective, int(np.abs(at).argmax()))
    raise ConvergenceError(
        f"the fit did not reach {tol=} in {MAX_STEPS} steps (it got to {size:.2g}); the last one "
        f"moved {objective.name(int(np.abs(step).argmax()))} most: leave that out, state a prior, "
        "or raise tol"
    )


def _prior_hessian(m: int, precision: FloatArray) -> FloatArray:
    """Return the (p, p) negative second derivatives of the prior that `maximise` describes."""
    hessian = np.diag(precision)
    hessian[:m, :m] -= precision[0] / m
    return hessian


def _centred(at: FloatArray, m: int) -> FloatArray:
    """Return the parameters with strengths of mean 0."""
    moved = at.copy()
    moved[:m] -= moved[:m].mean()
    return moved


def _newton_step(objective: Objective, gradient: FloatArray, hessian: FloatArray) -> FloatArray:
    """Return the step to the maximum of the quadratic approximation, strengths with mean 0."""
    # SciPy's linear algebra takes 0.2 s to import: not everyone who imports this fits something.
    from scipy.linalg.lapack import dpotrf, dpotrs

    ground = int(hessian.diagonal()[: objective.m].argmax())
    rest = np.delete(np.arange(len(gradient)), ground)
    matrix = grounded(hessian, ground)
    scale = 1 / np.sqrt(matrix.diagonal())
    matrix *= scale
    matrix *= scale[:, np.newaxis]
    factor, failed = dpotrf(matrix.T, lower=1, clean=0)
    pivots = factor.diagonal() ** 2
    if failed or pivots.min(initial=1) < LOST:
        _not_determined(objective, int(rest[_weakest(matrix) if failed else pivots.argmin()]))
    step = np.zeros(len(gradient))
    step[rest] = scale * dpotrs(factor, scale * gradient[rest], lower=1)[0]
    return _centred(step, objective.m)


def _weakest(matrix: FloatArray) -> int:
    """Return the parameter that has the largest part in the direction of least curvature."""
    _, vectors = np.linalg.eigh(matrix)
    return int(np.abs(vectors[:, 0]).argmax())


def _climbing(
    objective: Objective, at: FloatArray, step: FloatArray, precision: FloatArray
) -> FloatArray:
    """Halve a long step until it does not lower the objective; a short one is known not to."""
    if objective.reach(step) <= ALWAYS_CLIMBS:
        return step

    def value(where: FloatArray) -> float:
        where = _centred(where, objective.m)
        return objective.value(where) - float(precision @ where**2) / 2

    now = value(at)
    allowed = 1e-13 * abs(now)
    for _ in range(60):
        if objective.reach(step) <= ALWAYS_CLIMBS or value(at + step) >= now - allowed:
            return step
        step = step / 2
    raise ConvergenceError("no step, however short, raises the likelihood; state a prior")


def _not_determined(objective: Objective, parameter: int) -> None:
    """Raise NotIdentifiedError for a parameter."""
    raise NotIdentifiedError(
        f"the votes do not determine {objective.name(parameter)}; leave it out, collect more votes "
        "on it, or state a prior"
    )
