"""Links to revealed battles: make, withdraw, read."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from blindarena.web.api.images import images_of, images_out
from blindarena.web.api.schemas.shares import (
    SharedBattleOut,
    SharedSides,
    SharedTurn,
    ShareOut,
    WithdrawnOut,
)
from blindarena.web.deps import AppDep, ChangeDep, base_url
from blindarena.web.pages.share import UNLISTED

router = APIRouter(prefix="/api", tags=["shares"])


@router.post("/battles/{battle_id}/share", status_code=201)
async def share_battle(
    battle_id: UUID, request: Request, session: ChangeDep, app: AppDep
) -> ShareOut:
    """Make a link to an own battle that has its vote; whoever has it may read the battle."""
    token = await app.sharing.share(session, battle_id)
    return ShareOut(url=f"{base_url(app, request)}/s/{token}")


@router.post("/battles/{battle_id}/share/withdraw")
async def withdraw_share(battle_id: UUID, session: ChangeDep, app: AppDep) -> WithdrawnOut:
    """Close every link to an own battle."""
    return WithdrawnOut(withdrawn=await app.sharing.withdraw(session, battle_id))


@router.get("/shares/{token}")
async def read_share(token: str, response: Response, app: AppDep) -> SharedBattleOut:
    """Return a revealed battle to whoever has its link; no session is needed."""
    shared = await app.sharing.read(token)
    response.headers.update(UNLISTED)
    pictures = await images_of(app, shared.battle_id, any_=shared.images)
    return SharedBattleOut(
        arena=shared.arena.slug,
        mode=shared.mode,
        arena_title=shared.arena.title,
        title=shared.title,
        turns=[
            SharedTurn(
                number=record.turn.number,
                content=record.turn.content,
                a=record.answers["a"].text,
                b=record.answers["b"].text,
                images=images_out(pictures.get(record.turn.number, ())),
            )
            for record in shared.turns
        ],
        contestants=SharedSides(a=shared.contestants["a"], b=shared.contestants["b"]),
        outcome=shared.outcome,
    )
