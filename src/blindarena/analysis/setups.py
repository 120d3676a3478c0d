"""Agreement as MT-Bench counts it: pairs of ratings of one item that say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.clusters import Share, share_of, sum_by
from blindarena.analysis.verdicts import Codes, Setup, in_setup
from blindarena.errors import InputError, NothingInCommonError


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupAgreement:
    """How often two ratings of one item say the same.

    Attributes:
        setup: S1 with ties, S2 without.
        share: of the pairs of ratings; no value where no pair of ratings is left, as in S2 where
            all are ties.
        random: what raters who roll dice reach: 1/3 in S1, 1/2 in S2.
        by_chance: what raters reach who say each verdict as often as these do, whatever the item;
            None where there is no pair.
        items: on how many items the pairs are.
    """

    setup: Setup
    share: Share
    random: float
    by_chance: float | None
    items: int


def agreement_between(
    one: Counts, other: Counts, *, question: Codes, setup: Setup, level: float = 0.95
) -> SetupAgreement:
    """Return how often a rating of one group is that of the other, on the same item.

    Args:
        one: (items, 3) verdicts of one group, as a judge.
        other: (items, 3) those of another, as experts.
        question: (items,) number of each item's question, by which the interval is clustered.
        setup: S1 or S2.
        level: of the interval.

    Raises:
        NothingInCommonError: no item has ratings of both groups.
        InputError: shapes differ.

    Source: Zheng et al. (2023), arXiv:2306.05685, section 4.2 and table 5.
    """
    mine, theirs = in_setup(one, setup), in_setup(other, setup)
    if mine.shape != theirs.shape:
        raise InputError(f"one has {len(mine)} items, other {len(theirs)}; give the same items")
    if not np.any((one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)):
        raise NothingInCommonError(
            f"none of the {len(mine)} items has ratings of both; check that questions, turns and "
            "contestants have the same names in both"
        )
    pairs = mine.sum(axis=1) * theirs.sum(axis=1)
    both = pairs > 0
    chance = _chance(mine[both].sum(axis=0), theirs[both].sum(axis=0))
    return _result((mine * theirs).sum(axis=1), pairs, chance, question, setup, level)


def agreement_within(
    counts: Counts, *, question: Codes, setup: Setup, level: float = 0.95
) -> SetupAgreement:
    """Return how often two ratings of one group are the same, on the same item.

    Args:
        counts: (items, 3) verdicts of the group.
        question: (items,) number of each item's question.
        setup: S1 or S2.
        level: of the interval.

    Raises:
        NothingInCommonError: no item has two ratings.

    Source: as `agreement_between`.
    """
    kept = in_setup(counts, setup)
    if not np.any(counts.sum(axis=1) > 1):
        raise NothingInCommonError(
            f"none of the {len(kept)} items has two ratings, so nobody knows how far people agree "
            "among themselves; have some items rated twice"
        )
    pairs = (kept.sum(axis=1) * (kept.sum(axis=1) - 1)) // 2
    total = kept[pairs > 0].sum(axis=0)
    alike = (kept * (kept - 1) // 2).sum(axis=1)
    return _result(alike, pairs, _chance(total, total), question, setup, level)


def agreement_by(
    one: Counts,
    other: Counts,
    *,
    group: Codes,
    groups: int,
    question: Codes,
    setup: Setup,
    level: float = 0.95,
) -> tuple[SetupAgreement | None, ...]:
    """Return agreement between two groups of raters for each group of items.

    Args:
        one: as `agreement_between`.
        other: as `agreement_between`.
        group: (items,) category of each item, or what `gap_groups` gives; negative is none.
        groups: how many there are.
        question: as `agreement_between`.
        setup: S1 or S2.
        level: of the intervals.

    Returns:
        (groups,) in their order; None for one in which no item has ratings of both.
    """
    parts: list[SetupAgreement | None] = []
    for number in range(groups):
        here = group == number
        try:
            found = agreement_between(
                one[here], other[here], question=question[here], setup=setup, level=level
            )
        except NothingInCommonError:
            parts.append(None)
        else:
            parts.append(found)
    return tuple(parts)


def gap_groups(gap: FloatArray, edges: Sequence[float]) -> Codes:
    """Return (items,) into which of the len(edges) + 1 ranges the size of each rating gap falls.

    Args:
        gap: (items,) rating of the item's first contestant less that of its second.
        edges: increasing, in the units of the gap; a gap equal to an edge falls above it.

    Raises:
        InputError: a gap is not a number, or the edges do not increase.
    """
    if np.isnan(gap).any():
        raise InputError(
            f"gap[{int(np.isnan(gap).argmax())}] is not a number; leave such items out"
        )
    if any(b <= a for a, b in pairwise(edges)):
        raise InputError(f"edges {list(edges)} do not increase")
    return np.digitize(np.abs(gap), np.asarray(edges, dtype=np.float64)).astype(np.int64)


def _chance(one: Counts, other: Counts) -> float | None:
    total = int(one.sum()) * int(other.sum())
    return float(one @ other / total) if total else None


def _result(
    alike: Counts, pairs: Counts, chance: float | None, question: Codes, setup: Setup, level: float
) -> SetupAgreement:
    sums = sum_by(np.column_stack([alike, pairs]), question)
    return SetupAgreement(
        setup=setup,
        share=share_of(sums[:, 0], sums[:, 1], level=level),
        random=1 / 3 if setup == "S1" else 1 / 2,
        by_chance=chance,
        items=int((pairs > 0).sum()),
    )
