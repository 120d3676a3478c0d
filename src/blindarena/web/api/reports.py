"""The decision report of an arena, as data and as a page to keep; for owners and reviewers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse

from blindarena.domain.battles import Session
from blindarena.errors import ForbiddenError
from blindarena.leaderboard.reporting.facts import Report
from blindarena.web.deps import AppDep, ArenaVersionDep, ReviewerDep

router = APIRouter(tags=["owner"])
Comments = Annotated[
    bool, Query(description="tell what voters wrote, word for word; for owners only")
]


async def get_report_session(session: ReviewerDep, comments: Comments = False) -> Session:
    """Return who may have the report that is asked for: comments are the owner's."""
    if comments and not session.is_owner:
        raise ForbiddenError("what voters wrote is told to the owner only")
    return session


ReportDep = Annotated[Session, Depends(get_report_session)]


@router.get("/api/owner/arenas/{slug}/report")
async def read_report(
    arena: ArenaVersionDep, app: AppDep, session: ReportDep, comments: Comments = False
) -> Report:
    """Return what the votes decide, how surely, and how that was found."""
    return await app.reports.report(arena, with_comments=comments)


@router.get("/owner/report/{slug}.html", response_class=HTMLResponse)
async def read_report_page(
    arena: ArenaVersionDep, app: AppDep, session: ReportDep, comments: Comments = False
) -> HTMLResponse:
    """Return the same as one HTML file that needs no network, for download."""
    from blindarena.leaderboard.reporting.page import html_of

    made = await app.reports.report(arena, with_comments=comments)
    await app.note(
        who=session.role.capitalize(), what="Made the decision report", detail=arena.slug
    )
    name = f"{arena.slug}-report.html"
    return HTMLResponse(
        html_of(made), headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
