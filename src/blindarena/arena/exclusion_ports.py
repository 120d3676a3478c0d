"""What exclusions need from outside; `storage` and `testing` provide it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from blindarena.domain.exclusions import VoterExclusion


class Exclusions(Protocol):
    """What the owner leaves out and lets count again; nothing is ever deleted.

    Every change is one transaction: new rows, the counts by reason, the arena's version.
    """

    async def by_reason(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes do not count now, by reason."""
        ...

    async def voters(self, arena_id: UUID) -> list[VoterExclusion]:
        """Return the voters who are excluded now, the latest first."""
        ...

    async def voters_like(self, arena_id: UUID, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so, two at most."""
        ...

    async def set_votes(
        self, arena_id: UUID, ids: Sequence[UUID], *, reason: str | None, at: datetime
    ) -> int:
        """Exclude votes for a reason, or let them count again (None).

        Returns:
            How many votes changed; those that stand so already and those of other arenas do not.
        """
        ...

    async def exclude_voter(self, arena_id: UUID, voter: str, *, reason: str, at: datetime) -> int:
        """Exclude a voter: the votes that count now, and all later ones.

        Returns:
            How many votes count no longer.
        """
        ...

    async def reinstate_voter(self, arena_id: UUID, voter: str, *, at: datetime) -> int:
        """Let an excluded voter's votes count again, except those that a rule left out.

        Returns:
            How many votes count again; 0 where the voter was not excluded.
        """
        ...
