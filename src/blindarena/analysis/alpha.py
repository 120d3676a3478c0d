"""Krippendorff's alpha for values without and with an order, from sums over items."""

from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.coefficient import ChanceCorrected, with_interval
from blindarena.analysis.verdicts import Codes
from blindarena.errors import NothingInCommonError

Metric = Literal["nominal", "ordinal"]


def krippendorff_alpha_of(counts: Counts, *, metric: Metric) -> float | None:
    """Return Krippendorff's alpha: 1 is agreement, 0 what chance would give.

    Args:
        counts: (items, categories) ratings of each item; those with fewer than two say nothing.
        metric: nominal, as `krippendorff_alpha`; ordinal: the columns are in order, and a
            disagreement weighs by how many ratings lie between the two.

    Returns:
        None where no item has two ratings or every rating is the same.

    Source: see `alpha_sums`.
    """
    sums = alpha_sums(counts[counts.sum(axis=1) > 1])
    value = float(alpha_from_sums(sums.sum(axis=0)[np.newaxis], metric=metric)[0])
    return None if np.isnan(value) else value


def alpha_with_interval(
    counts: Counts,
    *,
    question: Codes,
    metric: Metric,
    level: float = 0.95,
) -> ChanceCorrected:
    """Return Krippendorff's alpha with an interval clustered by question.

    Args:
        counts: (items, categories), with any number of ratings per item.
        question: (items,) number of each item's question.
        metric: nominal, or ordinal: columns in their order.
        level: of the interval.

    Raises:
        NothingInCommonError: no item has two ratings.

    Source: see `alpha_sums`.
    """
    rows = counts.sum(axis=1) > 1
    if not rows.any():
        raise NothingInCommonError("no item has two ratings; alpha compares ratings of one item")
    return with_interval(
        "alpha-nominal" if metric == "nominal" else "alpha-ordinal",
        alpha_sums(counts[rows]),
        np.asarray(question)[rows],
        partial(alpha_from_sums, metric=metric),
        level=level,
    )


def alpha_sums(counts: Counts) -> FloatArray:
    """Return (items, categories^2) what each item adds to the coincidence matrix.

    An item with k ratings adds each ordered pair of them with weight 1 / (k - 1).

    Args:
        counts: (items, categories), each item with at least two ratings.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D.
    """
    items, kinds = counts.shape
    pairs = counts[:, :, np.newaxis] * counts[:, np.newaxis, :]
    pairs[:, np.arange(kinds), np.arange(kinds)] -= counts
    weighted = pairs / (counts.sum(axis=1) - 1)[:, np.newaxis, np.newaxis]
    return np.asarray(weighted.reshape(items, kinds**2))


def alpha_from_sums(sums: FloatArray, *, metric: Metric) -> FloatArray:
    """Return (rounds,) alpha of (rounds, categories^2) coincidence matrices; NaN: none.

    Source: as `alpha_sums`; the ordinal metric is section D.3.
    """
    kinds = round(sums.shape[1] ** 0.5)
    table = sums.reshape(-1, kinds, kinds)
    total = table.sum(axis=1)
    n = total.sum(axis=1)
    weight = _ordinal(total) if metric == "ordinal" else 1.0 - np.eye(kinds)[np.newaxis]
    observed = (table * weight).sum(axis=(1, 2))
    expected = (total[:, :, np.newaxis] * total[:, np.newaxis, :] * weight).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 1 - (n - 1) * observed / expected
    return np.where(expected > 0, value, np.nan)


def _ordinal(total: FloatArray) -> NDArray[np.float64]:
    """Return (rounds, c, c) squared differences: ratings from one value to the other, ends half."""
    middle = np.cumsum(total, axis=1) - total / 2
    return np.asarray((middle[:, :, np.newaxis] - middle[:, np.newaxis, :]) ** 2)
