"""The log-likelihood of Bradley-Terry and its derivatives, on (m, m) matrices."""

import numpy as np

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.laplacian import dense, flat_pairs, turn_into_laplacian
from blindarena.ranking.pair_counts import PairCounts

WIDEST = 600.0
"""Range of log-strengths, in nats, that floating point holds: odds of 10^260."""


class Likelihood:
    """Sum s_ij log(e_i / (e_i + e_j)), where e = exp(theta) and s_ij is the score of i against j.

    Its two large work matrices are kept: a fit of 200 contestants otherwise spends a third of its
    time in getting memory from the system.

    Attributes:
        scores: (m, m) s_ij: wins, a tie counting half.
        votes: (m, m) s_ij + s_ji.
    """

    def __init__(self, counts: PairCounts) -> None:
        m, there = counts.m, flat_pairs(counts.m, counts.first, counts.second)
        back = flat_pairs(m, counts.second, counts.first)
        self.scores = dense(m, there, counts.wins_first + counts.ties / 2)
        self.scores += dense(m, back, counts.wins_second + counts.ties / 2)
        self.votes = self.scores + self.scores.T
        self._inverse = np.empty((m, m))
        self._hessian = np.empty((m, m))

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient (m,) and the negative Hessian (m, m), valid until the next call.

        `theta` has mean 0 and a range of at most WIDEST.

        Chances are e_i d_ij with d_ij = 1 / (e_i + e_j), so each has all its digits, however far
        two contestants are apart; and as d is symmetric no transpose is ever read.
        """
        strength, inverse, hessian = np.exp(theta), self._inverse, self._hessian
        np.add.outer(strength, strength, out=inverse)
        np.reciprocal(inverse, out=inverse)
        np.multiply(self.scores, inverse, out=hessian)
        gradient = hessian @ strength - strength * hessian.sum(axis=0)
        np.multiply(self.votes, inverse, out=hessian)
        hessian *= strength  # before the next factor, so that nothing overflows on the way
        hessian *= inverse
        hessian *= strength[:, np.newaxis]
        turn_into_laplacian(hessian)
        return gradient, hessian

    def log(self, theta: FloatArray) -> float:
        """Return the log-likelihood."""
        behind = theta - theta[:, np.newaxis]
        return -float(np.vdot(self.scores, np.logaddexp(0, behind)))
