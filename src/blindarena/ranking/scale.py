"""From log-strengths to Elo points."""

import math

from blindarena.ranking.arrays import BoolArray, FloatArray

ELO_PER_NAT = 400 / math.log(10)
"""Points per unit of log-odds: 400 points are odds of 10 to 1."""

CENTRE = 1000.0


def to_elo(
    theta: FloatArray,
    *,
    centre: BoolArray | None = None,
    anchor: tuple[int, float] | None = None,
) -> FloatArray:
    """Turn log-strengths in nats into Elo points.

    Args:
        theta: (m,) log-strengths; only their differences carry meaning.
        centre: (m,) those whose mean becomes 1000; None takes all.
        anchor: an index and the rating that it gets, in place of the centre.

    Source: Elo (1978), The Rating of Chessplayers, section 1.4, in its logistic form.
    """
    if anchor is not None:
        index, rating = anchor
        origin, at = theta[index], rating
    else:
        origin, at = (theta if centre is None else theta[centre]).mean(), CENTRE
    ratings: FloatArray = at + ELO_PER_NAT * (theta - origin)
    return ratings
