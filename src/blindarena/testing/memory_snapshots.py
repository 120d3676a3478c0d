"""Kept boards in memory."""

from uuid import UUID

from blindarena.domain.snapshots import SnapshotHead, StoredSnapshot


class MemorySnapshots:
    """Boards that are kept."""

    def __init__(self) -> None:
        self._kept: list[StoredSnapshot] = []

    async def add(self, snapshot: StoredSnapshot) -> None:
        """Keep a board."""
        self._kept.append(snapshot)

    async def heads(self, arena_id: UUID, *, limit: int) -> list[SnapshotHead]:
        """Return the boards kept last, newest first, without their content."""
        heads = [kept.head for kept in self._kept if kept.head.arena_id == arena_id]
        return sorted(heads, key=lambda head: (head.created_at, head.id), reverse=True)[:limit]

    async def get(self, arena_id: UUID, snapshot_id: UUID) -> StoredSnapshot | None:
        """Return one kept board of an arena."""
        wanted = (arena_id, snapshot_id)
        return next((k for k in self._kept if (k.head.arena_id, k.head.id) == wanted), None)
