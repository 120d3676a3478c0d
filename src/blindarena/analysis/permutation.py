"""Exact p-values of correlations of few contestants, from all their orders."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.scores import check_scores, midranks, pair_indices
from blindarena.errors import InputError

MOST = 9
"""Contestants up to which all orders are looked at: 9! is 362,880."""
_CHUNK = 50_000


def permutation_p_value(
    one: FloatArray, other: FloatArray, *, kind: Literal["pearson", "spearman", "kendall"]
) -> float:
    """Return the share of all orders of `other` whose coefficient is as far from 0 as this one.

    Two-sided; the order as it is counts too, so it is at least 1 / m!.

    Args:
        one: (m,) scores of the contestants in both, 3 to MOST of them.
        other: (m,) scores of the same contestants.
        kind: which coefficient.

    Raises:
        InputError: more than MOST contestants, shapes differ, or a score is no finite number.
        AnalysisError: as `check_scores`.

    Source: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4(2), 225-232.
    """
    check_scores(one, other)
    m = len(one)
    if m > MOST:
        raise InputError(f"{m} contestants have too many orders to look at all; use the bootstrap")
    orders = _orders(m)
    found = np.concatenate(
        [
            _statistic(one, other, orders[start : start + _CHUNK], kind)
            for start in range(0, len(orders), _CHUNK)
        ]
    )
    observed = abs(found[0])
    # What differs by rounding alone is as far.
    return float((np.abs(found) >= observed - 1e-9 * max(observed, 1e-300)).mean())


def _statistic(
    one: FloatArray, other: FloatArray, orders: NDArray[np.int8], kind: str
) -> FloatArray:
    """Return (orders,) what the coefficient is a fixed multiple of, whatever the order."""
    if kind == "kendall":
        i, j = pair_indices(len(one))
        sign = np.sign(other[:, np.newaxis] - other[np.newaxis])
        return np.asarray(sign[orders[:, i], orders[:, j]] @ np.sign(one[i] - one[j]))
    x, y = (midranks(a) if kind == "spearman" else a for a in (one, other))
    x, y = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
    return np.asarray(y[orders] @ x)


def _orders(m: int) -> NDArray[np.int8]:
    """Return (m!, m) all orders of 0 .. m-1, the unchanged one first."""
    orders = np.zeros((1, 1), dtype=np.int8)
    for size in range(2, m + 1):
        # The last number is put into each place of each order of the smaller ones.
        grown = [np.insert(orders, place, size - 1, axis=1) for place in range(size - 1, -1, -1)]
        orders = np.concatenate(grown)
    return orders
