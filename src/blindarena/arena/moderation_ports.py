"""What moderation needs from outside; `bootstrap` and `storage` provide it."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from blindarena.domain.battles import Side
from blindarena.domain.moderation import Moderated


class Verdict(Protocol):
    """What was said of one text.

    Attributes:
        flagged: it should not be sent, or is to be looked at.
        failed: the endpoint did not answer, and the owner's choice decided.
    """

    @property
    def flagged(self) -> bool:
        """Say whether it is held back or marked."""
        ...

    @property
    def failed(self) -> bool:
        """Say whether nobody could be asked."""
        ...


class Moderator(Protocol):
    """Says whether a text should be held back; a failure is a verdict, not an exception."""

    async def __call__(self, text: str) -> Verdict:
        """Look at one text."""
        ...


class ModerationBook(Protocol):
    """What moderation did, in numbers; no text."""

    async def count(self, arena_id: UUID, what: Moderated, *, n: int = 1) -> None:
        """Add to an arena's count."""
        ...

    async def flag(self, turn_id: UUID, side: Side) -> None:
        """Mark an answer as one to be looked at."""
        ...

    async def counts(self, arena_id: UUID) -> Mapping[Moderated, int]:
        """Return an arena's counts; what never happened is missing."""
        ...
