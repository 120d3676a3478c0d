"""Imports in SQL: rows are staged in batches, then one transaction makes them prompts."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from blindarena.domain.comparison import prompt_fingerprint
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import Import, ImportedRow, PreparedAnswer
from blindarena.domain.style import style_of
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.storage.import_tables import import_rows, imports
from blindarena.storage.prepared import answer_row, put_answers
from blindarena.storage.runner import Runner
from blindarena.storage.tables import arenas, prompts

PAGE = 500
KEPT_STAGED = timedelta(days=1)
_FIELDS = tuple(field.name for field in fields(Import))
_IMPORTS = select(*(imports.c[name] for name in _FIELDS))
_BY_ID = _IMPORTS.where(imports.c.id == bindparam("import_id"))
_OF_ARENA = _IMPORTS.where(imports.c.arena_id == bindparam("arena_id")).order_by(
    imports.c.created_at.desc(), imports.c.id.desc()
)
_PAGE = (
    select(import_rows.c.document)
    .where(
        import_rows.c.import_id == bindparam("import_id"),
        import_rows.c.position >= bindparam("start"),
        import_rows.c.position < bindparam("end"),
    )
    .order_by(import_rows.c.position)
)
_PROMPT_COLUMNS = ("title", "text", "category", "language", "policy", "position", "retired")


class Imports:
    """Files of prompts that were taken into arenas."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        put = runner.insert(prompts)
        self._put_prompts = put.on_conflict_do_update(
            index_elements=[prompts.c.id],
            set_={name: put.excluded[name] for name in (*_PROMPT_COLUMNS, "import_id")},
        )
        self._put_answers = put_answers(runner)

    async def begin(self, made: Import) -> None:
        """Store a staged import without rows; abandoned ones of the arena are forgotten.

        Abandoned is a staged import of the same file, or one that is older than a day.
        """

        def work(connection: Connection) -> None:
            connection.execute(
                delete(imports).where(
                    imports.c.arena_id == made.arena_id,
                    imports.c.status == "staged",
                    (imports.c.digest == made.digest)
                    | (imports.c.created_at < made.created_at - KEPT_STAGED),
                )
            )
            connection.execute(insert(imports), {name: getattr(made, name) for name in _FIELDS})

        await self._run.write(work)

    async def stage(self, import_id: UUID, start: int, rows: Sequence[ImportedRow]) -> None:
        """Store rows `start`, `start` + 1, ... of a staged import."""
        given = [
            {"import_id": import_id, "position": start + at, "document": row}
            for at, row in enumerate(rows)
        ]
        if given:
            await self._run.write(lambda c: c.execute(insert(import_rows), given).close())

    async def finish(self, import_id: UUID, at: datetime) -> Import:
        """Make the staged rows prompts of the arena, in one transaction; again is no error.

        A prompt with the same key and text keeps its id and its answers; one whose text changed is
        another prompt, and the old one is retired, as is what an earlier import of the same file
        brought and this one does not.

        Raises:
            NotFoundError: there is no such import.
            InvalidInputError: a key is that of a prompt from the arena's file.
        """
        return await self._run.write(lambda connection: self._finish(connection, import_id, at))

    async def discard(self, import_id: UUID) -> None:
        """Forget a staged import; a done one stays."""
        staged = delete(imports).where(imports.c.id == import_id, imports.c.status == "staged")
        await self._run.write(lambda connection: connection.execute(staged).close())

    async def get(self, import_id: UUID) -> Import | None:
        """Return one import."""
        return await self._run.read(lambda connection: _get(connection, import_id))

    async def of_arena(self, arena_id: UUID) -> list[Import]:
        """Return an arena's imports, newest first."""
        return await self._run.read(
            lambda c: [Import(*row) for row in c.execute(_OF_ARENA, {"arena_id": arena_id})]
        )

    def _finish(self, connection: Connection, import_id: UUID, at: datetime) -> Import:
        made = _get(connection, import_id)
        if made is None:
            raise NotFoundError("there is no such import; please upload the file again")
        if made.status == "done":
            return made
        for start, rows in _pages(connection, import_id):
            self._put_page(connection, made, start, rows, at)
        connection.execute(
            update(prompts)
            .where(
                prompts.c.import_id.in_(
                    select(imports.c.id).where(
                        imports.c.arena_id == made.arena_id,
                        imports.c.digest == made.digest,
                        imports.c.id != import_id,
                    )
                )
            )
            .values(retired=True)
        )
        connection.execute(delete(import_rows).where(import_rows.c.import_id == import_id))
        connection.execute(
            update(imports).where(imports.c.id == import_id).values(status="done", done_at=at)
        )
        _make_prepared(connection, made.arena_id)
        return replace(made, status="done", done_at=at)

    def _put_page(
        self,
        connection: Connection,
        made: Import,
        start: int,
        rows: Sequence[ImportedRow],
        at: datetime,
    ) -> None:
        fingerprints = [prompt_fingerprint(row.text, row.policy) for row in rows]
        keys = [row.key for row in rows]
        known = connection.execute(
            select(
                prompts.c.id,
                prompts.c.key,
                prompts.c.fingerprint,
                prompts.c.import_id,
                prompts.c.retired,
            ).where(prompts.c.arena_id == made.arena_id, prompts.c.key.in_(keys))
        ).all()
        taken = next((one for one in known if one.import_id is None and not one.retired), None)
        if taken is not None:
            raise InvalidInputError(
                f"{made.name}: id {taken.key!r} is that of a prompt in the arena's own file; "
                "give another id, or take the prompt out of that file"
            )
        same = {(one.key, one.fingerprint): one.id for one in known}
        pairs = zip(rows, fingerprints, strict=True)
        ids = {row.key: same.get((row.key, mark)) or uuid7() for row, mark in pairs}
        connection.execute(
            update(prompts)
            .where(prompts.c.arena_id == made.arena_id, prompts.c.key.in_(keys))
            .values(retired=True)
        )
        connection.execute(
            self._put_prompts,
            [
                {
                    "id": ids[row.key],
                    "arena_id": made.arena_id,
                    "key": row.key,
                    "fingerprint": mark,
                    "import_id": made.id,
                    "title": row.title,
                    "text": row.text,
                    "category": row.category,
                    "language": row.language,
                    "policy": row.policy,
                    "position": start + place,
                    "retired": False,
                }
                for place, (row, mark) in enumerate(zip(rows, fingerprints, strict=True))
            ],
        )
        answers = [
            answer_row(imported_answer(row, ids[row.key], made.arena_id, number, at))
            for row in rows
            for number in range(len(row.answers))
        ]
        if answers:
            connection.execute(self._put_answers, answers)


def imported_answer(
    row: ImportedRow, prompt_id: UUID, arena_id: UUID, number: int, at: datetime
) -> PreparedAnswer:
    """Return one of a row's answers as it is kept; nothing of it was measured."""
    given = row.answers[number]
    return PreparedAnswer(
        prompt_id=prompt_id,
        contestant_id=given.contestant_id,
        arena_id=arena_id,
        source="import",
        text=given.text,
        style=style_of(given.text),
        created_at=at,
        leaked=given.leaked,
    )


def _get(connection: Connection, import_id: UUID) -> Import | None:
    row = connection.execute(_BY_ID, {"import_id": import_id}).one_or_none()
    return None if row is None else Import(*row)


def _pages(connection: Connection, import_id: UUID) -> Iterator[tuple[int, list[ImportedRow]]]:
    start = 0
    while True:
        values = {"import_id": import_id, "start": start, "end": start + PAGE}
        found = connection.scalars(_PAGE, values).all()
        if not found:
            return
        yield start, [msgspec.convert(document, ImportedRow) for document in found]
        start += PAGE


def _make_prepared(connection: Connection, arena_id: UUID) -> None:
    """Let the arena's battles take the prompts that are prepared now."""
    settings: dict[str, Any] = connection.execute(
        select(arenas.c.settings).where(arenas.c.id == arena_id)
    ).scalar_one()
    connection.execute(
        update(arenas)
        .where(arenas.c.id == arena_id)
        .values(settings=settings | {"prompt_mode": "prepared"}, version=arenas.c.version + 1)
    )
