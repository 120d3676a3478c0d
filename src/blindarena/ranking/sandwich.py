"""How uncertain Bradley-Terry strengths are, even where the model is only an approximation."""

import numpy as np

from blindarena.ranking.arrays import BoolArray, FloatArray
from blindarena.ranking.expected import expected
from blindarena.ranking.laplacian import flat_pairs, grounded, invert_positive, laplacian
from blindarena.ranking.pair_counts import PairCounts


def sandwich_covariance(
    counts: PairCounts, theta: FloatArray, *, centre: BoolArray | None = None
) -> FloatArray:
    """Return the (m, m) sandwich covariance of the strengths relative to their centre.

    The votes are independent; each has the score s of the first side, 1, 0.5 or 0. With p the
    fitted chance, the Hessian H sums p (1 - p) and the meat M sums (s - p)^2 over the votes of a
    pair, both as Laplacians. The covariance of theta_i - mean(theta) is H^+ M H^+. As nobody is
    held fixed, an anchor set afterwards keeps a width of its own.

    Args:
        counts: the votes that `theta` was fitted to, strongly connected.
        theta: (m,) fitted log-strengths in nats.
        centre: (m,) whose mean the strengths are relative to, at least one; None takes all. A
            newcomer with few votes left out of it does not widen everybody's interval.

    Raises:
        ConvergenceError: odds so extreme that rounding leaves no covariance.

    Source: White (1982), Econometrica 50(1), 1-25; for votes, Chiang et al. (2024), Chatbot Arena,
        arXiv 2403.04132, section 5.
    """
    bread, meat = _bread_and_meat(counts, theta, centre)
    covariance: FloatArray = bread @ meat @ bread.T
    return (covariance + covariance.T) / 2


def sandwich_variances(
    counts: PairCounts, theta: FloatArray, *, centre: BoolArray | None = None
) -> FloatArray:
    """Return the (m,) diagonal of `sandwich_covariance`, in less time than all of it."""
    bread, meat = _bread_and_meat(counts, theta, centre)
    variances: FloatArray = np.einsum("ij,ij->i", bread @ meat, bread)
    return variances.clip(min=0)  # rounding may leave a variance of 0 below it


def _bread_and_meat(
    counts: PairCounts, theta: FloatArray, centre: BoolArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return the two (m, m) matrices A and M whose A M A^T is the covariance."""
    m, pairs = counts.m, flat_pairs(counts.m, counts.first, counts.second)
    chances = expected(counts, theta)
    hessian = laplacian(m, pairs, counts.votes * chances.slope)
    squares = (
        counts.wins_first * chances.second**2
        + counts.wins_second * chances.first**2
        + counts.ties * ((chances.second - chances.first) / 2) ** 2
    )
    meat = laplacian(m, pairs, squares)
    ground = int(hessian.diagonal().argmax())
    inverse = invert_positive(grounded(hessian, ground))
    bread = np.insert(np.insert(inverse, ground, 0, axis=0), ground, 0, axis=1)
    inside = np.ones(m, dtype=np.bool_) if centre is None else centre
    bread -= bread[inside].mean(axis=0)
    return bread, meat
