"""Weighted graph Laplacians: the shape of every Hessian of a paired comparison."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray


def laplacian(m: int, pairs: IntArray, weights: FloatArray) -> FloatArray:
    """Return the (m, m) sum over pairs of weight * (e_first - e_second)(e_first - e_second)^T.

    Args:
        m: number of contestants.
        pairs: (pairs,) m * first + second, see `flat_pairs`.
        weights: (pairs,) weight of each pair, none negative.
    """
    matrix = dense(m, pairs, weights)
    matrix += matrix.T.copy()
    turn_into_laplacian(matrix)
    return matrix


def turn_into_laplacian(weights: FloatArray) -> None:
    """Turn a symmetric matrix of weights, with a diagonal of 0, into its Laplacian in place."""
    degrees = weights.sum(axis=1)
    np.negative(weights, out=weights)
    np.fill_diagonal(weights, degrees)


def flat_pairs(m: int, first: IntArray, second: IntArray) -> IntArray:
    """Return where each pair lies in a flattened (m, m) matrix."""
    return m * first + second


def dense(m: int, pairs: IntArray, values: FloatArray | IntArray) -> FloatArray:
    """Spread values of pairs over an (m, m) matrix, adding up where a pair comes twice."""
    spread = np.bincount(pairs, values, minlength=m * m)
    return spread.astype(np.float64, copy=False).reshape(m, m)


def grounded(matrix: FloatArray, node: int) -> FloatArray:
    """Return a Laplacian without one node's row and column.

    A Laplacian is singular (a common shift changes nothing); without the node it is positive
    definite. Small weights beside large ones keep their digits, which they would not if the
    constraint were added as a matrix of ones. The best connected node is the best choice.
    """
    return np.delete(np.delete(matrix, node, axis=0), node, axis=1)
