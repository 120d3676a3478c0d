"""Intervals for a ratio of two estimates, from an interval of each."""

import numpy as np

from blindarena.ranking.arrays import FloatArray


def ratio_interval(
    top: tuple[FloatArray, FloatArray, FloatArray],
    under: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bounds of `top` / `under`, neither of which is negative.

    The distance from each estimate to its own bound stands for its standard error, on the side
    where it matters; with bounds that lie symmetrically it is Fieller's interval. The two must be
    estimated independently of each other.

    Args:
        top: the estimate and its bounds, at the level wanted for the ratio.
        under: likewise.

    Returns:
        Bounds, with NaN where an argument is NaN; the upper one is infinite where the lower bound
        of `under` is 0.

    Source: MOVER-R: Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359;
        Newcombe (2016), ibid. 25, 1774-1778. Both bounds are written so that nothing cancels.
    """
    (a, a_lower, a_upper), (b, b_lower, b_upper) = top, under
    product = a * b
    with np.errstate(invalid="ignore", divide="ignore"):
        falling = a_lower * (2 * a - a_lower)
        gap = falling * b_upper * (2 * b - b_upper)
        lower = falling / (product + np.sqrt(np.maximum(product**2 - gap, 0)))
        narrowed = b_lower * (2 * b - b_lower)
        gap = a_upper * (2 * a - a_upper) * narrowed
        upper = (product + np.sqrt(np.maximum(product**2 - gap, 0))) / narrowed
    none = np.isnan(a + a_lower + a_upper + b + b_lower + b_upper)
    upper = np.where(b_lower > 0, upper, np.inf)
    lower = np.where(falling > 0, lower, 0.0)
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)
