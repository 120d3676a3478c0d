"""Votes to take away as CSV; `boards` has those as Parquet."""

import asyncio
import tempfile
from pathlib import Path

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from blindarena.storage.export_csv import parquet_to_csv
from blindarena.web.deps import AppDep, ArenaVersionDep, OwnerDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["owner"])


@router.get("/votes.csv", response_class=FileResponse)
async def read_votes_csv(arena: ArenaVersionDep, app: AppDep, owner: OwnerDep) -> FileResponse:
    """Export every vote on one version of the arena as CSV, for the owner.

    A text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    folder = tempfile.TemporaryDirectory(prefix="blindarena-")
    table = Path(folder.name) / "votes.parquet"
    path = Path(folder.name) / f"{arena.slug}-votes.csv"
    rows = await app.export_votes(arena, table)
    await asyncio.to_thread(parquet_to_csv, table, path)
    await app.note(who="Owner", what="Exported votes", detail=f"{arena.slug}: {rows} rows, CSV")
    return FileResponse(
        path,
        media_type="text/csv; charset=utf-8",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )
