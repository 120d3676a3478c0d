"""Arenas: the list, one arena, the voter in it."""

from dataclasses import asdict

from fastapi import APIRouter

from blindarena.arena.asking import MAX_AGAIN
from blindarena.arena.image_offer import image_offer
from blindarena.bootstrap import App
from blindarena.domain.arenas import KPI_DIRECTION, Arena
from blindarena.web.api.schemas import (
    ArenaDetail,
    ArenaOut,
    ArenasOut,
    MeOut,
    Mirror,
    Progress,
    RecipientOut,
)
from blindarena.web.deps import AppDep, ArenaDep, SessionDep

router = APIRouter(prefix="/api/arenas", tags=["arenas"])


@router.get("")
async def list_arenas(app: AppDep) -> ArenasOut:
    """List all arenas with their state."""
    return ArenasOut(arenas=[await arena_out(app, arena) for arena in await app.pool.all()])


@router.get("/{slug}")
async def read_arena(arena: ArenaDep, app: AppDep) -> ArenaDetail:
    """Return an arena with its consent text, recipients and reason chips."""
    summary = await arena_out(app, arena)
    categories = {prompt.category for prompt in await app.pool.prompts(arena)} - {""}
    return ArenaDetail(
        **summary.model_dump(),
        prompt_mode=arena.prompt_mode,
        follow_ups=arena.follow_ups,
        consent_text=arena.consent.text,
        recipients=[RecipientOut(**asdict(r)) for r in arena.consent.recipients],
        reasons=list(arena.reasons),
        suggested_prompts=list(arena.suggested_prompts),
        categories=sorted(categories),
        min_votes=arena.min_votes,
        margin=arena.margin,
        sampling=arena.sampling,
        start_together_s=arena.start_together_s,
        source=arena.source,
        has_truth=arena.slug in app.truths,
        version=arena.version,
        kpi=arena.kpi,
        kpi_direction=KPI_DIRECTION[arena.kpi],
        kpi_margin=arena.kpi_margin,
        deadline=arena.deadline,
        languages=list(arena.languages),
        usable_answer=arena.usable_answer,
        share_links=arena.share_links,
        require_login=arena.require_login,
        invites_need_login=arena.queue.invites_need_login,
        regenerations=0 if arena.kind == "replay" else MAX_AGAIN,
        pii=arena.pii,
        restore_placeholders=arena.restore_placeholders,
        retention_days=arena.retention_days,
        images=image_offer(arena, await app.pool.contestants(arena)),
        groups=[group.name for group in arena.groups],
    )


@router.get("/{slug}/me")
async def read_me(arena: ArenaDep, session: SessionDep, app: AppDep) -> MeOut:
    """Return this voter's progress and, after ten decisive votes, the mirror."""
    voter = await app.sessions.voter(session, arena)
    progress = await app.battles.progress(arena, voter)
    missing, mirror = await app.voting.mirror(session, arena, voter)
    return MeOut(
        progress=Progress(done=progress.done, total=progress.total),
        votes=await app.voting.votes_of(arena, voter),
        mirror_needs=missing,
        mirror=Mirror.model_validate(asdict(mirror)) if mirror else None,
    )


async def arena_out(app: App, arena: Arena) -> ArenaOut:
    """Present an arena as the picker shows it."""
    status, detail = await app.arena_status(arena)
    return ArenaOut(
        slug=arena.slug,
        title=arena.title,
        kind=arena.kind,
        read_only=arena.read_only,
        consent_version=arena.consent.version,
        question=arena.question,
        description=arena.description,
        notice=arena.notice,
        status=status,
        status_detail=detail,
        contestants=sum(c.enabled for c in await app.pool.contestants(arena)),
        prompts=len(await app.pool.prompts(arena)),
        votes=await app.boards.votes(
            arena, population="published" if arena.read_only else "people"
        ),
        modes=list(arena.modes),
    )
