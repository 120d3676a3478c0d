"""Links to revealed battles in memory."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.domain.shares import Share


class MemoryShares:
    """Links to revealed battles."""

    def __init__(self) -> None:
        self._kept: dict[str, Share] = {}

    async def add(self, share: Share) -> None:
        """Store a new link."""
        self._kept[share.token_hash] = share

    async def by_hash(self, token_hash: str) -> Share | None:
        """Return the link of a token, unless it is withdrawn."""
        share = self._kept.get(token_hash)
        return share if share is not None and share.withdrawn_at is None else None

    async def count(self, battle_id: UUID) -> int:
        """Return how many links of a battle are open."""
        return len(self._open(battle_id))

    async def withdraw(self, battle_id: UUID, *, at: datetime) -> int:
        """Close every link of a battle; return how many were open."""
        found = self._open(battle_id)
        for share in found:
            self._kept[share.token_hash] = replace(share, withdrawn_at=at)
        return len(found)

    def _open(self, battle_id: UUID) -> list[Share]:
        kept = self._kept.values()
        return [s for s in kept if s.battle_id == battle_id and s.withdrawn_at is None]
