"""From what a side gave to the answer that is stored."""

from collections.abc import Mapping
from uuid import UUID

from blindarena.arena.leaks import leaks_identity
from blindarena.arena.turns import SideResult
from blindarena.domain.arenas import Contestant
from blindarena.domain.battles import Answer, BattleStatus, Side, TurnStatus
from blindarena.domain.style import style_of


def answer_of(turn_id: UUID, side: Side, contestant: Contestant, result: SideResult) -> Answer:
    """Turn what a side gave into the answer that is stored."""
    text = "".join(result.text)
    end = result.finished
    ended = result.ended_at or result.started_at
    return Answer(
        turn_id=turn_id,
        side=side,
        contestant_id=contestant.id,
        text=text,
        style=style_of(text),
        deployment=end.deployment if end else None,
        finish_reason=end.finish_reason if end else ("stopped" if result.stopped else None),
        fault=result.fault,
        prompt_tokens=end.usage.prompt_tokens if end else None,
        completion_tokens=end.usage.completion_tokens if end else None,
        tokens_reported=end.usage.reported if end else False,
        ttft_s=end.ttft_s
        if end
        else (result.first_at - result.started_at if result.first_at else None),
        seconds=end.seconds if end else ended - result.started_at,
        cost_usd=end.cost_usd if end else None,
        price=end.price if end else None,
        leaked=leaks_identity(text, names=(contestant.name, *contestant.aliases)),
    )


def ended_as(
    results: Mapping[Side, SideResult], *, left: bool, earlier: bool
) -> tuple[TurnStatus, BattleStatus]:
    """Say what a turn and its battle are after the turn's end.

    Args:
        results: of both sides.
        left: the reader left before the end.
        earlier: another turn is complete already.
    """
    if left:
        return "interrupted", "votable" if earlier else "waiting"
    if any(result.fault for result in results.values()):
        return "failed", "failed"
    return "complete", "votable"
