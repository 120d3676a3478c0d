"""Battles in SQL; their turns are in `turns`."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from blindarena.domain.battles import Answer, Battle, BattleStatus, Turn, TurnRecord, TurnStatus
from blindarena.domain.images import SentPicture
from blindarena.storage.images import put_images
from blindarena.storage.runner import Runner
from blindarena.storage.tables import battles, turns
from blindarena.storage.turns import ALL_TURNS, TurnEnd, answer_row, turn_records, turn_row

_FIELDS = tuple(field.name for field in fields(Battle))
_ADD = insert(battles)
_GET = select(*(battles.c[name] for name in _FIELDS)).where(battles.c.id == bindparam("battle"))
_MOVE = (
    update(battles)
    .where(
        battles.c.id == bindparam("battle"),
        battles.c.status.in_(bindparam("allowed", expanding=True)),
    )
    .values(status=bindparam("to"))
)
_ADD_TURN = insert(turns)
_REPLACE = (
    update(turns)
    .where(turns.c.id == bindparam("turn"), turns.c.status == "complete")
    .values(status="replaced")
)
_PROMPTS_SEEN = (
    select(battles.c.prompt_id, battles.c.status)
    .where(
        battles.c.arena_id == bindparam("arena_id"),
        battles.c.voter == bindparam("voter"),
        battles.c.prompt_id.is_not(None),
        battles.c.mode != "queue",  # which gives each prompt several times
        battles.c.version == bindparam("version"),
    )
    .order_by(battles.c.created_at, battles.c.id)
)
_INTERRUPT = update(turns).where(turns.c.status == "streaming").values(status="interrupted")
_COMPLETE = exists().where(turns.c.battle_id == battles.c.id, turns.c.status == "complete")
_STREAMING = update(battles).where(battles.c.status == "streaming")
_REOPEN = (
    _STREAMING.where(_COMPLETE).values(status="votable"),
    _STREAMING.values(status="waiting"),
)


class Battles:
    """Battles, their turns and answers."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._end = TurnEnd(runner)

    async def add(self, battle: Battle) -> None:
        """Store a new battle."""
        values = battle_row(battle)
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def get(self, battle_id: UUID) -> Battle | None:
        """Return one battle."""

        def work(connection: Connection) -> Battle | None:
            row = connection.execute(_GET, {"battle": battle_id}).one_or_none()
            return None if row is None else Battle(*row)

        return await self._run.read(work)

    async def move(
        self, battle_id: UUID, *, to: BattleStatus, allowed: Sequence[BattleStatus]
    ) -> bool:
        """Change the status if it is one of `allowed` now; say whether it was."""
        values = {"battle": battle_id, "to": to, "allowed": list(allowed)}
        return await self._run.write(lambda c: c.execute(_MOVE, values).rowcount == 1)

    async def start_turn(
        self,
        turn: Turn,
        *,
        replaces: Turn | None = None,
        images: Sequence[SentPicture] | None = None,
    ) -> bool:
        """Store a turn and move its battle to streaming; False stores nothing."""
        values = {"battle": turn.battle_id, "to": "streaming", "allowed": ["waiting", "votable"]}

        def work(connection: Connection) -> bool:
            if connection.execute(_MOVE, values).rowcount == 0:
                return False
            if replaces is not None:
                connection.execute(_REPLACE, {"turn": replaces.id})
            connection.execute(_ADD_TURN, turn_row(turn))
            if images is not None:
                put_images(connection, turn.battle_id, turn.number, images)
            return True

        return await self._run.write(work)

    async def end_turn(
        self,
        turn_id: UUID,
        answers: Sequence[Answer],
        *,
        status: TurnStatus,
        battle_status: BattleStatus,
    ) -> None:
        """Store the answers, the new status of turn and battle, and the contestants' sums.

        A turn that has ended already stays as it is, and a battle that has left `streaming`
        meanwhile (skipped) keeps its status.
        """
        rows = [answer_row(answer) for answer in answers]

        def work(connection: Connection) -> None:
            self._end(connection, turn_id, answers, rows, status, battle_status)

        await self._run.write(work)

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return all turns in order of number and attempt, with their answers."""
        return await self._run.read(
            lambda c: turn_records(c.execute(ALL_TURNS, {"battle": battle_id}))
        )

    async def prompts_seen(
        self, arena_id: UUID, voter: str, *, version: int = 1
    ) -> Mapping[UUID, BattleStatus]:
        """Return each prompt this voter met with its battle's status, the oldest battle first."""
        values = {"arena_id": arena_id, "voter": voter, "version": version}

        def work(connection: Connection) -> dict[UUID, BattleStatus]:
            seen: dict[UUID, BattleStatus] = {}
            for prompt_id, status in connection.execute(_PROMPTS_SEEN, values):
                if seen.get(prompt_id) != "voted":
                    seen.pop(prompt_id, None)  # the latest decides the place too
                    seen[prompt_id] = status
            return seen

        return await self._run.read(work)

    async def reset_streaming(self) -> int:
        """Close what a killed process left; return how many turns were closed."""

        def work(connection: Connection) -> int:
            closed = connection.execute(_INTERRUPT).rowcount
            for reopen in _REOPEN:
                connection.execute(reopen)
            return closed

        return await self._run.write(work)


def battle_row(battle: Battle) -> dict[str, Any]:
    """Return a battle's columns."""
    return {name: getattr(battle, name) for name in _FIELDS}
