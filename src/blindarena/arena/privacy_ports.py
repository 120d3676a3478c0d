"""What export, erasure and retention need of a database; `storage` provides it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from blindarena.domain.judge_votes import JudgeVote
from blindarena.domain.privacy import Erased

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table the rows that are about one voter."""


class VoterData(Protocol):
    """All that is stored about one voter, wherever it is."""

    async def rows(self, arena_id: UUID, voter: str, *, files: bool = True) -> Rows:
        """Return everything about a pseudonym, by table; a table without rows is left out.

        The files of pictures are base64 text; without `files` they are left out.
        """
        ...

    async def arenas_of(self, beginning: str) -> list[tuple[UUID, str]]:
        """Return the arenas that know a pseudonym that begins so, with the pseudonym."""
        ...

    async def battles(self, arena_id: UUID, voter: str) -> list[UUID]:
        """Return the ids of a voter's battles."""
        ...

    async def erase(
        self,
        arena_id: UUID,
        voter: str,
        *,
        label: str,
        before: datetime | None = None,
        sessions: bool = True,
    ) -> Erased:
        """Delete a voter's texts and comments, and cut battles and votes loose; one transaction.

        Args:
            arena_id: the pseudonym's arena.
            voter: the pseudonym.
            label: what stands in its place.
            before: only what is older; None is all.
            sessions: forget the browser too, where nothing else of it is left.
        """
        ...

    async def voters_before(self, arena_id: UUID, before: datetime) -> list[str]:
        """Return the pseudonyms with battles that are older, and still linked to a browser."""
        ...

    async def any_linked(self, arena_id: UUID) -> bool:
        """Say whether any battle of the arena still leads to a browser."""
        ...

    async def scrub(self) -> None:
        """Overwrite what deleted rows leave in the database's file, where it is ours to do."""
        ...


class RaterData(Protocol):
    """People's votes on judged pairs, which belong to no arena."""

    async def of_rater(self, rater: str) -> list[JudgeVote]:
        """Return every row of a pseudonym, the first one first."""
        ...

    async def raters(self, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so."""
        ...

    async def relabel(self, rater: str, label: str) -> int:
        """Put a label in the place of a pseudonym; return how many rows it had."""
        ...
