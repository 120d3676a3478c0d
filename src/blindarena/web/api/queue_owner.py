"""The owner's side of the review queue: invites and progress."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter, Request

from blindarena.arena.queue_invites import InviteCard, invite_link
from blindarena.web.api.schemas import InviteIn, InviteMade, InviteOut, InvitesOut, QueueProgressOut
from blindarena.web.deps import AppDep, ArenaDep, OwnerChangeDep, OwnerDep, ReviewerDep, base_url

router = APIRouter(prefix="/api/owner/arenas/{slug}", tags=["owner"])


@router.get("/invites")
async def read_invites(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> InvitesOut:
    """Return an arena's invites to its review queue."""
    return InvitesOut(
        invites=[_invite(card) for card in await app.queue.invites.cards(arena)],
        groups=[group.name for group in arena.groups],
        open_to_all=arena.queue.open_to_all,
    )


@router.post("/invites", status_code=201)
async def make_invite(
    body: InviteIn, request: Request, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> InviteMade:
    """Make an invite link; it is told this once."""
    card, token = await app.queue.invites.make(
        arena, group=body.group, expires_days=body.expires_days, who="Owner"
    )
    return InviteMade(link=invite_link(base_url(app, request), token), **_invite(card).model_dump())


@router.post("/invites/{invite_id}/withdraw")
async def withdraw_invite(
    invite_id: UUID, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> InviteOut:
    """Close an invite link; who joined by it may go on."""
    return _invite(await app.queue.invites.withdraw(arena, invite_id))


@router.get("/progress")
async def read_progress(arena: ArenaDep, app: AppDep, session: ReviewerDep) -> QueueProgressOut:
    """Say how far the review queue is, per group, and how far its raters agree."""
    return QueueProgressOut.model_validate(asdict(await app.queue.progress.of(arena)))


def _invite(card: InviteCard) -> InviteOut:
    return InviteOut(
        id=card.invite.id,
        group=card.invite.group,
        status=card.status,
        created_at=card.invite.created_at,
        expires_at=card.invite.expires_at,
        withdrawn_at=card.invite.withdrawn_at,
        joined=card.joined,
    )
