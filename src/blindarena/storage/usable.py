"""The usable-answer question in SQL: rows beside the votes, and counts kept while they arrive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select

from blindarena.domain.battles import Vote
from blindarena.domain.boards import Population
from blindarena.domain.exclusions import NEVER_COUNTED
from blindarena.domain.usable import JudgedSide, SideUse, UsableCount, usable_count_of
from blindarena.storage.counts import LEFT_OUT
from blindarena.storage.effective import EXCLUDED_NOW
from blindarena.storage.runner import Insert, Runner
from blindarena.storage.standing import padded
from blindarena.storage.tables import votes
from blindarena.storage.usable_tables import usable_counts, usable_votes

COUNTERS = ("as_is", "after_edits", "never", "breaches")
PAGE = 500
"""Votes whose rows are read at once; drivers take only so many values."""

_ADD = insert(usable_votes)
_OF_VOTES = select(usable_votes).where(usable_votes.c.vote_id.in_(bindparam("ids", expanding=True)))
_SUMS = (
    usable_counts.c.contestant_id,
    *(func.sum(usable_counts.c[name]).label(name) for name in COUNTERS),
)
_ON_BOARD = (
    usable_counts.c.arena_id == bindparam("arena_id"),
    usable_counts.c.version == bindparam("version"),
    usable_counts.c.category == bindparam("category"),
)
_OF_POPULATION = usable_counts.c.population == bindparam("population")
_OF_ALL = (
    or_(_OF_POPULATION, usable_counts.c.population.startswith(LEFT_OUT)),
    usable_counts.c.population.not_in([LEFT_OUT + reason for reason in NEVER_COUNTED]),
)
_COUNTS = (
    select(*_SUMS)
    .where(*_ON_BOARD, _OF_POPULATION)
    .group_by(usable_counts.c.contestant_id)
    .order_by(usable_counts.c.contestant_id)
)
_COUNTS_WITH_EXCLUDED = (
    select(*_SUMS)
    .where(*_ON_BOARD, *_OF_ALL)
    .group_by(usable_counts.c.contestant_id)
    .order_by(usable_counts.c.contestant_id)
)
_EMPTY = delete(usable_counts).where(
    usable_counts.c.arena_id == bindparam("arena_id"),
    *(usable_counts.c[name] == 0 for name in COUNTERS[:3]),
)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


_BY_VOTER = (
    select(
        votes.c.voter,
        usable_votes.c.contestant_id,
        *(_how_many(usable_votes.c.send == send).label(send) for send in COUNTERS[:3]),
        _how_many(usable_votes.c.breaks_policy).label("breaches"),
    )
    .join_from(usable_votes, votes, votes.c.id == usable_votes.c.vote_id)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        votes.c.version == bindparam("version"),
        votes.c.points_at.is_(None),
        EXCLUDED_NOW.is_(None),
        or_(bindparam("category") == "", votes.c.category == bindparam("category")),
    )
    .group_by(votes.c.voter, usable_votes.c.contestant_id)
    .order_by(votes.c.voter, usable_votes.c.contestant_id)
)


class Moved(NamedTuple):
    """A vote whose exclusion changes; None counts."""

    vote_id: UUID
    arena_id: UUID
    category: str
    version: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class UsableGrowth:
    """What one side of one vote adds to a board, or with `times` -1 takes away."""

    arena_id: UUID
    category: str
    version: int
    excluded: str | None
    count: UsableCount
    times: int = 1


class UsableVotes:
    """What the votes say about sending the answers."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def counts(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[UsableCount]:
        """Return the counts of one board; the cost does not grow with the votes.

        `with_excluded` adds the votes of people that do not count.
        """
        values = {
            "arena_id": arena_id,
            "population": population,
            "category": category,
            "version": version,
        }
        asked = _COUNTS_WITH_EXCLUDED if with_excluded and population == "people" else _COUNTS
        return await self._run.read(
            lambda c: [UsableCount(row[0], *map(int, row[1:])) for row in c.execute(asked, values)]
        )

    async def by_voter(
        self, arena_id: UUID, *, category: str = "", version: int = 1
    ) -> list[tuple[str, UsableCount]]:
        """Return what each voter says of each contestant, by the votes that count now.

        It reads every vote of the version: for a report, not for a board.
        """
        values = {"arena_id": arena_id, "category": category, "version": version}
        return await self._run.read(
            lambda c: [
                (row[0], UsableCount(row[1], *map(int, row[2:])))
                for row in c.execute(_BY_VOTER, values)
            ]
        )


def add_usable(runner: Runner) -> Insert:
    """Return the statement that adds rows of `usable_counts` to what is there."""
    row = runner.insert(usable_counts)
    return row.on_conflict_do_update(
        index_elements=list(usable_counts.primary_key),
        set_={name: usable_counts.c[name] + row.excluded[name] for name in COUNTERS},
    )


def cast_usable(
    connection: Connection, add: Insert, cast: Iterable[tuple[Vote, Sequence[JudgedSide]]]
) -> None:
    """Store and count what new votes say of their sides, in the transaction of the votes.

    Args:
        connection: in whose transaction the votes were stored.
        add: of `add_usable`.
        cast: votes, with `excluded` as they stand, and what each says.
    """
    rows: list[dict[str, Any]] = []
    growth: list[UsableGrowth] = []
    for vote, judged in cast:
        for one in judged:
            rows.append(
                {
                    "vote_id": vote.id,
                    "side": one.side,
                    "contestant_id": one.contestant_id,
                    "send": one.use.send,
                    "breaks_policy": one.use.breaks_policy,
                }
            )
            place = (vote.arena_id, vote.category, vote.version, vote.excluded)
            growth.append(UsableGrowth(*place, usable_count_of(one)))
    if rows:
        connection.execute(_ADD, rows)
        connection.execute(add, _grown(growth))


def move_usable(connection: Connection, add: Insert, moved: Sequence[Moved]) -> None:
    """Move the counts of votes whose exclusion changes; the rows stay as they were written."""
    by_id = {one.vote_id: one for one in moved}
    ids = sorted(by_id)
    for start in range(0, len(ids), PAGE):
        values = {"ids": padded(ids[start : start + PAGE])}
        growth = []
        for row in connection.execute(_OF_VOTES, values):
            one = by_id[row.vote_id]
            judged = JudgedSide(row.side, row.contestant_id, SideUse(row.send, row.breaks_policy))
            for excluded, times in ((one.before, -1), (one.after, 1)):
                place = (one.arena_id, one.category, one.version, excluded)
                growth.append(UsableGrowth(*place, usable_count_of(judged), times))
        if growth:
            connection.execute(add, _grown(growth))
    for arena_id in sorted({one.arena_id for one in moved}):
        connection.execute(_EMPTY, {"arena_id": arena_id})


def _grown(changes: Iterable[UsableGrowth]) -> list[dict[str, Any]]:
    """Return rows for `add_usable`, one per board, category and contestant, in a fixed order."""
    rows: dict[tuple[UUID, str, int, str, UUID], dict[str, Any]] = {}
    for change in changes:
        population = "people" if change.excluded is None else LEFT_OUT + change.excluded
        for category in {"", change.category}:
            contestant = change.count.contestant_id
            key = (change.arena_id, population, change.version, category, contestant)
            names = ("arena_id", "population", "version", "category", "contestant_id")
            empty = dict(zip(names, key, strict=True)) | dict.fromkeys(COUNTERS, 0)
            row = rows.setdefault(key, empty)
            for name in COUNTERS:
                row[name] += change.times * getattr(change.count, name)
    return [rows[key] for key in sorted(rows)]
