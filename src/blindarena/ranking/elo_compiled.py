"""The pass of online Elo, compiled; importing this needs Numba (the extra `speed`)."""

import math

import numba
import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray


@numba.njit(cache=True, fastmath=False)
def _go(
    a: IntArray, b: IntArray, scores: FloatArray, ratings: FloatArray, k: float, rate: float
) -> None:
    for vote in range(len(a)):
        one, two = a[vote], b[vote]
        first, second = ratings[one], ratings[two]
        change = k * (scores[vote] - 1.0 / (1.0 + math.exp(rate * (second - first))))
        ratings[one] = first + change
        ratings[two] = second - change


def compiled_pass(
    a: IntArray, b: IntArray, scores: FloatArray, start: FloatArray, k: float, rate: float
) -> FloatArray:
    """Go over the votes once; the same operations in the same order as the plain pass."""
    ratings = np.array(start, dtype=np.float64)
    _go(np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64), scores, ratings, k, rate)
    return ratings
