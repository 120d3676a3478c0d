"""How far two contestants are apart, and how certain that is."""

import numpy as np

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.intervals import normal_interval


def differences(theta: FloatArray) -> FloatArray:
    """Return (m, m) each row's strength less each column's."""
    return np.subtract.outer(theta, theta)


def difference_variances(covariance: FloatArray) -> FloatArray:
    """Return the (m, m) variances of all differences, 0 on the diagonal.

    They do not depend on what the strengths are relative to.
    """
    own = covariance.diagonal()
    variances = own[:, np.newaxis] + own - covariance - covariance.T
    np.fill_diagonal(variances, 0)
    return np.asarray(variances.clip(min=0))


def difference_intervals(
    theta: FloatArray, covariance: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return (m, m) bounds of each row's strength less each column's, each pair for itself."""
    return normal_interval(differences(theta), difference_variances(covariance), level=level)


def relative_to(covariance: FloatArray, contestant: int) -> FloatArray:
    """Return the (m, m) covariance of the strengths relative to one contestant.

    That contestant is then certain by definition, and its uncertainty is in all others: on a board
    it is better to leave the strengths relative to their mean, where the anchor keeps a width.
    """
    shared = covariance[:, [contestant]]
    moved = covariance - shared - shared.T + covariance[contestant, contestant]
    moved[contestant] = moved[:, contestant] = 0
    return np.asarray(moved)
