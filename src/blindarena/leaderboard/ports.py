"""What a leaderboard reads; `storage` and `testing` provide it."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol
from uuid import UUID

from blindarena.domain.battles import VoterVote
from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.domain.snapshots import SnapshotHead, StoredSnapshot
from blindarena.domain.usable import UsableCount


class Counts(Protocol):
    """Pair counts kept while votes arrive: cost independent of the number of votes."""

    async def pairs(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        with_excluded: bool = False,
        version: int = 1,
    ) -> list[PairCount]:
        """Return the pair counts of one board; category "" is all votes.

        `with_excluded` adds the votes of people that do not count.
        """
        ...

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows whenever counts, sums or exclusions of the arena change."""
        ...

    async def categories(
        self, arena_id: UUID, *, population: Population, version: int = 1
    ) -> list[str]:
        """Return the categories that have votes, sorted, without ""."""
        ...

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
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
        version: int = 1,
    ) -> None:
        """Set a board's counts, removing the old ones (a published board)."""
        ...

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        ...

    async def excluded(self, arena_id: UUID, *, version: int | None = None) -> dict[str, int]:
        """Return how many votes are excluded, by reason; None is in all versions together."""
        ...


class UsableVotes(Protocol):
    """What the votes say about sending the answers."""

    async def counts(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[UsableCount]:
        """Return the counts of one board; category "" is all votes.

        `with_excluded` adds the votes of people that do not count.
        """
        ...

    async def by_voter(
        self, arena_id: UUID, *, category: str = "", version: int = 1
    ) -> list[tuple[str, UsableCount]]:
        """Return what each voter says of each contestant, by the votes that count now."""
        ...


class VoteRows(Protocol):
    """The votes one by one."""

    async def votes_parquet(self, arena_id: UUID, *, version: int | None = None) -> bytes:
        """Return votes of an arena in the order in which they came, as its owner exports them.

        A Parquet file with what a vote knows: models, outcome, voter, prompt, category, why it is
        excluded, the probability of the pair, style and cost of the answers.
        """
        ...


class Snapshots(Protocol):
    """Boards that are kept; a row is never changed."""

    async def add(self, snapshot: StoredSnapshot) -> None:
        """Keep a board."""
        ...

    async def heads(self, arena_id: UUID, *, limit: int) -> list[SnapshotHead]:
        """Return the boards kept last, newest first, without their content."""
        ...

    async def get(self, arena_id: UUID, snapshot_id: UUID) -> StoredSnapshot | None:
        """Return one kept board of an arena."""
        ...


class VoterVotes(Protocol):
    """Single votes, for the tests of voters."""

    def voter_votes(self, arena_id: UUID) -> AsyncIterator[Sequence[VoterVote]]:
        """Yield all votes but those that a rule left out, in pages, in the order they were cast."""
        ...
