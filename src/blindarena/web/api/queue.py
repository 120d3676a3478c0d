"""The review queue: prepared pairs, one after the other, blind."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request

from blindarena.arena.queue_views import Shown, Standing
from blindarena.domain.usable import SideUse, Usable
from blindarena.web.api.schemas import (
    InviteShown,
    JoinIn,
    QueueFinished,
    QueueItem,
    QueueNextIn,
    QueueState,
    QueueVoteIn,
    QueueVoteOut,
)
from blindarena.web.api.schemas.queue import QueueAnswers, QueueVote
from blindarena.web.api.schemas.usable import SideUseIn, UsableIn
from blindarena.web.deps import AppDep, ArenaDep, ChangeDep, SessionDep, address

router = APIRouter(prefix="/api", tags=["queue"])


@router.get("/queue/invites/{token}")
async def read_invite(token: str, request: Request, app: AppDep) -> InviteShown:
    """Say what an invite link opens; no session is needed.

    A link that has expired or was withdrawn answers 403, an unknown one 404.
    """
    app.limits.invites.spend(address(request))
    invite = await app.queue.invites.open(token)
    arena = await app.pool.arena(invite.arena_id)
    return InviteShown(
        slug=arena.slug,
        title=arena.title,
        group=invite.group,
        expires_at=invite.expires_at,
        consent_version=arena.consent.version,
    )


@router.post("/arenas/{slug}/queue/join")
async def join_queue(
    body: JoinIn, request: Request, arena: ArenaDep, session: ChangeDep, app: AppDep
) -> QueueState:
    """Take part in a review queue; with another invite later ratings are of its group."""
    app.limits.invites.spend(address(request))
    return _state(await app.queue.service.join(session, arena, body.invite))


@router.get("/arenas/{slug}/queue")
async def read_queue(arena: ArenaDep, session: SessionDep, app: AppDep) -> QueueState:
    """Say how far this rater and the arena are."""
    return _state(await app.queue.service.standing(session, arena))


@router.post("/arenas/{slug}/queue/next")
async def next_pair(
    arena: ArenaDep,
    session: ChangeDep,
    app: AppDep,
    body: Annotated[QueueNextIn | None, Body()] = None,
) -> QueueItem | QueueFinished:
    """Hold the rater's next pair for them and return it."""
    after = body.after if body else None
    return _next(await app.queue.service.next(session, arena, after=after))


@router.get("/arenas/{slug}/queue/items/{battle_id}")
async def read_pair(
    battle_id: UUID, arena: ArenaDep, session: SessionDep, app: AppDep
) -> QueueItem:
    """Return a pair that this rater had before, with the vote it may have."""
    return _item(await app.queue.service.pair(session, arena, battle_id))


@router.post("/arenas/{slug}/queue/items/{battle_id}/vote")
async def vote_on_pair(
    battle_id: UUID, body: QueueVoteIn, arena: ArenaDep, session: ChangeDep, app: AppDep
) -> QueueVoteOut:
    """Store a vote, durably, or change the one there is; then hold the next pair."""
    vote_id = await app.queue.voting.vote(
        session,
        arena,
        battle_id,
        outcome=body.outcome,
        reasons=body.reasons,
        comment=body.comment,
        usable=_usable_in(body.usable),
    )
    shown = await app.queue.service.following(session, arena, after=battle_id)
    standing = shown if isinstance(shown, Standing) else shown.standing
    return QueueVoteOut(
        vote_id=vote_id,
        next=None if isinstance(shown, Standing) else _item(shown),
        state=_state(standing),
    )


@router.post("/arenas/{slug}/queue/items/{battle_id}/skip")
async def skip_pair(
    battle_id: UUID, arena: ArenaDep, session: ChangeDep, app: AppDep
) -> QueueItem | QueueFinished:
    """Leave a pair to other raters, and hold the next one."""
    return _next(await app.queue.service.skip(session, arena, battle_id))


def _usable_in(given: UsableIn | None) -> Usable | None:
    if given is None:
        return None
    return {
        "a": SideUse(given.a.send, given.a.breaks_policy),
        "b": SideUse(given.b.send, given.b.breaks_policy),
    }


def _usable_out(shown: Shown) -> UsableIn | None:
    said = {
        one.side: SideUseIn(send=one.use.send, breaks_policy=one.use.breaks_policy)
        for one in shown.usable
    }
    return UsableIn(a=said["a"], b=said["b"]) if said else None


def _state(standing: Standing) -> QueueState:
    return QueueState(
        group=standing.group,
        done=standing.done,
        total=standing.total,
        arena_done=standing.arena_done,
        arena_total=standing.arena_total,
        overlap_share=standing.overlap_share,
        waiting=standing.waiting,
        finished=standing.finished,
        minutes_left_estimate=standing.minutes_left,
    )


def _next(shown: Shown | Standing) -> QueueItem | QueueFinished:
    if isinstance(shown, Standing):
        return QueueFinished(finished=True, waiting=shown.waiting)
    return _item(shown)


def _item(shown: Shown) -> QueueItem:
    vote = shown.vote
    return QueueItem(
        finished=False,
        battle_id=shown.battle_id,
        number=shown.number,
        of=shown.standing.total,
        title=shown.prompt.title,
        prompt=shown.prompt.text,
        policy=shown.prompt.policy,
        category=shown.prompt.category,
        language=shown.prompt.language,
        answers=QueueAnswers(a=shown.text_a, b=shown.text_b),
        usable_answer=shown.usable_answer,
        reasons=list(shown.reasons),
        previous=shown.previous,
        expires_at=shown.expires_at,
        vote=QueueVote(
            vote_id=vote.id,
            outcome=vote.outcome,
            reasons=list(vote.reasons),
            comment=vote.comment,
            usable=_usable_out(shown),
        )
        if vote
        else None,
    )
