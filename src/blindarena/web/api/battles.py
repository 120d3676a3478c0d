"""Battles: start, stream a turn, stop, skip, vote."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request

from blindarena.arena.prompts import Progress as VoterProgress
from blindarena.domain.arenas import Prompt
from blindarena.domain.battles import TurnRecord
from blindarena.domain.images import Picture
from blindarena.web.api.images import files_in, images_of, images_out
from blindarena.web.api.schemas import (
    BattleIn,
    BattleOut,
    BattleState,
    NamesOut,
    Progress,
    PromptOut,
    RevealOut,
    StatusOut,
    StopIn,
    TurnIn,
    TurnOut,
)
from blindarena.web.api.schemas.guards import CHALLENGED
from blindarena.web.deps import AppDep, ArenaDep, ChangeDep, SessionDep, SolutionDep, address
from blindarena.web.sse import EventStream

router = APIRouter(prefix="/api", tags=["battles"])
_SSE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@router.post("/arenas/{slug}/battles", status_code=201, responses=CHALLENGED)
async def start_battle(
    body: BattleIn,
    request: Request,
    arena: ArenaDep,
    session: ChangeDep,
    app: AppDep,
    x_challenge: SolutionDep = None,
) -> BattleOut:
    """Draw two contestants; who they are stays on the server until the vote.

    In a named mode the voter chooses them instead.
    """
    app.limits.battles.spend(str(session.id))
    app.limits.battles_by_address.spend(address(request))
    await app.guards.challenges.before_battle(x_challenge, arena, session)
    if body.mode != "battle":
        named = await app.named.start(session, arena, mode=body.mode, names=body.contestants)
        return BattleOut(
            battle_id=named.id,
            mode=named.mode,
            contestants=names_out(await app.named.names(arena, named)),
            prompt=None,
            ticket=None,
            progress=Progress(done=0, total=0),
            images=named.images,
        )
    started = await app.battles.start(session, arena, images=body.images)
    return BattleOut(
        battle_id=started.battle.id,
        mode=started.battle.mode,
        contestants=None,
        prompt=started.prompt.text if started.prompt else None,
        ticket=prompt_out(started.prompt) if started.prompt else None,
        progress=_progress(started.progress),
        images=started.battle.images,
    )


@router.get("/battles/{battle_id}")
async def read_battle(battle_id: UUID, session: SessionDep, app: AppDep) -> BattleState:
    """Return a battle as its voter may see it."""
    battle = await app.battles.mine(session, battle_id)
    arena = await app.pool.arena(battle.arena_id)
    prompt = next((p for p in await app.pool.prompts(arena) if p.id == battle.prompt_id), None)
    reveal = await app.voting.revealed(arena, battle)
    return BattleState(
        battle_id=battle.id,
        mode=battle.mode,
        contestants=names_out(await app.named.names(arena, battle)),
        prompt=prompt.text if prompt else None,
        ticket=prompt_out(prompt) if prompt else None,
        progress=_progress(await app.battles.progress(arena, battle.voter)),
        images=battle.images,
        status=battle.status,
        turns=_latest(
            app.battles.screening.shown(arena, battle_id, await app.battles.turns(battle_id)),
            await images_of(app, battle_id, any_=battle.images),
        ),
        reveal=RevealOut.model_validate(asdict(reveal)) if reveal else None,
    )


@router.post(
    "/battles/{battle_id}/turns", status_code=200, response_class=EventStream, responses=_SSE
)
async def send_turn(
    battle_id: UUID,
    session: ChangeDep,
    app: AppDep,
    body: Annotated[TurnIn | None, Body()] = None,
) -> EventStream:
    """Send a message to both contestants and stream both answers as server-sent events.

    Events: `delta {side, text}`, `side_done {side}`, `turn_done {turn}`,
    `error {side?, title, detail}`, and first `message_changed {content, replaced}` where personal
    data in the message were replaced. The content is ignored where the prompt is prepared.

    422 `personal-data-confirm` asks whether to send it all the same (`confirm`), `personal-data`
    refuses it; `found` says how many of what. Nothing was sent or stored then.
    """
    given = body or TurnIn()
    return EventStream(
        await app.battles.send(
            session,
            battle_id,
            given.content,
            confirmed=given.confirm,
            files=None if given.keep_images else await files_in(given.images),
        )
    )


@router.post(
    "/battles/{battle_id}/regenerate",
    status_code=200,
    response_class=EventStream,
    responses=_SSE,
)
async def regenerate(battle_id: UUID, session: ChangeDep, app: AppDep) -> EventStream:
    """Let both sides answer the last message again, before the vote; streams as a turn does.

    The answers until now are kept in the data and shown no more.
    """
    app.limits.battles.spend(str(session.id))
    return EventStream(await app.battles.regenerate(session, battle_id))


@router.post("/battles/{battle_id}/stop")
async def stop_battle(
    battle_id: UUID, session: ChangeDep, app: AppDep, body: Annotated[StopIn | None, Body()] = None
) -> StatusOut:
    """Stop one side, or both, of the running turn; what is written so far is the answer."""
    return StatusOut(status=await app.battles.stop(session, battle_id, body.side if body else None))


@router.post("/battles/{battle_id}/skip")
async def skip_battle(battle_id: UUID, session: ChangeDep, app: AppDep) -> StatusOut:
    """Give a battle up without a vote."""
    return StatusOut(status=await app.battles.skip(session, battle_id))


def _progress(progress: VoterProgress) -> Progress:
    return Progress(done=progress.done, total=progress.total)


def names_out(names: Mapping[str, str] | None) -> NamesOut | None:
    """Present the names of a named battle."""
    return None if names is None else NamesOut(a=names["a"], b=names.get("b"))


def prompt_out(prompt: Prompt) -> PromptOut:
    """Present a prepared prompt."""
    return PromptOut(
        key=prompt.key,
        text=prompt.text,
        title=prompt.title,
        category=prompt.category,
        language=prompt.language,
        policy=prompt.policy,
    )


def _latest(
    turns: Sequence[TurnRecord], pictures: Mapping[int, Sequence[Picture]]
) -> list[TurnOut]:
    """Keep the last attempt of each turn."""
    latest = {record.turn.number: record for record in turns}
    replaced = Counter(r.turn.number for r in turns if r.turn.status == "replaced")
    return [
        TurnOut(
            number=number,
            content=record.turn.content,
            status=record.turn.status,
            replaced=replaced[number],
            a=record.answers["a"].text if "a" in record.answers else "",
            b=record.answers["b"].text if "b" in record.answers else "",
            images=images_out(pictures.get(number, ())),
        )
        for number, record in sorted(latest.items())
    ]
