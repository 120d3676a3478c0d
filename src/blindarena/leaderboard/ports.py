"""What a leaderboard reads; `storage` and `testing` provide it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from blindarena.domain.boards import ContestantStats, PairCount, Population


class Counts(Protocol):
    """Pair counts kept while votes arrive: cost independent of the number of votes."""

    async def pairs(
        self, arena_id: UUID, *, population: Population, category: str = ""
    ) -> list[PairCount]:
        """Return the pair counts of one board; category "" is all votes."""
        ...

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows whenever counts, sums or exclusions of the arena change."""
        ...

    async def categories(self, arena_id: UUID, *, population: Population) -> list[str]:
        """Return the categories that have votes, sorted, without ""."""
        ...

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Add counts to a board (simulated voters)."""
        ...

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Set a board's counts, removing the old ones (a published board)."""
        ...

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        ...

    async def excluded(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes are excluded, by reason."""
        ...
