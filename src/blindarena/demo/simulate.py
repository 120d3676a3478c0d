"""Simulated voters who follow planted strengths exactly, so that an estimate can be checked.

For a pair with planted difference d (Elo points) the expected score of the first contestant, a tie
counting half, is p = 1 / (1 + 10^(-d/400)): Bradley-Terry is the true model, not an approximation.
A tie has probability t = tie_share * 2 * min(p, 1 - p), so even the strongest never loses its
wins to ties; then win = p - t/2 and loss = 1 - p - t/2, and a fixed share of ties is "both bad".
"""

from collections.abc import Sequence
from itertools import combinations
from uuid import UUID

import numpy as np
from numpy.typing import ArrayLike, NDArray

from blindarena.demo.pairs import ordered_pair_counts
from blindarena.domain.boards import PairCount
from blindarena.errors import InputError

ELO_SCALE = 400.0

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def expected_scores(strengths: ArrayLike) -> FloatArray:
    """Return the (m, m) expected score of i against j, a tie counting half.

    Args:
        strengths: (m,) Elo points.
    """
    points = np.asarray(strengths, dtype=np.float64)
    return 1.0 / (1.0 + 10.0 ** (-(points[:, None] - points[None, :]) / ELO_SCALE))


def outcome_probabilities(
    strengths: ArrayLike, *, tie_share: float, both_bad_share: float
) -> FloatArray:
    """Return the (m, m, 4) probabilities of: i wins, j wins, tie, both bad.

    Args:
        strengths: (m,) Elo points.
        tie_share: share of ties, both bad included, between equals; 0 to 1.
        both_bad_share: share of the ties that are "both bad"; 0 to 1.

    Raises:
        InputError: a share lies outside 0 to 1, or a strength is not finite.
    """
    if not np.isfinite(np.asarray(strengths, dtype=np.float64)).all():
        raise InputError(f"strengths must be finite numbers, got {strengths!r}")
    for name, share in (("tie_share", tie_share), ("both_bad_share", both_bad_share)):
        if not 0.0 <= share <= 1.0:
            raise InputError(f"{name} must lie between 0 and 1, got {share!r}")
    p = expected_scores(strengths)
    tie = tie_share * 2.0 * np.minimum(p, 1.0 - p)
    win, loss = p - tie / 2.0, 1.0 - p - tie / 2.0
    return np.stack([win, loss, tie * (1.0 - both_bad_share), tie * both_bad_share], axis=-1)


def simulate_counts(
    strengths: ArrayLike,
    *,
    voters: int,
    battles_per_voter: int = 12,
    tie_share: float,
    both_bad_share: float,
    rng: np.random.Generator,
) -> IntArray:
    """Draw votes over uniformly sampled pairs.

    Args:
        strengths: (m,) Elo points, m >= 2.
        voters: how many; each votes `battles_per_voter` times.
        battles_per_voter: votes of each voter.
        tie_share: see `outcome_probabilities`.
        both_bad_share: see `outcome_probabilities`.
        rng: every random number comes from it.

    Returns:
        (m, m, 4) counts, filled for i < j only: wins of i, wins of j, ties, both bad.

    Raises:
        InputError: fewer than two contestants or one vote, or a share outside 0 to 1.
    """
    size = np.asarray(strengths).shape[0]
    if size < 2 or voters < 1 or battles_per_voter < 1:
        raise InputError(
            "a simulation needs 2 contestants, 1 voter and 1 battle or more, "
            f"got {size}, {voters} and {battles_per_voter}"
        )
    chances = outcome_probabilities(strengths, tie_share=tie_share, both_bad_share=both_bad_share)
    first, second = np.triu_indices(size, k=1)
    battles = rng.multinomial(voters * battles_per_voter, np.full(len(first), 1.0 / len(first)))
    # Rounding may leave a probability at -1e-17 or a sum above 1, which multinomial refuses.
    pair_chances = np.clip(chances[first, second], 0.0, None)
    pair_chances /= pair_chances.sum(axis=1, keepdims=True)
    counts = np.zeros((size, size, 4), dtype=np.int64)
    counts[first, second] = rng.multinomial(battles, pair_chances)
    return counts


def to_pair_counts(counts: IntArray, contestants: Sequence[UUID]) -> list[PairCount]:
    """Name the contestants of simulated counts.

    Args:
        counts: (m, m, 4) as `simulate_counts` returns them.
        contestants: (m,) ids in the order of the strengths.
    """
    if len(contestants) != counts.shape[0]:
        raise InputError(f"{counts.shape[0]} strengths were simulated, got {len(contestants)} ids")
    pairs = combinations(range(len(contestants)), 2)
    return ordered_pair_counts(
        PairCount(contestants[i], contestants[j], *counts[i, j].tolist()) for i, j in pairs
    )
