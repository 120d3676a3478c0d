"""Boards that are kept, in SQL: append-only."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from blindarena.domain.snapshots import SnapshotHead, StoredSnapshot
from blindarena.storage.runner import Runner
from blindarena.storage.snapshot_table import snapshots

_HEAD = tuple(field.name for field in fields(SnapshotHead))
_COLUMNS = tuple(snapshots.c[name] for name in _HEAD)
_ADD = insert(snapshots)
_OF_ARENA = snapshots.c.arena_id == bindparam("arena_id")
_HEADS = (
    select(*_COLUMNS)
    .where(_OF_ARENA)
    .order_by(snapshots.c.created_at.desc(), snapshots.c.id.desc())
    .limit(bindparam("limit"))
)
_GET = select(*_COLUMNS, snapshots.c.document).where(
    _OF_ARENA, snapshots.c.id == bindparam("snapshot_id")
)


class Snapshots:
    """Boards that are kept; a row is never changed."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def add(self, snapshot: StoredSnapshot) -> None:
        """Keep a board."""
        values = {name: getattr(snapshot.head, name) for name in _HEAD}
        values["document"] = snapshot.document
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def heads(self, arena_id: UUID, *, limit: int) -> list[SnapshotHead]:
        """Return the boards kept last, newest first, without their content."""
        values = {"arena_id": arena_id, "limit": limit}
        return await self._run.read(
            lambda c: [_head(row) for row in c.execute(_HEADS, values).mappings()]
        )

    async def get(self, arena_id: UUID, snapshot_id: UUID) -> StoredSnapshot | None:
        """Return one kept board of an arena."""
        values = {"arena_id": arena_id, "snapshot_id": snapshot_id}

        def work(connection: Any) -> StoredSnapshot | None:
            row = connection.execute(_GET, values).mappings().first()
            return None if row is None else StoredSnapshot(_head(row), row["document"])

        return await self._run.read(work)


def _head(row: Mapping[Any, Any]) -> SnapshotHead:
    return SnapshotHead(**{name: row[name] for name in _HEAD})
