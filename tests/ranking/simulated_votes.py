"""Votes drawn at random, for simulations."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, TIE, VoteArrays


def random_pairs(rng: np.random.Generator, m: int, n: int) -> tuple[IntArray, IntArray]:
    """Draw n pairs of different contestants, all equally likely."""
    a = rng.integers(0, m, n)
    return a, (a + rng.integers(1, m, n)) % m


def outcomes(
    rng: np.random.Generator, lead: FloatArray, tie_share: float | FloatArray = 0.0
) -> IntArray:
    """Draw outcomes whose expected score is 1 / (1 + exp(-lead))."""
    score = 1 / (1 + np.exp(-lead))
    ties = np.minimum(tie_share, 1.8 * np.minimum(score, 1 - score))
    drawn = rng.random(len(lead))
    return np.where(drawn < ties, TIE, np.where(drawn < score + ties / 2, A_WINS, B_WINS))


def random_votes(
    rng: np.random.Generator, theta: FloatArray, n: int, *, tie_share: float = 0.0
) -> VoteArrays:
    """Draw n votes between contestants of these strengths."""
    a, b = random_pairs(rng, len(theta), n)
    return VoteArrays(len(theta), a, b, outcomes(rng, theta[a] - theta[b], tie_share))
