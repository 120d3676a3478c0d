"""What moderation did, in memory."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from blindarena.domain.battles import Side
from blindarena.domain.moderation import MODERATED, Moderated
from blindarena.testing.memory_battles import MemoryBattles


class MemoryModerationBook:
    """What moderation did, in numbers; no text."""

    def __init__(self, battles: MemoryBattles) -> None:
        self._battles = battles
        self._counts: Counter[tuple[UUID, Moderated]] = Counter()

    async def count(self, arena_id: UUID, what: Moderated, *, n: int = 1) -> None:
        """Add to an arena's count."""
        self._counts[arena_id, what] += n

    async def flag(self, turn_id: UUID, side: Side) -> None:
        """Mark an answer as one to be looked at."""
        self._battles.flag(turn_id, side)

    async def counts(self, arena_id: UUID) -> Mapping[Moderated, int]:
        """Return an arena's counts; what never happened is missing."""
        return {w: self._counts[arena_id, w] for w in MODERATED if self._counts[arena_id, w]}
