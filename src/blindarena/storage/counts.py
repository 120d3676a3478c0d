"""What a leaderboard is computed from, in SQL."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, select, update

from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.storage.runner import Insert, Runner
from blindarena.storage.tables import arenas, contestant_stats, contestants, pair_counts, votes

COUNTERS = ("wins_first", "wins_second", "ties", "both_bad")
BUMP = update(arenas).where(arenas.c.id == bindparam("arena")).values(version=arenas.c.version + 1)
_ON_BOARD = (
    pair_counts.c.arena_id == bindparam("arena_id"),
    pair_counts.c.population == bindparam("population"),
    pair_counts.c.category == bindparam("category"),
)
_PAIRS = (
    select(*(pair_counts.c[field.name] for field in fields(PairCount)))
    .where(*_ON_BOARD)
    .order_by(pair_counts.c.first, pair_counts.c.second)
)
_CLEAR = delete(pair_counts).where(*_ON_BOARD)
_VERSION = select(arenas.c.version).where(arenas.c.id == bindparam("arena_id"))
_CATEGORIES = (
    select(pair_counts.c.category)
    .where(
        pair_counts.c.arena_id == bindparam("arena_id"),
        pair_counts.c.population == bindparam("population"),
        pair_counts.c.category != "",
    )
    .distinct()
)
_STATS = (
    select(*(contestant_stats.c[field.name] for field in fields(ContestantStats)))
    .join_from(contestant_stats, contestants)
    .where(contestants.c.arena_id == bindparam("arena_id"))
    .order_by(contestant_stats.c.contestant_id)
)
_EXCLUDED = (
    select(votes.c.excluded, func.count())
    .where(votes.c.arena_id == bindparam("arena_id"), votes.c.excluded.is_not(None))
    .group_by(votes.c.excluded)
    .order_by(votes.c.excluded)
)


class Counts:
    """Pair counts kept while votes arrive: cost independent of the number of votes."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = add_pairs(runner)

    async def pairs(
        self, arena_id: UUID, *, population: Population, category: str = ""
    ) -> list[PairCount]:
        """Return the pair counts of one board; category "" is all votes."""
        board = _board(arena_id, population, category)
        return await self._run.read(lambda c: [PairCount(*row) for row in c.execute(_PAIRS, board)])

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows with every change to the arena's counts; 0: no such arena."""
        values = {"arena_id": arena_id}
        return await self._run.read(lambda connection: connection.scalar(_VERSION, values) or 0)

    async def categories(self, arena_id: UUID, *, population: Population) -> list[str]:
        """Return the categories that have votes, sorted by code point, without ""."""
        values = {"arena_id": arena_id, "population": population}
        return await self._run.read(lambda c: sorted(c.scalars(_CATEGORIES, values)))

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Add counts to a board."""
        await self._change(arena_id, counts, population, category, clear=False)

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Set a board's counts, removing the old ones."""
        await self._change(arena_id, counts, population, category, clear=True)

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        values = {"arena_id": arena_id}
        return await self._run.read(
            lambda c: [ContestantStats(*row) for row in c.execute(_STATS, values)]
        )

    async def excluded(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes are excluded, by reason."""
        values = {"arena_id": arena_id}
        return await self._run.read(lambda c: dict(c.execute(_EXCLUDED, values).all()))

    async def _change(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        population: Population,
        category: str,
        *,
        clear: bool,
    ) -> None:
        board = _board(arena_id, population, category)
        ordered = sorted(counts, key=lambda count: (count.first, count.second))
        rows = [pair_row(arena_id, population, category, count) for count in ordered]

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


def pair_row(
    arena_id: UUID, population: Population, category: str, count: PairCount
) -> dict[str, Any]:
    """Return the columns of one pair's count on one board."""
    return {
        "arena_id": arena_id,
        "population": population,
        "category": category,
        "first": count.first,
        "second": count.second,
        "wins_first": count.wins_first,
        "wins_second": count.wins_second,
        "ties": count.ties,
        "both_bad": count.both_bad,
    }


def _board(arena_id: UUID, population: Population, category: str) -> dict[str, Any]:
    return {"arena_id": arena_id, "population": population, "category": category}
