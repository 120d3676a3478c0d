"""Arenas and counts that the board tests share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from blindarena.domain.arenas import Arena, Consent, Contestant
from blindarena.domain.boards import ContestantStats, PairCount, Population

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ARENA = Arena(
    id=UUID(int=1),
    slug="test",
    title="Test",
    kind="live",
    consent=Consent("1", "Yes?"),
    min_votes=50,
)


def contestants(*names: str) -> tuple[Contestant, ...]:
    """Make contestants with ids in the order of the names."""
    return tuple(
        Contestant(id=UUID(int=100 + i), arena_id=ARENA.id, name=name)
        for i, name in enumerate(names)
    )


def pair(first: int, second: int, *votes: int) -> PairCount:
    """Make a pair count of the contestants at two places."""
    return PairCount(UUID(int=100 + first), UUID(int=100 + second), *votes)


class CountsInMemory:
    """The port `Counts`, with how often the pairs were read."""

    def __init__(self, *pairs: PairCount) -> None:
        self.boards: dict[tuple[Population, str], list[PairCount]] = {("people", ""): list(pairs)}
        self.sums: list[ContestantStats] = []
        self.out: dict[str, int] = {}
        self.left_out: list[PairCount] = []
        self.changes = 1
        self.reads = 0

    async def pairs(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[PairCount]:
        self.reads += 1
        found = self.boards.get((population, category), []) if version == 1 else []
        return [*found, *self.left_out] if with_excluded else found

    async def version(self, arena_id: UUID) -> int:
        return self.changes

    async def categories(
        self, arena_id: UUID, *, population: Population, version: int = 1
    ) -> list[str]:
        return sorted(c for p, c in self.boards if p == population and c)

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        self.boards.setdefault((population, category), []).extend(counts)
        self.changes += 1

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        self.boards[population, category] = list(counts)
        self.changes += 1

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        return self.sums

    async def excluded(self, arena_id: UUID, *, version: int | None = None) -> dict[str, int]:
        return self.out
