"""Agreement of raters who put the same items into categories without an order.

Ratings are counts, (items, categories): how many raters put the item into the category. Who the
raters were does not matter, and an item may have any number of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
FloatArray = NDArray[np.float64]
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval from resampled items; `rounds` are those that gave a value."""

    lower: float
    upper: float
    level: float
    rounds: int
    seed: int


def share_equal(counts: Counts) -> float | None:
    """Return how often two ratings of one item are the same, over all pairs of ratings of an item.

    None where no item has two ratings.
    """
    pairs = _pairs(counts.sum(axis=1)).sum()
    return float(_pairs(counts).sum() / pairs) if pairs else None


def krippendorff_alpha(counts: Counts) -> float | None:
    """Return Krippendorff's alpha for nominal values: 1 is agreement, 0 what chance would give.

    Items with fewer than two ratings say nothing and are left out. None where no item is left or
    every rating is the same, as then chance alone would agree too.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C and E.
    """
    kept = counts[counts.sum(axis=1) > 1]
    values = _alphas(_disagreement(kept).sum(keepdims=True), kept.sum(axis=0)[None, :])
    return None if np.isnan(values[0]) else float(values[0])


def alpha_interval(
    counts: Counts, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> Interval | None:
    """Return an interval of alpha by drawing the items anew, with replacement.

    None with fewer than two items, or where a tenth of the rounds has no alpha.
    """
    kept = counts[counts.sum(axis=1) > 1]
    if len(kept) < 2:
        return None
    rng = np.random.default_rng(seed)
    disagreement = _disagreement(kept)
    found: list[FloatArray] = []
    for start in range(0, rounds, _AT_ONCE):
        size = min(_AT_ONCE, rounds - start)
        drawn = rng.multinomial(len(kept), np.full(len(kept), 1 / len(kept)), size=size)
        found.append(_alphas(drawn @ disagreement, drawn @ kept))
    values = np.concatenate(found)
    values = values[~np.isnan(values)]
    if len(values) < 0.9 * rounds:
        return None
    lower, upper = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(lower), float(upper), level, len(values), seed)


def share_equal_between(one: Counts, other: Counts) -> float | None:
    """Return how often a rating of one group is that of the other, over pairs on the same item.

    Args:
        one: (items, categories) of one group.
        other: the same items and categories, of another group.
    """
    pairs = (one.sum(axis=1) * other.sum(axis=1)).sum()
    return float((one * other).sum() / pairs) if pairs else None


def alpha_between(one: Counts, other: Counts) -> float | None:
    """Return agreement between two groups beyond what chance gives (cross-kappa).

    Args:
        one: (items, categories) of one group.
        other: the same items and categories, of another group.

    Returns:
        1 is agreement, 0 chance; None where no item has ratings of both, or all are the same.

    Source: Wong, Paritosh and Aroyo (2021), Cross-replication Reliability, ACL, for nominal
    values; pairs are weighted alike.
    """
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    one, other = one[both], other[both]
    share = share_equal_between(one, other)
    if share is None:
        return None
    by_chance = (one.sum(axis=0) * other.sum(axis=0)).sum() / (one.sum() * other.sum())
    return None if by_chance == 1 else float(1 - (1 - share) / (1 - by_chance))


def cohen_kappa(table: Counts) -> float | None:
    """Return Cohen's kappa of two raters who rated the same items.

    Args:
        table: (categories, categories); how often the first rater said row, the second column.

    Returns:
        1 is agreement, 0 chance; None without items, or where both always say the same one thing.

    Source: Cohen (1960), Educational and Psychological Measurement 20(1), 37-46.
    """
    n = table.sum()
    if n == 0:
        return None
    observed = np.trace(table) / n
    by_chance = (table.sum(axis=0) * table.sum(axis=1)).sum() / n**2
    return None if by_chance == 1 else float((observed - by_chance) / (1 - by_chance))


def _pairs(counts: Counts) -> Counts:
    return counts * (counts - 1) // 2


def _disagreement(kept: Counts) -> FloatArray:
    """Return each item's ordered pairs that differ, per rating that one could be paired with."""
    n = kept.sum(axis=1)
    differing = n**2 - (kept**2).sum(axis=1)
    return np.asarray(differing / (n - 1), dtype=np.float64)


def _alphas(observed: FloatArray, totals: Counts) -> FloatArray:
    """Return alpha from the summed disagreement and (rounds, categories) totals; NaN: none."""
    n = totals.sum(axis=1)
    expected = (n**2 - (totals**2).sum(axis=1)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = 1 - (n - 1) * observed / expected
    return np.where(expected > 0, values, np.nan)
