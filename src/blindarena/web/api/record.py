"""The record of processing, for the data-protection officer; for the owner."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from blindarena.arena.record import as_markdown
from blindarena.bootstrap.privacy import processing_in
from blindarena.web.deps import AppDep, OwnerDep

router = APIRouter(prefix="/api/owner/privacy", tags=["owner"])


@router.get("/record.md", response_class=Response)
async def read_record(app: AppDep, owner: OwnerDep) -> Response:
    """Return what each arena does with personal data, as a page to print and sign."""
    found = await processing_in(app.pool, slug=None, database=app.database_kind)
    return Response(
        as_markdown(found, at=datetime.now(UTC)),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="record-of-processing.md"'},
    )
