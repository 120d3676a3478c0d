"""Intervals that hold at every look, for people who look every day and stop when they like."""

import math

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.differences import difference_variances, differences
from blindarena.ranking.scale import ELO_PER_NAT

SHARPEST = 10 / ELO_PER_NAT
"""Standard error, in nats, at which the sequences are narrowest unless stated: 10 Elo points."""


def anytime_half_widths(
    variance: FloatArray,
    *,
    sharpest: float = SHARPEST,
    level: float = 0.95,
    comparisons: int = 1,
    one_sided: bool = False,
) -> FloatArray:
    """Return how far around each estimate its confidence sequence reaches now.

    With the information V = 1 / variance and alpha the error allowed, Robbins' normal mixture
    gives sqrt((V + rho) log((V + rho) / (rho alpha^2))) / V. Over the whole time of a Brownian
    motion it is left with probability alpha; estimates from many votes move like one.

    Args:
        variance: of estimates at this look, nats squared; 0 gives an infinite width, since votes
            without any variance tell nothing yet.
        sharpest: standard error at which to be narrowest. It must not depend on the votes.
        level: with which probability all intervals hold at all looks.
        comparisons: among how many sequences the error is divided.
        one_sided: only one of the two bounds is used, so it may have all the error.

    Raises:
        InputError: `sharpest` or `level` is out of range.

    Source: Robbins (1970), Annals of Mathematical Statistics 41, 1397-1409; Howard, Ramdas,
        McAuliffe and Sekhon (2021), Annals of Statistics 49, 1055-1080; for estimates with a
        normal limit, Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics
        52, 2613-2640.
    """
    if not 0 < sharpest < math.inf:
        raise InputError(f"sharpest is {sharpest}; give a standard error in nats above 0")
    if not 0.5 <= level < 1:
        raise InputError(f"level is {level}; give one from 0.5 to below 1")
    alpha = (1 - level) / max(comparisons, 1)
    log = -2 * math.log(alpha)
    rho = 1 / (sharpest**2 * (log + math.log(log) + 1))
    seen = variance > 0
    information = 1 / np.where(seen, variance, 1.0)
    grown = np.sqrt((information + rho) / rho)
    surprise = np.log(1 + grown / (2 * alpha)) if one_sided else np.log(grown / alpha)
    half = np.sqrt(2 * (information + rho) * surprise) / information
    return np.where(seen, half, np.inf)


def anytime_interval(
    estimate: FloatArray,
    variance: FloatArray,
    *,
    sharpest: float = SHARPEST,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Return bounds each of which holds at all looks together with probability `level`."""
    half = anytime_half_widths(variance, sharpest=sharpest, level=level)
    return estimate - half, estimate + half


def anytime_differences(
    theta: FloatArray,
    covariance: FloatArray,
    *,
    sharpest: float = SHARPEST,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Return (m, m) bounds of all differences that hold together and at every look.

    Args:
        theta: (m,) log-strengths in nats.
        covariance: (m, m) theirs.
        sharpest: see `anytime_half_widths`.
        level: with which probability all of them hold at all looks.
    """
    m = len(theta)
    half = anytime_half_widths(
        difference_variances(covariance),
        sharpest=sharpest,
        level=level,
        comparisons=m * (m - 1) // 2,
    )
    np.fill_diagonal(half, 0)
    gap = differences(theta)
    return gap - half, gap + half
