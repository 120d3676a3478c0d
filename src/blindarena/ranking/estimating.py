"""What every fitted model tells, so that one estimator of uncertainty serves them all."""

from typing import Protocol

import numpy as np

from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.laplacian import grounded, invert_positive


class Estimate(Protocol):
    """A maximum-likelihood estimate of p parameters: m log-strengths, then the model's others.

    Shifting all log-strengths together changes no likelihood, so `hessian` is singular in exactly
    that direction, and every row of `scores` sums to 0 over its first m columns.
    """

    @property
    def m(self) -> int:
        """Number of contestants."""

    @property
    def parameters(self) -> FloatArray:
        """(p,) estimates; the first m are log-strengths in nats with mean 0."""

    @property
    def hessian(self) -> FloatArray:
        """(p, p) second derivatives of minus the log-likelihood, a prior's included."""

    @property
    def meat(self) -> FloatArray:
        """(p, p) sum over single votes of the score's outer product with itself."""

    def scores(self, groups: IntArray, n_groups: int) -> FloatArray:
        """Sum the votes' scores, the first derivatives of their log-likelihood, by group.

        Args:
            groups: (n,) the group, 0 .. n_groups - 1, of each entry of the votes fitted.
            n_groups: how many groups there are, such as voters or prompts.

        Returns:
            (n_groups, p) sums; an entry that stands for several votes counts so often.
        """


def bread(m: int, hessian: FloatArray, *, centre: BoolArray | None = None) -> FloatArray:
    """Return the (p, p) A for which A @ score is the change of the centred parameters.

    Args:
        m: number of contestants; the first m parameters are their log-strengths.
        hessian: (p, p) as in `Estimate`.
        centre: (m,) those whose mean the strengths are relative to; None takes all.

    Returns:
        A, whose A @ M @ A.T is the covariance for the meat M of votes or of clusters.

    Raises:
        ConvergenceError: the curvatures lie so far apart that rounding left no inverse.
    """
    if len(hessian) == 1:
        return np.zeros((1, 1))
    ground = int(hessian.diagonal()[:m].argmax())
    matrix = grounded(hessian, ground)
    scale = 1 / np.sqrt(matrix.diagonal())
    matrix *= scale
    matrix *= scale[:, np.newaxis]
    inverse = invert_positive(matrix)
    inverse *= scale
    inverse *= scale[:, np.newaxis]
    full = np.insert(np.insert(inverse, ground, 0, axis=0), ground, 0, axis=1)
    inside = np.ones(m, dtype=np.bool_) if centre is None else centre
    full[:m] -= full[:m][inside].mean(axis=0)
    return full


def covariance(estimate: Estimate, *, centre: BoolArray | None = None) -> FloatArray:
    """Return the (p, p) sandwich covariance for independent votes.

    The log-strengths in it are relative to the mean of their centre.

    Source: White (1982), Econometrica 50(1), 1-25.
    """
    spread = bread(estimate.m, estimate.hessian, centre=centre)
    product = spread @ estimate.meat @ spread.T
    return np.asarray((product + product.T) / 2)
