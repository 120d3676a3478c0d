"""What a leaderboard is computed from, in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, bindparam, delete, func, or_, select, update

from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.domain.exclusions import NEVER_COUNTED
from blindarena.storage.health_tables import contestant_stats
from blindarena.storage.runner import Insert, Runner
from blindarena.storage.tables import arenas, contestants, pair_counts

COUNTERS = ("wins_first", "wins_second", "ties", "both_bad")
BUMP = update(arenas).where(arenas.c.id == bindparam("arena")).values(version=arenas.c.version + 1)
_ON_BOARD = (
    pair_counts.c.arena_id == bindparam("arena_id"),
    pair_counts.c.population == bindparam("population"),
    pair_counts.c.version == bindparam("version"),
    pair_counts.c.category == bindparam("category"),
)
_PAIRS = (
    select(*(pair_counts.c[field.name] for field in fields(PairCount)))
    .where(*_ON_BOARD)
    .order_by(pair_counts.c.first, pair_counts.c.second)
)
LEFT_OUT = "excluded:"
_EXCLUDED_ONES = pair_counts.c.population.startswith(LEFT_OUT)
_PAIRS_WITH_EXCLUDED = (
    select(
        pair_counts.c.first,
        pair_counts.c.second,
        *(func.sum(pair_counts.c[name]).label(name) for name in COUNTERS),
    )
    .where(
        pair_counts.c.arena_id == bindparam("arena_id"),
        or_(pair_counts.c.population == "people", _EXCLUDED_ONES),
        pair_counts.c.population.not_in([LEFT_OUT + reason for reason in NEVER_COUNTED]),
        pair_counts.c.version == bindparam("version"),
        pair_counts.c.category == bindparam("category"),
    )
    .group_by(pair_counts.c.first, pair_counts.c.second)
    .order_by(pair_counts.c.first, pair_counts.c.second)
)
_EMPTY = delete(pair_counts).where(
    pair_counts.c.arena_id == bindparam("arena_id"), *(pair_counts.c[n] == 0 for n in COUNTERS)
)
_CLEAR = delete(pair_counts).where(*_ON_BOARD)
_VERSION = select(arenas.c.version).where(arenas.c.id == bindparam("arena_id"))
_CATEGORIES = (
    select(pair_counts.c.category)
    .where(
        pair_counts.c.arena_id == bindparam("arena_id"),
        pair_counts.c.population == bindparam("population"),
        pair_counts.c.version == bindparam("version"),
        pair_counts.c.category != "",
    )
    .distinct()
)
STATS = (
    select(*(contestant_stats.c[field.name] for field in fields(ContestantStats)))
    .join_from(contestant_stats, contestants)
    .where(contestants.c.arena_id == bindparam("arena_id"))
    .order_by(contestant_stats.c.contestant_id)
)
_OF_VERSION = pair_counts.c.version == bindparam("version", type_=Integer())
_VOTES = (
    pair_counts.c.wins_first
    + pair_counts.c.wins_second
    + pair_counts.c.ties
    + pair_counts.c.both_bad
)
_EXCLUDED = (
    select(pair_counts.c.population, func.sum(_VOTES))
    .where(
        pair_counts.c.arena_id == bindparam("arena_id"),
        pair_counts.c.category == "",
        or_(bindparam("version", type_=Integer()).is_(None), _OF_VERSION),
        _EXCLUDED_ONES,
    )
    .group_by(pair_counts.c.population)
    .order_by(pair_counts.c.population)
)


@dataclass(frozen=True, slots=True)
class Growth:
    """One vote that a board gains, or with `times` -1 loses.

    Attributes:
        excluded: why it does not count; None is on the board of people.
    """

    arena_id: UUID
    category: str
    excluded: str | None
    count: PairCount
    times: int = 1
    version: int = 1


class Counts:
    """Pair counts kept while votes arrive: cost independent of the number of votes."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = add_pairs(runner)

    async def pairs(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        with_excluded: bool = False,
        version: int = 1,
    ) -> list[PairCount]:
        """Return the pair counts of one board of a version; category "" is all votes.

        `with_excluded` adds the votes of people that do not count.
        """
        board = _board(arena_id, population, category, version)
        asked = _PAIRS
        if with_excluded and population == "people":
            asked = _PAIRS_WITH_EXCLUDED
            del board["population"]
        return await self._run.read(lambda c: [PairCount(*row) for row in c.execute(asked, board)])

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows with every change to the arena's counts; 0: no such arena."""
        values = {"arena_id": arena_id}
        return await self._run.read(lambda connection: connection.scalar(_VERSION, values) or 0)

    async def categories(
        self, arena_id: UUID, *, population: Population, version: int = 1
    ) -> list[str]:
        """Return the categories that have votes, sorted by code point, without ""."""
        values = {"arena_id": arena_id, "population": population, "version": version}
        return await self._run.read(lambda c: sorted(c.scalars(_CATEGORIES, values)))

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        """Add counts to a board."""
        await self._change(arena_id, counts, population, category, version, clear=False)

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        """Set a board's counts, removing the old ones."""
        await self._change(arena_id, counts, population, category, version, clear=True)

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        values = {"arena_id": arena_id}
        return await self._run.read(
            lambda c: [ContestantStats(*row) for row in c.execute(STATS, values)]
        )

    async def excluded(self, arena_id: UUID, *, version: int | None = None) -> dict[str, int]:
        """Return how many votes are excluded, by reason; None is in all versions together."""
        return await self._run.read(lambda c: excluded_by_reason(c, arena_id, version=version))

    async def _change(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        population: Population,
        category: str,
        version: int,
        *,
        clear: bool,
    ) -> None:
        board = _board(arena_id, population, category, version)
        ordered = sorted(counts, key=lambda count: (count.first, count.second))
        rows = [pair_row(arena_id, population, category, version, count) for count in ordered]

        def work(connection: Connection) -> None:
            if clear:
                connection.execute(_CLEAR, board)
            if rows:
                connection.execute(self._add_pairs, rows)
            connection.execute(BUMP, {"arena": arena_id})

        await self._run.write(work)


def add_pairs(runner: Runner) -> Insert:
    """Return the statement that adds rows of `pair_row` to what is there."""
    row = runner.insert(pair_counts)
    return row.on_conflict_do_update(
        index_elements=list(pair_counts.primary_key),
        set_={name: pair_counts.c[name] + row.excluded[name] for name in COUNTERS},
    )


def excluded_by_reason(
    connection: Connection, arena_id: UUID, *, version: int | None = None
) -> dict[str, int]:
    """Return how many votes do not count, by reason; the cost does not grow with them."""
    rows = connection.execute(_EXCLUDED, {"arena_id": arena_id, "version": version})
    return {population.removeprefix(LEFT_OUT): int(votes) for population, votes in rows}


def grown(changes: Iterable[Growth]) -> list[dict[str, Any]]:
    """Return rows for `add_pairs`, one per board, category and pair, in a fixed order."""
    rows: dict[tuple[UUID, str, int, str, UUID, UUID], dict[str, Any]] = {}
    for change in changes:
        count = change.count
        population = "people" if change.excluded is None else LEFT_OUT + change.excluded
        for category in {"", change.category}:
            pair = (count.first, count.second)
            key = (change.arena_id, population, change.version, category, *pair)
            none = PairCount(*pair)
            row = rows.setdefault(
                key, pair_row(change.arena_id, population, category, change.version, none)
            )
            for name in COUNTERS:
                row[name] += change.times * getattr(count, name)
    return [rows[key] for key in sorted(rows)]


def drop_empty(connection: Connection, arena_id: UUID) -> None:
    """Remove the pairs that have no votes left."""
    connection.execute(_EMPTY, {"arena_id": arena_id})


def pair_row(
    arena_id: UUID, population: str, category: str, version: int, count: PairCount
) -> dict[str, Any]:
    """Return the columns of one pair's count on one board."""
    return {
        "arena_id": arena_id,
        "population": population,
        "category": category,
        "version": version,
        "first": count.first,
        "second": count.second,
        "wins_first": count.wins_first,
        "wins_second": count.wins_second,
        "ties": count.ties,
        "both_bad": count.both_bad,
    }


def _board(arena_id: UUID, population: Population, category: str, version: int) -> dict[str, Any]:
    return {
        "arena_id": arena_id,
        "population": population,
        "category": category,
        "version": version,
    }
