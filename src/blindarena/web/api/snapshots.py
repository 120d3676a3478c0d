"""Boards that were kept, and ratings over time."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from blindarena.domain.snapshots import SnapshotHead
from blindarena.leaderboard.row_boards import Ask
from blindarena.web.api.schemas import HistoryOut, SnapshotIn, SnapshotOut, SnapshotsOut
from blindarena.web.deps import BOARD_SEEN, AppDep, ArenaDep, OwnerChangeDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["boards"])


@router.get("/snapshots", dependencies=BOARD_SEEN)
async def read_snapshots(arena: ArenaDep, app: AppDep) -> SnapshotsOut:
    """Return the boards that were kept, newest first."""
    return SnapshotsOut(snapshots=[_out(head) for head in await app.desk.archive.heads(arena)])


@router.get("/snapshots/{snapshot_id}", response_model=dict[str, Any], dependencies=BOARD_SEEN)
async def read_snapshot(arena: ArenaDep, app: AppDep, snapshot_id: UUID) -> Response:
    """Return a kept board in full, as `blindarena rank --verify` reads it."""
    kept = await app.desk.snapshot(arena, snapshot_id)
    return Response(kept.document, media_type="application/json")


@router.post("/snapshots", status_code=201, tags=["owner"])
async def take_snapshot(
    body: SnapshotIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> SnapshotOut:
    """Compute a board from all votes now and keep it."""
    ask = Ask(
        method=body.method,
        style=body.style,
        cluster=body.cluster,
        categories=bool(body.category),
    )
    head = await app.desk.take(arena, ask, category=body.category)
    detail = f"{arena.slug}: {head.n:,} votes, {head.method}"
    await app.note(who="Owner", what="Kept a board", detail=detail)
    return _out(head)


@router.get("/history", dependencies=BOARD_SEEN)
async def read_history(
    arena: ArenaDep,
    app: AppDep,
    contestant: Annotated[list[str] | None, Query(description="names; all where none")] = None,
) -> HistoryOut:
    """Return the ratings over time, from the kept boards of all votes."""
    series = await app.desk.history(arena, contestant)
    return HistoryOut.model_validate({"series": [asdict(one) for one in series]})


def _out(head: SnapshotHead) -> SnapshotOut:
    return SnapshotOut.model_validate(
        {
            "id": str(head.id),
            "created_at": head.created_at,
            "method": head.method,
            "style": head.options.get("style", False),
            "cluster": head.options.get("cluster") or "none",
            "category": head.category,
            "automatic": head.origin != "owner",
            "options": head.options,
            "n": head.n,
            "data_hash": head.data_hash,
            "seed": head.seed,
            "versions": head.versions,
        }
    )
