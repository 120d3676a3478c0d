"""Weights that undo how pairs were drawn."""

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.vote_arrays import VoteArrays


def inverse_propensity(probability: FloatArray, *, cap: float | None = None) -> FloatArray:
    """Weigh each vote by 1 / the probability with which its pair was drawn.

    Args:
        probability: (n,) of the pair at the time it was drawn, as recorded with each battle.
        cap: largest weight, in multiples of the mean weight, before the mean is set to 1 again.
            It trades a little bias for variance; None leaves the weights alone.

    Returns:
        (n,) weights with mean 1, so that a prior keeps its meaning in votes.

    Raises:
        InputError: a probability is not in (0, 1], or the cap is below 1.

    Source: Horvitz and Thompson (1952), Journal of the American Statistical Association 47,
        663-685; the cap after Ionides (2008), Journal of Computational and Graphical Statistics
        17, 295-311.
    """
    if (wrong := ~((probability > 0) & (probability <= 1))).any():
        at = int(wrong.argmax())
        raise InputError(
            f"probability[{at}] is {probability[at]}; it must be above 0 and at most 1"
        )
    if cap is not None and not cap >= 1:
        raise InputError(f"the cap is {cap}; give 1 or more, in multiples of the mean weight")
    weights = 1 / np.asarray(probability, dtype=np.float64)
    if not len(weights):
        return weights
    weights /= weights.mean()
    if cap is not None:
        weights = np.minimum(weights, cap)
        weights /= weights.mean()
    return weights


def even_pairs(votes: VoteArrays, *, least: int = 1) -> FloatArray:
    """Weigh votes so that every pair counts the same, however often it was drawn.

    Args:
        votes: the votes.
        least: a pair with fewer votes than this counts for less, as if its share of that many.

    Returns:
        (n,) weights, the mean over all votes being 1.

    Raises:
        InputError: `least` is below 1.
    """
    if least < 1:
        raise InputError(f"least is {least}; give 1 or more votes")
    low, high = np.minimum(votes.a, votes.b), np.maximum(votes.a, votes.b)
    pair = low.astype(np.int64) * votes.m + high
    met = np.bincount(pair, votes.count, minlength=votes.m * votes.m)
    weights = 1 / np.maximum(met[pair], least)
    if not votes.n:
        return weights
    return np.asarray(weights / np.average(weights, weights=votes.count))


def effective_votes(weights: FloatArray) -> float:
    """Return how many equally weighted votes would tell as much.

    Source: Kish (1965), Survey Sampling, section 11.7.
    """
    square = float(np.sum(weights**2))
    return float(np.sum(weights)) ** 2 / square if square else 0.0
