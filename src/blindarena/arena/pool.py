"""Arenas with their contestants and prompts, kept in memory until something changes."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from blindarena.arena.ports import Arenas, ChatModels
from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.battles import Battle, Side
from blindarena.domain.comparison import compared_in
from blindarena.errors import BattleStateError, NotFoundError, NotReadyError


@dataclass(frozen=True, slots=True)
class Entry:
    """One arena as it is now; `everyone` and `ever` hold what is retired too."""

    arena: Arena
    everyone: dict[UUID, Contestant]
    current: tuple[Contestant, ...]
    prompts: dict[UUID, Prompt]
    ever: dict[UUID, Prompt]
    versions: dict[int, frozenset[tuple[str, str]]]

    def at(self, version: int) -> tuple[Contestant, ...]:
        """Return the contestants that a version compares."""
        if version == self.arena.version:
            return self.current
        then = self.versions.get(version, frozenset())
        return tuple(c for c in self.everyone.values() if (c.name, c.fingerprint) in then)


class ContestantPool:
    """Reads an arena once and answers from memory; `forget` after every change.

    Args:
        models: says which deployments can be asked now.
        unchanged: says whether the models behind a contestant are still those it was made with.
    """

    def __init__(
        self,
        *,
        arenas: Arenas,
        models: ChatModels,
        unchanged: Callable[[Contestant], bool] = lambda contestant: True,
    ) -> None:
        self._unchanged = unchanged
        self._arenas = arenas
        self._models = models
        self._entries: dict[UUID, Entry] = {}
        self._slugs: dict[str, UUID] = {}

    def forget(self) -> None:
        """Read everything afresh from now on."""
        self._entries.clear()
        self._slugs.clear()

    async def all(self) -> list[Arena]:
        """Return every arena, in order."""
        return await self._arenas.all()

    async def by_slug(self, slug: str) -> Arena:
        """Return an arena.

        Raises:
            NotFoundError: there is none of that name.
        """
        arena_id = self._slugs.get(slug)
        if arena_id is None:
            arena = await self._arenas.by_slug(slug)
            if arena is None:
                raise NotFoundError(f"there is no arena {slug!r}")
            arena_id = self._slugs[slug] = arena.id
        return (await self._entry(arena_id)).arena

    async def arena(self, arena_id: UUID) -> Arena:
        """Return an arena by id."""
        return (await self._entry(arena_id)).arena

    async def contestants(self, arena: Arena) -> tuple[Contestant, ...]:
        """Return the contestants of the arena's version, the disabled ones included."""
        return (await self._entry(arena.id)).at(arena.version)

    async def everyone(self, arena: Arena) -> tuple[Contestant, ...]:
        """Return the contestants of all times, those of the arena's version first."""
        entry = await self._entry(arena.id)
        if arena.version == entry.arena.version:
            return tuple(entry.everyone.values())  # stored in that order
        first = entry.at(arena.version)
        ids = {contestant.id for contestant in first}
        return (*first, *(c for c in entry.everyone.values() if c.id not in ids))

    async def contestant(self, arena: Arena, contestant_id: UUID) -> Contestant:
        """Return one contestant, retired or not."""
        entry = await self._entry(arena.id)
        if contestant_id not in entry.everyone:
            raise NotFoundError(f"there is no contestant {contestant_id} in {arena.title!r}")
        return entry.everyone[contestant_id]

    async def playing(self, arena: Arena, battle: Battle) -> dict[Side, Contestant]:
        """Return the sides of a battle that answer, as configured when it began.

        Raises:
            BattleStateError: the arena has changed since, and the models are others.
        """
        sides = {
            side: await self.contestant(arena, battle.contestant(side)) for side in battle.sides
        }
        if battle.version != arena.version and not all(map(self._unchanged, sides.values())):
            raise BattleStateError(
                "this arena has changed since the battle began, and its models are others now; "
                "please vote on what you see, or take the next battle"
            )
        return sides

    async def prompts(self, arena: Arena) -> tuple[Prompt, ...]:
        """Return the prepared prompts, by position."""
        return tuple((await self._entry(arena.id)).prompts.values())

    async def prompt(self, arena: Arena, prompt_id: UUID) -> Prompt:
        """Return one prepared prompt, retired or not: a battle ends with the one it began with."""
        entry = await self._entry(arena.id)
        if prompt_id not in entry.ever:
            raise NotFoundError("this prompt was withdrawn; please take the next one")
        return entry.ever[prompt_id]

    async def ready(self, arena: Arena, *, images: bool = False) -> list[Contestant]:
        """Return the enabled contestants that can answer now; with `images`, that take pictures.

        Raises:
            NotReadyError: fewer than two can, or the arena has got another version meanwhile.
        """
        entry = await self._entry(arena.id)
        if entry.arena.version != arena.version:
            raise NotReadyError("the arena has just been changed; please try again")
        contestants = entry.current
        enabled = [c for c in contestants if c.enabled and (c.images or not images)]
        if len(enabled) < 2:
            raise NotReadyError(
                f"{len(enabled)} of {len(contestants)} contestants are switched on; "
                "a battle needs two, the owner can switch them on"
            )
        ready = [c for c in enabled if self._models.available(c.deployments)]
        if len(ready) < 2:
            raise NotReadyError(
                f"{len(ready)} of {len(enabled)} contestants can answer at the moment; "
                "a battle needs two, please wait a little"
            )
        return ready

    async def _entry(self, arena_id: UUID) -> Entry:
        entry = self._entries.get(arena_id)
        if entry is None:
            arena = next((a for a in await self._arenas.all() if a.id == arena_id), None)
            if arena is None:
                raise NotFoundError(f"there is no arena {arena_id}")
            current = await self._arenas.contestants(arena_id)
            everyone = await self._arenas.contestants(arena_id, retired=True)
            prompts = await self._arenas.prompts(arena_id)
            ever = await self._arenas.prompts(arena_id, retired=True)
            versions = await self._arenas.versions(arena_id)
            entry = self._entries[arena_id] = Entry(
                arena=arena,
                everyone={c.id: c for c in everyone},
                current=tuple(current),
                prompts={p.id: p for p in prompts},
                ever={p.id: p for p in ever},
                versions={v.number: compared_in(v) for v in versions},
            )
        return entry
