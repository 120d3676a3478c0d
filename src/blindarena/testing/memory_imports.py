"""Imports and prepared answers in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from blindarena.domain.arenas import Prompt
from blindarena.domain.comparison import prompt_fingerprint
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import Import, ImportedRow, PreparedAnswer, PreparedState
from blindarena.domain.style import style_of
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.testing.memory_arenas import named

if TYPE_CHECKING:
    from blindarena.testing.memory import MemoryArenas

_STATE = tuple(field.name for field in fields(PreparedState))


class MemoryPreparedAnswers:
    """One answer for each prompt and contestant."""

    def __init__(self) -> None:
        self.by_pair: dict[tuple[UUID, UUID], PreparedAnswer] = {}

    async def put(self, answer: PreparedAnswer) -> None:
        """Store an answer in place of the one there may be."""
        self.by_pair[answer.prompt_id, answer.contestant_id] = answer

    async def of_prompt(self, prompt_id: UUID) -> list[PreparedAnswer]:
        """Return the answers to a prompt in order of the contestants' ids, faults included."""
        found = [answer for (prompt, _), answer in self.by_pair.items() if prompt == prompt_id]
        return sorted(found, key=lambda answer: answer.contestant_id)

    async def states(self, arena_id: UUID) -> Mapping[tuple[UUID, UUID], PreparedState]:
        """Return what there is, without texts, by prompt and contestant."""
        return {
            pair: PreparedState(**{name: getattr(answer, name) for name in _STATE})
            for pair, answer in self.by_pair.items()
            if answer.arena_id == arena_id
        }


class MemoryImports:
    """Files of prompts that were taken into arenas."""

    def __init__(self, arenas: "MemoryArenas", prepared: MemoryPreparedAnswers) -> None:
        self._arenas = arenas
        self._prepared = prepared
        self._imports: dict[UUID, Import] = {}
        self._rows: dict[UUID, dict[int, ImportedRow]] = {}

    async def begin(self, made: Import) -> None:
        """Store a staged import without rows; abandoned ones of the arena are forgotten."""
        for old in list(self._imports.values()):
            late = old.created_at < made.created_at - timedelta(days=1)
            if (
                old.arena_id == made.arena_id
                and old.status == "staged"
                and (late or old.digest == made.digest)
            ):
                await self.discard(old.id)
        self._imports[made.id], self._rows[made.id] = made, {}

    async def stage(self, import_id: UUID, start: int, rows: Sequence[ImportedRow]) -> None:
        """Store rows `start`, `start` + 1, ... of a staged import."""
        self._rows[import_id] |= {start + at: row for at, row in enumerate(rows)}

    async def finish(self, import_id: UUID, at: datetime) -> Import:
        """Make the staged rows prompts of the arena; again is no error."""
        made = self._imports.get(import_id)
        if made is None:
            raise NotFoundError("there is no such import; please upload the file again")
        if made.status == "done":
            return made
        kept = self._arenas.configured(made.arena_id)
        assert kept is not None
        rows = self._rows.pop(import_id)
        own = {kept.prompts[name].key for name in kept.current_prompts}
        for row in rows.values():
            if row.key in own:
                raise InvalidInputError(
                    f"{made.name}: id {row.key!r} is that of a prompt in the arena's own file; "
                    "give another id, or take the prompt out of that file"
                )
        brought = {
            self._put(made, position, row, kept.prompts, at)
            for position, row in sorted(rows.items())
        }
        superseded = {
            made_before.id
            for made_before in self._imports.values()
            if made_before.arena_id == made.arena_id and made_before.digest == made.digest
        } - {import_id}
        keys = {row.key for row in rows.values()}
        gone = {
            name
            for name in kept.imported
            if kept.prompts[name].import_id in superseded or kept.prompts[name].key in keys
        }
        kept.imported = (kept.imported - gone) | brought
        kept.arena = replace(kept.arena, prompt_mode="prepared")
        self._imports[import_id] = made = replace(made, status="done", done_at=at)
        return made

    async def discard(self, import_id: UUID) -> None:
        """Forget a staged import; a done one stays."""
        found = self._imports.get(import_id)
        if found is not None and found.status == "staged":
            del self._imports[import_id], self._rows[import_id]

    async def get(self, import_id: UUID) -> Import | None:
        """Return one import."""
        return self._imports.get(import_id)

    async def of_arena(self, arena_id: UUID) -> list[Import]:
        """Return an arena's imports, newest first."""
        found = [made for made in self._imports.values() if made.arena_id == arena_id]
        return sorted(found, key=lambda made: (made.created_at, made.id), reverse=True)

    def _put(
        self,
        made: Import,
        position: int,
        row: ImportedRow,
        prompts: dict[str, Prompt],
        at: datetime,
    ) -> str:
        made_prompt = Prompt(
            id=uuid7(),
            arena_id=made.arena_id,
            key=row.key,
            text=row.text,
            title=row.title,
            category=row.category,
            language=row.language,
            policy=row.policy,
            position=position,
            fingerprint=prompt_fingerprint(row.text, row.policy),
            import_id=made.id,
        )
        name = named(row.key, made_prompt)
        old = prompts.get(name, made_prompt)
        prompts[name] = prompt = replace(made_prompt, id=old.id)
        for given in row.answers:
            self._prepared.by_pair[prompt.id, given.contestant_id] = PreparedAnswer(
                prompt_id=prompt.id,
                contestant_id=given.contestant_id,
                arena_id=made.arena_id,
                source="import",
                text=given.text,
                style=style_of(given.text),
                created_at=at,
                leaked=given.leaked,
            )
        return name
