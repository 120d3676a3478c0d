"""People's votes on judged pairs as files that `rank` and `agreement` read."""

import asyncio
import io

import msgspec
from fastapi import APIRouter, Response

from blindarena.bootstrap import App
from blindarena.errors import NotFoundError
from blindarena.web.deps import AppDep, OwnerDep

router = APIRouter(prefix="/api/judge-runs", tags=["judges"])


@router.get("/{run}/votes.jsonl", response_class=Response)
async def export_judged_votes(run: str, app: AppDep, owner: OwnerDep) -> Response:
    """Export people's votes that count, one JSON object a line, marked as people's."""
    rows = await app.judge_runs.export(run)
    data = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    return await _file(app, run, data, "jsonl", "application/jsonl", len(rows))


@router.get("/{run}/votes.parquet", response_class=Response)
async def export_judged_votes_parquet(run: str, app: AppDep, owner: OwnerDep) -> Response:
    """Export the same as Parquet."""
    rows = await app.judge_runs.export(run)
    if not rows:
        raise NotFoundError(f"nobody has voted on the run {run!r} yet")

    def work() -> bytes:
        import pyarrow as pa
        from pyarrow import parquet

        sink = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist(rows), sink)
        return sink.getvalue()

    data = await asyncio.to_thread(work)
    kind = "application/vnd.apache.parquet"
    return await _file(app, run, data, "parquet", kind, len(rows))


async def _file(app: App, run: str, data: bytes, suffix: str, kind: str, rows: int) -> Response:
    await app.note(
        who="Owner", what="Exported votes on a run of judges", detail=f"{run}: {rows} rows"
    )
    plain = "".join(
        one if one.isascii() and (one.isalnum() or one in "-._") else "-" for one in run
    )
    name = f"{plain}-human-votes.{suffix}"
    return Response(
        data,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
