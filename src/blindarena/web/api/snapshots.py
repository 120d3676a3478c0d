"""Boards that were kept, and ratings over time."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from blindarena.errors import NotFoundError, NotReadyError
from blindarena.web.api.schemas import HistoryOut, SnapshotIn, SnapshotOut, SnapshotsOut
from blindarena.web.deps import AppDep, ArenaDep, OwnerChangeDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["boards"])


@router.get("/snapshots")
async def read_snapshots(arena: ArenaDep, app: AppDep) -> SnapshotsOut:
    """Return the boards that were kept, newest first."""
    return SnapshotsOut(snapshots=[])


@router.get("/snapshots/{snapshot_id}")
async def read_snapshot(arena: ArenaDep, app: AppDep, snapshot_id: UUID) -> dict[str, Any]:
    """Return a kept board in full, as `blindarena rank --verify` reads it."""
    raise NotFoundError(f"there is no snapshot {snapshot_id}")


@router.post("/snapshots", status_code=201, tags=["owner"])
async def take_snapshot(
    body: SnapshotIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> SnapshotOut:
    """Compute a board from all votes now and keep it."""
    raise NotReadyError("there are not enough votes to keep a board")


@router.get("/history")
async def read_history(
    arena: ArenaDep,
    app: AppDep,
    contestant: Annotated[list[str] | None, Query(description="names; all where none")] = None,
) -> HistoryOut:
    """Return the ratings over time, from the kept boards."""
    return HistoryOut(series=[])
