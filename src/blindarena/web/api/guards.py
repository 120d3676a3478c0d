"""Proof of work, moderation in numbers, the audit log page by page."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from blindarena.bootstrap import App
from blindarena.domain.csv_cells import csv_cell
from blindarena.errors import NotFoundError
from blindarena.web.api.schemas.guards import (
    AuditEntryOut,
    AuditPage,
    ChallengeOut,
    ModerationOut,
)
from blindarena.web.deps import AppDep, ArenaDep, OwnerDep

router = APIRouter(prefix="/api")
_CHUNK = 1_000
_What = Annotated[str, Query(max_length=200, description="words in what was done, or its detail")]
_Who = Annotated[str, Query(max_length=200, description="words in the name of who did it")]


@router.get("/challenge", tags=["sessions"])
async def read_challenge(app: AppDep) -> ChallengeOut:
    """Return a new proof of work, where any is asked for; problems bring one along too."""
    if not await app.guards.any_challenge(app.pool):
        raise NotFoundError("no proof of work is asked for here")
    return ChallengeOut.model_validate((await app.guards.challenges.offer()).as_dict())


@router.get("/owner/arenas/{slug}/moderation", tags=["owner"])
async def read_moderation(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> ModerationOut:
    """Return what moderation did; texts that were refused are kept nowhere."""
    counts = await app.guards.book.counts(arena.id)
    return ModerationOut(
        arena=arena.slug,
        on=app.guards.moderates,
        messages_refused=counts.get("messages-refused", 0),
        answers_flagged=counts.get("answers-flagged", 0),
        checks_failed=counts.get("checks-failed", 0),
    )


@router.get("/owner/audit", tags=["owner"])
async def read_audit(
    app: AppDep,
    owner: OwnerDep,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="of the page before")] = None,
    what: _What = "",
    who: _Who = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:
    """Return the audit log, newest first, page by page."""
    found = await app.audit.page(limit=limit + 1, before=before, what=what, who=who)
    lines = found[:limit]
    return AuditPage(
        lines=[AuditEntryOut.model_validate(line, from_attributes=True) for line in lines],
        before=lines[-1].id if len(found) > limit else None,
    )


@router.get("/owner/audit.csv", tags=["owner"], response_class=StreamingResponse)
async def read_audit_csv(
    app: AppDep, owner: OwnerDep, what: _What = "", who: _Who = ""
) -> StreamingResponse:
    """Return the whole audit log as CSV, or what the filter leaves of it, newest first."""
    return StreamingResponse(
        _csv(app, what, who),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


async def _csv(app: App, what: str, who: str) -> AsyncIterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["id", "at", "who", "what", "detail"])
    before: int | None = None
    while True:
        lines = await app.audit.page(limit=_CHUNK, before=before, what=what, who=who)
        for line in lines:
            cells = (line.id, line.at.isoformat(), line.who, line.what, line.detail)
            writer.writerow([csv_cell(cell) for cell in cells])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        if len(lines) < _CHUNK:
            return
        before = lines[-1].id
