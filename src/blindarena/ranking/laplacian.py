"""Weighted graph Laplacians: the shape of every Hessian of a paired comparison."""

import numpy as np

from blindarena.errors import ConvergenceError
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


def solve_positive(matrix: FloatArray, right: FloatArray) -> FloatArray | None:
    """Solve a positive definite system by Cholesky; None where rounding left it without one.

    The matrix is overwritten.
    """
    # SciPy's linear algebra takes 0.2 s to import: not everyone who imports this fits something.
    from scipy.linalg.lapack import dposv

    _, solution, info = dposv(matrix.T, right, lower=1, overwrite_a=1)
    return None if info else np.asarray(solution, dtype=np.float64)


def invert_positive(matrix: FloatArray) -> FloatArray:
    """Invert a positive definite matrix by Cholesky, which halves the time; it is overwritten.

    Raises:
        ConvergenceError: its entries lie so far apart that rounding left it without an inverse.
    """
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, info = dpotrf(matrix.T, lower=1, overwrite_a=1, clean=0)
    if info:
        raise ConvergenceError(
            "the votes of some pairs outweigh those of others so far that no covariance can be "
            "computed; leave out contestants that almost never win or lose"
        )
    triangle, _ = dpotri(factor, lower=1, overwrite_c=1)
    inverse: FloatArray = np.tril(triangle)
    inverse += np.tril(triangle, -1).T
    return inverse
