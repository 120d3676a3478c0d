"""Intervals from a normal approximation."""

from statistics import NormalDist

import numpy as np

from blindarena.ranking.arrays import FloatArray


def normal_interval(
    estimate: FloatArray, variance: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bounds that hold each true value with probability `level`.

    Each interval holds for itself; that all hold at once is less likely.
    """
    half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(variance)
    return estimate - half, estimate + half


def t_interval(
    estimate: FloatArray, variance: FloatArray, df: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return bounds like `normal_interval` where the variances have few degrees of freedom.

    Args:
        estimate: estimates.
        variance: their variances.
        df: degrees of freedom of each variance, above 0.
        level: how often each interval holds the true value.
    """
    # SciPy's functions take time to import: only clustered intervals need them.
    from scipy.special import stdtrit

    half = stdtrit(df, (1 + level) / 2) * np.sqrt(variance)
    return estimate - half, estimate + half
