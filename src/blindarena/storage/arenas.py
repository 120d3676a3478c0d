"""Arenas, contestants and prompts in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, Connection, RowMapping, bindparam, func, or_, select, update

from blindarena.domain.arenas import Arena, ArenaVersion, Contestant, Prompt, VersionDraft
from blindarena.storage.arena_versions import list_versions, take_version
from blindarena.storage.runner import Runner
from blindarena.storage.tables import arenas, contestants, prompts

_ARENAS = select(arenas.c.id, arenas.c.slug, arenas.c.settings)
_ALL = _ARENAS.order_by(arenas.c.position, arenas.c.id)
_BY_SLUG = _ARENAS.where(arenas.c.slug == bindparam("slug"))
_LISTED = (
    select(
        contestants.c.id,
        contestants.c.arena_id,
        contestants.c.name,
        contestants.c.switched,
        contestants.c.settings,
    )
    .where(contestants.c.arena_id == bindparam("arena_id"))
    .order_by(contestants.c.retired, contestants.c.position, contestants.c.name)
)
_CURRENT = _LISTED.where(contestants.c.retired.is_(False))
_PROMPT_FIELDS = tuple(field.name for field in fields(Prompt))
_PROMPTS = (
    select(*(prompts.c[name] for name in _PROMPT_FIELDS))
    .where(
        prompts.c.arena_id == bindparam("arena_id"),
        or_(prompts.c.retired.is_(False), bindparam("retired", type_=Boolean())),
    )
    .order_by(
        prompts.c.import_id.is_not(None), prompts.c.import_id, prompts.c.position, prompts.c.key
    )
)
_SAME_CONTESTANT = [contestants.c.arena_id, contestants.c.name, contestants.c.fingerprint]
_SWITCHED = select(contestants.c.name, contestants.c.switched).where(
    contestants.c.arena_id == bindparam("arena_id"),
    contestants.c.retired.is_(False),
    contestants.c.switched.is_not(None),
)
_ENABLE = (
    update(contestants)
    .where(contestants.c.id == bindparam("contestant"))
    .values(switched=bindparam("on"))
)


class Arenas:
    """Arenas, their contestants and their prompts, as configured."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        arena = runner.insert(arenas)
        self._put_arena = arena.on_conflict_do_update(
            index_elements=[arenas.c.slug], set_={"settings": arena.excluded.settings}
        )
        contestant = runner.insert(contestants)
        self._put_contestant = contestant.on_conflict_do_update(
            index_elements=_SAME_CONTESTANT,
            set_={
                "position": contestant.excluded.position,
                "retired": contestant.excluded.retired,
                "settings": contestant.excluded.settings,
                "switched": func.coalesce(contestant.excluded.switched, contestants.c.switched),
            },
        )
        prompt = runner.insert(prompts)
        kept = ("id", "arena_id", "key", "fingerprint")
        self._put_prompt = prompt.on_conflict_do_update(
            index_elements=[prompts.c.arena_id, prompts.c.key, prompts.c.fingerprint],
            set_={c.name: prompt.excluded[c.name] for c in prompts.c if c.name not in kept},
        )

    async def put(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        prompts: Sequence[Prompt],
        *,
        draft: VersionDraft | None = None,
    ) -> Arena:
        """Insert or update by slug, contestants by name, prompts by key; retire the rest.

        Imported prompts stay, and where there are some the arena's prompts are prepared.
        """

        def work(connection: Connection) -> Arena:
            return self._put(connection, arena, contestants, prompts, draft)

        return await self._run.write(work)

    async def all(self) -> list[Arena]:
        """Return all arenas in the order in which they were first put."""
        return await self._run.read(lambda c: [_arena(row) for row in c.execute(_ALL).mappings()])

    async def by_slug(self, slug: str) -> Arena | None:
        """Return one arena."""

        def work(connection: Connection) -> Arena | None:
            row = connection.execute(_BY_SLUG, {"slug": slug}).mappings().one_or_none()
            return None if row is None else _arena(row)

        return await self._run.read(work)

    async def contestants(self, arena_id: UUID, *, retired: bool = False) -> list[Contestant]:
        """Return the contestants of an arena, in order; with `retired`, the old ones at the end."""
        query = _LISTED if retired else _CURRENT
        return await self._run.read(
            lambda c: [
                _contestant(row) for row in c.execute(query, {"arena_id": arena_id}).mappings()
            ]
        )

    async def prompts(self, arena_id: UUID, *, retired: bool = False) -> list[Prompt]:
        """Return the prepared prompts of an arena, by position; with `retired`, those too."""
        values = {"arena_id": arena_id, "retired": retired}
        return await self._run.read(lambda c: [Prompt(*row) for row in c.execute(_PROMPTS, values)])

    async def versions(self, arena_id: UUID) -> list[ArenaVersion]:
        """Return the versions of an arena, the oldest first; none where it has no file."""
        return await self._run.read(lambda connection: list_versions(connection, arena_id))

    async def set_enabled(self, contestant_id: UUID, enabled: bool) -> None:
        """Switch a contestant on or off; an unknown one is left alone."""
        values = {"contestant": contestant_id, "on": enabled}
        await self._run.write(lambda connection: connection.execute(_ENABLE, values).close())

    def _put(
        self,
        connection: Connection,
        arena: Arena,
        given_contestants: Sequence[Contestant],
        given_prompts: Sequence[Prompt],
        draft: VersionDraft | None,
    ) -> Arena:
        last = connection.scalar(select(func.max(arenas.c.position)))
        connection.execute(
            self._put_arena,
            {
                "id": arena.id,
                "slug": arena.slug,
                "position": 0 if last is None else last + 1,
                "version": 0,
                "settings": arena,
            },
        )
        stored = _arena(connection.execute(_BY_SLUG, {"slug": arena.slug}).mappings().one())
        if draft is not None:
            number = take_version(connection, stored.id, draft, given_contestants, given_prompts)
            stored = replace(stored, version=number)
            same = arenas.c.id == stored.id
            connection.execute(update(arenas).where(same).values(settings=stored))
        # What the owner switched stays, also where the contestant of that name is a new one.
        switched = dict(connection.execute(_SWITCHED, {"arena_id": stored.id}).all())
        connection.execute(
            update(contestants).where(contestants.c.arena_id == stored.id).values(retired=True)
        )
        connection.execute(
            update(prompts)
            .where(prompts.c.arena_id == stored.id, prompts.c.import_id.is_(None))
            .values(retired=True)
        )
        if given_contestants:
            connection.execute(
                self._put_contestant,
                [
                    _contestant_row(contestant, stored.id, position, switched)
                    for position, contestant in enumerate(given_contestants)
                ],
            )
        if given_prompts:
            connection.execute(
                self._put_prompt,
                [_prompt_row(prompt, stored.id) for prompt in given_prompts],
            )
        return _with_imported(connection, stored)


def _with_imported(connection: Connection, stored: Arena) -> Arena:
    """Make the prompts of an arena prepared where an import brought some."""
    imported = prompts.c.import_id.is_not(None) & prompts.c.retired.is_(False)
    found = select(prompts.c.id).where(prompts.c.arena_id == stored.id, imported).limit(1)
    if stored.prompt_mode == "prepared" or connection.scalar(found) is None:
        return stored
    prepared = replace(stored, prompt_mode="prepared")
    connection.execute(update(arenas).where(arenas.c.id == stored.id).values(settings=prepared))
    return prepared


def _arena(row: RowMapping) -> Arena:
    arena = msgspec.convert(row["settings"], Arena)
    return replace(arena, id=row["id"], slug=row["slug"])


def _contestant(row: RowMapping) -> Contestant:
    contestant = msgspec.convert(row["settings"], Contestant)
    enabled = contestant.enabled if row["switched"] is None else row["switched"]
    return replace(
        contestant, id=row["id"], arena_id=row["arena_id"], name=row["name"], enabled=enabled
    )


def _contestant_row(
    contestant: Contestant, arena_id: UUID, position: int, switched: Mapping[str, bool]
) -> dict[str, Any]:
    return {
        "id": contestant.id,
        "arena_id": arena_id,
        "name": contestant.name,
        "position": position,
        "switched": switched.get(contestant.name),
        "retired": False,
        "settings": contestant,
        "fingerprint": contestant.fingerprint,
    }


def _prompt_row(prompt: Prompt, arena_id: UUID) -> dict[str, Any]:
    values = {name: getattr(prompt, name) for name in _PROMPT_FIELDS}
    return values | {"arena_id": arena_id, "retired": False}
