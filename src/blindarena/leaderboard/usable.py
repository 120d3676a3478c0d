"""How many of a contestant's answers would be sent, and what one of these costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import ContestantStats
from blindarena.domain.usable import UsableCount
from blindarena.leaderboard.board import Row
from blindarena.leaderboard.live_costs import Measure, measured_of
from blindarena.leaderboard.ports import UsableVotes
from blindarena.leaderboard.views import Which
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.intervals import t_interval
from blindarena.ranking.proportions import wilson_interval
from blindarena.ranking.ratios import ratio_interval


class Bounded(NamedTuple):
    """(m,) values with their bounds; NaN where they are unknown."""

    value: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class UsableRow:
    """What voters would do with a contestant's answers. None is unknown, never 0.

    Attributes:
        n: answers judged.
        sendable_rate: share that would be sent as they are or after edits.
        as_is_rate: share that would be sent as they are.
        breach_rate: share that breaks the policy.
        cost_per_sendable_usd: mean cost of an answer, over the share that would be sent; its upper
            bound is None where that share may be 0.
    """

    n: int
    sendable_rate: float | None
    sendable_lower: float | None
    sendable_upper: float | None
    as_is_rate: float | None
    as_is_lower: float | None
    as_is_upper: float | None
    breach_rate: float | None
    breach_lower: float | None
    breach_upper: float | None
    cost_per_sendable_usd: float | None
    cost_per_sendable_lower: float | None
    cost_per_sendable_upper: float | None


USABLE_COLUMNS = tuple(field.name for field in fields(UsableRow))


@dataclass(frozen=True, slots=True)
class LiveRow(Row):
    """A row of a live board; `usable` is None where the arena does not ask."""

    usable: UsableRow | None = None


async def read_usable(
    votes: UsableVotes | None, arena: Arena, which: Which
) -> Mapping[UUID, UsableCount] | None:
    """Return the counts of a board by contestant; None where nobody keeps them."""
    if votes is None:
        return None
    counts = await votes.counts(
        arena.id,
        population=which.population,
        category=which.category,
        version=arena.version,
        with_excluded=which.with_excluded,
    )
    return {count.contestant_id: count for count in counts}


def with_usable(
    rows: Sequence[Row],
    contestants: Sequence[Contestant],
    counts: Mapping[UUID, UsableCount],
    stats: Mapping[UUID, ContestantStats],
    *,
    category: str,
) -> tuple[LiveRow, ...]:
    """Return the rows of a board with what the votes say about sending the answers.

    Args:
        rows: of the board.
        contestants: all of the arena.
        counts: of the board.
        stats: sums over the answers of all categories.
        category: of the board; what answers cost is not known by category.
    """
    found = _usable_rows(contestants, counts, {} if category else stats)
    # The retired come last: of two with one name the present one has the row.
    by_name = {one.name: row for one, row in reversed([*zip(contestants, found, strict=True)])}
    return tuple(
        LiveRow(
            **{field.name: getattr(row, field.name) for field in fields(Row)},
            usable=by_name[row.contestant],
        )
        for row in rows
    )


def shares_of(counts: Sequence[UsableCount], name: str) -> Bounded:
    """Return shares of the answers judged with Wilson's intervals, answers being independent.

    Args:
        counts: (m,) of the contestants.
        name: a counter of `UsableCount`, or "sendable".
    """
    some = np.array([getattr(one, name) for one in counts], float)
    n = np.array([one.n for one in counts], float)
    return Bounded(_ratio(some, n), *wilson_interval(some, n))


def mean_with_bounds(
    contestants: Sequence[Contestant], stats: Mapping[UUID, ContestantStats], measure: Measure
) -> tuple[Bounded, FloatArray]:
    """Return means over the answers with Student's intervals, and (m,) of how many answers.

    A mean of one answer has no interval. What cannot be negative has a bound of 0 at least.
    """
    found = measured_of(contestants, stats, measure)
    lower, upper = t_interval(found.mean, found.error**2, np.maximum(found.number - 1, 1))
    return Bounded(found.mean, np.maximum(lower, 0), upper), found.number


def cost_per(cost: Bounded, share: Bounded) -> Bounded:
    """Return what one answer of a share costs where all answers have to be paid for.

    It is infinite where the share is 0, and so is the upper bound where the share may be 0.
    """
    value = np.where(share.value > 0, _ratio(cost.value, share.value), cost.value * np.inf)
    return Bounded(value, *ratio_interval(cost, share))


def known(value: float) -> float | None:
    """Return a number as far as it is one."""
    return float(value) if np.isfinite(value) else None


def _usable_rows(
    contestants: Sequence[Contestant],
    counts: Mapping[UUID, UsableCount],
    stats: Mapping[UUID, ContestantStats],
) -> list[UsableRow]:
    each = [counts.get(one.id, UsableCount(one.id)) for one in contestants]
    sendable, as_is, breach = (shares_of(each, name) for name in ("sendable", "as_is", "breaches"))
    cost, _ = mean_with_bounds(contestants, stats, "cost")
    per = cost_per(cost, sendable)
    return [
        UsableRow(
            n=one.n,
            sendable_rate=known(sendable.value[i]),
            sendable_lower=known(sendable.lower[i]),
            sendable_upper=known(sendable.upper[i]),
            as_is_rate=known(as_is.value[i]),
            as_is_lower=known(as_is.lower[i]),
            as_is_upper=known(as_is.upper[i]),
            breach_rate=known(breach.value[i]),
            breach_lower=known(breach.lower[i]),
            breach_upper=known(breach.upper[i]),
            cost_per_sendable_usd=known(per.value[i]),
            cost_per_sendable_lower=known(per.lower[i]),
            cost_per_sendable_upper=known(per.upper[i]),
        )
        for i, one in enumerate(each)
    ]


def _ratio(total: FloatArray, over: FloatArray) -> FloatArray:
    ratio = np.full(len(total), np.nan)
    np.divide(total, over, out=ratio, where=over > 0)
    return ratio
