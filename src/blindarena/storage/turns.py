"""Turns and answers in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from blindarena.domain.battles import NAMED, Answer, BattleStatus, Turn, TurnRecord, TurnStatus
from blindarena.domain.boards import ContestantStats
from blindarena.domain.style import Style
from blindarena.domain.tallies import stats_of
from blindarena.storage.health_tables import contestant_stats
from blindarena.storage.runner import Insert, Runner
from blindarena.storage.tables import answers, arenas, battles, turns

_TURN_FIELDS = tuple(field.name for field in fields(Turn))
_STYLE_FIELDS = tuple(field.name for field in fields(Style))
_ANSWER_FIELDS = tuple(field.name for field in fields(Answer) if field.name != "style")
_STATS = tuple(field.name for field in fields(ContestantStats) if field.name != "contestant_id")

ALL_TURNS = (
    select(
        *(turns.c[name] for name in _TURN_FIELDS),
        *(answers.c[name].label(f"answer_{name}") for name in _ANSWER_FIELDS),
        *(answers.c[name] for name in _STYLE_FIELDS),
    )
    .select_from(turns.outerjoin(answers))
    .where(turns.c.battle_id == bindparam("battle"))
    .order_by(turns.c.number, turns.c.attempt, answers.c.side)
)
_CLOSE_TURN = (
    update(turns)
    .where(turns.c.id == bindparam("turn"), turns.c.status == "streaming")
    .values(status=bindparam("to"))
    .returning(
        turns.c.battle_id,
        select(battles.c.mode).where(battles.c.id == turns.c.battle_id).scalar_subquery(),
    )
)
_MOVE_BATTLE = (
    update(battles)
    .where(battles.c.id == bindparam("battle"), battles.c.status == "streaming")
    .values(status=bindparam("to"))
)
_ADD_ANSWERS = insert(answers)
_BUMP = (
    update(arenas)
    .where(
        arenas.c.id
        == select(battles.c.arena_id).where(battles.c.id == bindparam("battle")).scalar_subquery()
    )
    .values(version=arenas.c.version + 1)
)


class TurnEnd:
    """The end of a turn, one transaction's work."""

    def __init__(self, runner: Runner) -> None:
        self._add_stats = add_stats(runner)

    def __call__(
        self,
        connection: Connection,
        turn_id: UUID,
        given: Sequence[Answer],
        rows: Sequence[Mapping[str, Any]],
        status: TurnStatus,
        battle_status: BattleStatus,
    ) -> None:
        """Close the turn, keep its answers, move its battle, add to the sums."""
        closed = connection.execute(_CLOSE_TURN, {"turn": turn_id, "to": status}).one_or_none()
        if closed is None:
            return
        battle_id, mode = closed
        connection.execute(_MOVE_BATTLE, {"battle": battle_id, "to": battle_status})
        if not rows:
            return
        connection.execute(_ADD_ANSWERS, list(rows))
        if status != "interrupted" and mode not in NAMED:
            sums = sorted((asdict(stats_of(answer)) for answer in given), key=_contestant_id)
            connection.execute(self._add_stats, sums)
            connection.execute(_BUMP, {"battle": battle_id})


def _contestant_id(row: Mapping[str, Any]) -> Any:
    """Order rows that are locked one after the other, so that two processes cannot deadlock."""
    return row["contestant_id"]


def add_stats(runner: Runner) -> Insert:
    """Return the statement that adds rows of `ContestantStats` to what is there."""
    stats = runner.insert(contestant_stats)
    return stats.on_conflict_do_update(
        index_elements=[contestant_stats.c.contestant_id],
        set_={name: contestant_stats.c[name] + stats.excluded[name] for name in _STATS},
    )


def turn_row(turn: Turn) -> dict[str, Any]:
    """Return a turn's columns."""
    return {name: getattr(turn, name) for name in _TURN_FIELDS}


def answer_row(answer: Answer) -> dict[str, Any]:
    """Return an answer's columns; the style facts have one each."""
    row = {name: getattr(answer, name) for name in _ANSWER_FIELDS}
    return row | {name: getattr(answer.style, name) for name in _STYLE_FIELDS}


def turn_records(rows: Iterable[Sequence[Any]]) -> list[TurnRecord]:
    """Gather turns from rows with at most one answer each, in the order given."""
    records: list[TurnRecord] = []
    turn_size, answer_end = len(_TURN_FIELDS), len(_TURN_FIELDS) + len(_ANSWER_FIELDS)
    for row in rows:
        if not records or records[-1].turn.id != row[0]:
            records.append(TurnRecord(turn=Turn(*row[:turn_size]), answers={}))
        values = dict(zip(_ANSWER_FIELDS, row[turn_size:answer_end], strict=True))
        if values["side"] is not None:
            records[-1].answers[values["side"]] = Answer(**values, style=Style(*row[answer_end:]))
    return records
