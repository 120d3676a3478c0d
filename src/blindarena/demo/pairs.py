"""Pair counts in the one order the store keeps: `first` < `second` by id."""

from collections.abc import Iterable
from uuid import UUID

from blindarena.domain.boards import PairCount


def ordered_pair_counts(counts: Iterable[PairCount]) -> list[PairCount]:
    """Turn each pair round where needed, sum what is given twice, and drop empty pairs."""
    sums: dict[tuple[UUID, UUID], PairCount] = {}
    for given in counts:
        count = given if given.first < given.second else _turned(given)
        key = (count.first, count.second)
        known = sums.get(key)
        sums[key] = count if known is None else _sum(known, count)
    return [sums[key] for key in sorted(sums) if sums[key].total]


def _turned(count: PairCount) -> PairCount:
    return PairCount(
        first=count.second,
        second=count.first,
        wins_first=count.wins_second,
        wins_second=count.wins_first,
        ties=count.ties,
        both_bad=count.both_bad,
    )


def _sum(one: PairCount, other: PairCount) -> PairCount:
    return PairCount(
        first=one.first,
        second=one.second,
        wins_first=one.wins_first + other.wins_first,
        wins_second=one.wins_second + other.wins_second,
        ties=one.ties + other.ties,
        both_bad=one.both_bad + other.both_bad,
    )
