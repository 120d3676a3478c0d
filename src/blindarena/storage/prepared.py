"""Prepared answers in SQL."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from blindarena.domain.imports import PreparedAnswer, PreparedState
from blindarena.domain.style import Style
from blindarena.storage.import_tables import prepared_answers
from blindarena.storage.runner import Insert, Runner

_STYLE = tuple(field.name for field in fields(Style))
_OWN = tuple(field.name for field in fields(PreparedAnswer) if field.name != "style")
_STATE = tuple(field.name for field in fields(PreparedState))
_KEY = ("prompt_id", "contestant_id")
_ALL = (
    select(*(prepared_answers.c[name] for name in (*_OWN, *_STYLE)))
    .where(prepared_answers.c.prompt_id == bindparam("prompt_id"))
    .order_by(prepared_answers.c.contestant_id)
)
_STATES = select(*(prepared_answers.c[name] for name in (*_KEY, *_STATE))).where(
    prepared_answers.c.arena_id == bindparam("arena_id")
)


class PreparedAnswers:
    """One answer for each prompt and contestant; a later one replaces it."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._put = put_answers(runner)

    async def put(self, answer: PreparedAnswer) -> None:
        """Store an answer in place of the one there may be."""
        row = answer_row(answer)
        await self._run.write(lambda connection: connection.execute(self._put, row).close())

    async def of_prompt(self, prompt_id: UUID) -> list[PreparedAnswer]:
        """Return the answers to a prompt in order of the contestants' ids, faults included."""
        return await self._run.read(lambda connection: answers_to(connection, prompt_id))

    async def states(self, arena_id: UUID) -> Mapping[tuple[UUID, UUID], PreparedState]:
        """Return what there is, without texts, by prompt and contestant."""

        def work(connection: Connection) -> dict[tuple[UUID, UUID], PreparedState]:
            rows = connection.execute(_STATES, {"arena_id": arena_id})
            return {(row[0], row[1]): PreparedState(*row[2:]) for row in rows}

        return await self._run.read(work)


def answers_to(connection: Connection, prompt_id: UUID) -> list[PreparedAnswer]:
    """Return the answers to a prompt in order of the contestants' ids."""
    return [_answer(row) for row in connection.execute(_ALL, {"prompt_id": prompt_id})]


def put_answers(runner: Runner) -> Insert:
    """Return the statement that inserts prepared answers or replaces them."""
    put = runner.insert(prepared_answers)
    return put.on_conflict_do_update(
        index_elements=[prepared_answers.c[name] for name in _KEY],
        set_={c.name: put.excluded[c.name] for c in prepared_answers.c if c.name not in _KEY},
    )


def answer_row(answer: PreparedAnswer) -> dict[str, Any]:
    """Return an answer's columns; the style facts have one each."""
    row = {name: getattr(answer, name) for name in _OWN}
    return row | {name: getattr(answer.style, name) for name in _STYLE}


def _answer(row: Any) -> PreparedAnswer:
    values = dict(zip(_OWN, row[: len(_OWN)], strict=True))
    return PreparedAnswer(**values, style=Style(*row[len(_OWN) :]))
