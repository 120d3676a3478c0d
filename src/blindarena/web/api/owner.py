"""The owner's page: contestants, deployments, arenas, votes, audit."""

from uuid import UUID

from fastapi import APIRouter

from blindarena.bootstrap import App
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import ContestantStats
from blindarena.errors import NotFoundError
from blindarena.web.api.arenas import arena_out
from blindarena.web.api.schemas import (
    EnableIn,
    OwnerContestant,
    OwnerDeployment,
    OwnerOut,
    OwnerVote,
)
from blindarena.web.deps import AppDep, OwnerChangeDep, ReviewerDep

router = APIRouter(prefix="/api/owner", tags=["owner"])


@router.get("")
async def read_owner(app: AppDep, session: ReviewerDep) -> OwnerOut:
    """Return everything on the owner's page; single voters are not shown.

    A reviewer gets arenas and contestants, without deployments, votes and audit log.
    """
    arenas = await app.pool.all()
    contestants: list[OwnerContestant] = []
    votes: list[OwnerVote] = []
    for arena in arenas:
        if arena.read_only:
            continue
        contestants += await _contestants(app, arena)
        if not session.is_owner:
            continue
        votes += [
            OwnerVote(
                id=vote.id,
                at=vote.created_at,
                arena=arena.slug,
                outcome=vote.outcome,
                category=vote.category,
                reasons=list(vote.reasons),
                comment=vote.comment,
                excluded=vote.excluded,
            )
            for vote in await app.recent_votes(arena, limit=50)
        ]
    return OwnerOut(
        arenas=[await arena_out(app, arena) for arena in arenas],
        contestants=contestants,
        deployments=[
            OwnerDeployment(
                name=d.name,
                kind=d.kind,
                model=d.model,
                base_url=d.base_url,
                status=app.router.statuses()[d.name].status,
                detail=app.router.statuses()[d.name].detail,
                price=d.price,
            )
            for d in app.deployments.values()
            if session.is_owner and d.name in app.router.statuses()
        ],
        votes=sorted(votes, key=lambda vote: vote.at, reverse=True)[:50],
        audit_id=await _newest_line(app) if session.is_owner else None,
        role=session.role,
    )


@router.post("/contestants/{contestant_id}")
async def switch_contestant(
    contestant_id: UUID, body: EnableIn, app: AppDep, owner: OwnerChangeDep
) -> OwnerContestant:
    """Switch a contestant on or off; on names a new recipient in the consent where needed."""
    for arena in await app.pool.all():
        for contestant in await app.pool.contestants(arena):
            if contestant.id == contestant_id:
                await app.set_enabled(arena, contestant, body.enabled)
                present = await app.pool.by_slug(arena.slug)
                rows = await _contestants(app, present)
                return next(row for row in rows if row.id == contestant_id)
    raise NotFoundError(f"there is no contestant {contestant_id}")


async def _newest_line(app: App) -> int | None:
    """Return the id of the newest line of the audit log, by which a page knows of a new one."""
    lines = await app.audit.page(limit=1)
    return lines[0].id if lines else None


async def _contestants(app: App, arena: Arena) -> list[OwnerContestant]:
    stats = {s.contestant_id: s for s in await app.contestant_stats(arena)}
    contestants = await app.pool.contestants(arena)
    able = [c for c in contestants if c.enabled and app.router.available(c.deployments)]
    return [
        _contestant(app, arena, c, stats.get(c.id, ContestantStats(c.id)), able)
        for c in contestants
    ]


def _contestant(
    app: App, arena: Arena, contestant: Contestant, stats: ContestantStats, able: list[Contestant]
) -> OwnerContestant:
    health, detail = app.health(contestant)
    cards = [app.deployments[name] for name in contestant.deployments if name in app.deployments]
    return OwnerContestant(
        id=contestant.id,
        arena=arena.slug,
        name=contestant.name,
        description=contestant.description,
        enabled=contestant.enabled,
        health=health,
        health_detail=detail,
        price=cards[0].price if cards else None,
        runs_at=", ".join(dict.fromkeys(card.runs_at for card in cards)),
        answers=stats.answers,
        errors=stats.errors,
        refusals=stats.refusals,
        timeouts=stats.timeouts,
        sampled=app.sampled(arena, contestant, able),
        images=contestant.images,
    )
