"""Fleiss' kappa: any raters, the same number on each item."""

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.coefficient import ChanceCorrected, ratio, with_interval
from blindarena.analysis.draws import statistic_of
from blindarena.analysis.verdicts import Codes
from blindarena.errors import InputError, NothingInCommonError


def fleiss_kappa(counts: Counts) -> float | None:
    """Return Fleiss' kappa of items that were all rated equally often.

    Args:
        counts: (items, categories); items without ratings are left out.

    Returns:
        None where every rating is the same.

    Raises:
        InputError: items have different numbers of ratings: use Krippendorff's alpha.
        NothingInCommonError: no item has two ratings.

    Source: Fleiss (1971), Psychological Bulletin 76(5), 378-382.
    """
    return statistic_of(_fleiss_sums(counts)[0], _fleiss)


def fleiss_with_interval(
    counts: Counts, *, question: Codes, level: float = 0.95
) -> ChanceCorrected:
    """Return `fleiss_kappa` with an interval clustered by question."""
    sums, rows = _fleiss_sums(counts)
    return with_interval("fleiss", sums, np.asarray(question)[rows], _fleiss, level=level)


def _fleiss_sums(counts: Counts) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return (those, 2 + categories) agreeing and all pairs and counts, and which items count."""
    each = counts.sum(axis=1)
    rows = each > 0
    if not np.any(each > 1):
        raise NothingInCommonError("no item has two ratings; kappa compares ratings of one item")
    sizes = np.unique(each[rows])
    if len(sizes) > 1:
        raise InputError(
            f"items have from {sizes[0]} to {sizes[-1]} ratings; Fleiss' kappa wants the same "
            "number on each: use Krippendorff's alpha"
        )
    kept, k = counts[rows], int(sizes[0])
    alike = (kept * (kept - 1)).sum(axis=1)
    return np.column_stack([alike, np.full(len(kept), k * (k - 1)), kept]).astype(float), rows


def _fleiss(sums: FloatArray) -> FloatArray:
    """Return (rounds,) kappas from (rounds, 2 + categories) sums."""
    share = sums[:, 0] / sums[:, 1]
    totals = sums[:, 2:]
    by_chance = (totals**2).sum(axis=1) / totals.sum(axis=1) ** 2
    return ratio(share - by_chance, 1 - by_chance)
