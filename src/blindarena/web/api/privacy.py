"""A voter's own data: look, take them along, delete them."""

import json

from fastapi import APIRouter, Response

from blindarena.web.api.schemas.privacy import ErasedOut, OwnArenaData, OwnDataOut
from blindarena.web.deps import COOKIE, AppDep, ChangeDep, SessionDep

router = APIRouter(prefix="/api/me", tags=["sessions"])


@router.get("/data")
async def read_own_data(session: SessionDep, app: AppDep) -> OwnDataOut:
    """Say what is stored about this browser, by arena, and under which pseudonym."""
    return OwnDataOut(
        session_id=session.id,
        arenas=[
            OwnArenaData(
                arena=arena.slug,
                title=arena.title,
                pseudonym=voter,
                battles=battles,
                votes=votes,
                retention_days=arena.retention_days,
            )
            for arena, voter, battles, votes in await app.privacy.summary(session)
        ],
    )


@router.get("/data.json", response_class=Response)
async def export_own_data(session: SessionDep, app: AppDep) -> Response:
    """Return everything that is stored about this browser, as a file.

    Who the contestants of a battle were is in it once the battle has its vote.
    """
    found = await app.privacy.own(session)
    return Response(
        json.dumps(found, indent=2, ensure_ascii=False),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="blindarena-my-data.json"'},
    )


@router.post("/erase")
async def erase_own_data(session: ChangeDep, response: Response, app: AppDep) -> ErasedOut:
    """Delete this browser's texts and comments in every arena, cut its votes loose, and forget it.

    The votes stay, without anything that leads to a person; it cannot be undone.
    """
    done = await app.privacy.erase_own(session)
    response.delete_cookie(COOKIE, path="/")
    return ErasedOut(battles=done.battles, votes=done.votes)
