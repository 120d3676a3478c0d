"""Puts plans of arenas into the database: their versions, their consent, what is told of it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from blindarena.arena.pool import ContestantPool
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.plan import ArenaPlan
from blindarena.bootstrap.versions import draft_of
from blindarena.domain.arenas import Arena, ArenaVersion, PiiMode
from blindarena.domain.comparison import Models
from blindarena.domain.consent import consent_of
from blindarena.errors import NotFoundError
from blindarena.storage.database import Database

log = logging.getLogger("blindarena")


class ArenaStore:
    """Keeps the plans of all arenas and writes them down.

    Args:
        plans: by slug; replaced where an arena's file is.
        models: what stands behind the deployments, see `model_identities`.
    """

    def __init__(
        self,
        *,
        database: Database,
        fleet: Fleet,
        pool: ContestantPool,
        plans: dict[str, ArenaPlan],
        models: Models,
        now: Callable[[], datetime],
    ) -> None:
        self.plans = plans
        self._database = database
        self._fleet = fleet
        self._pool = pool
        self._models = models
        self._now = now

    async def put(self, plan: ArenaPlan, *, who: str = "Server") -> Arena:
        """Store an arena with the consent that its enabled contestants make necessary.

        Where it has a file, what it compares decides its version; a new one, and another KPI,
        are told in the log and in the audit log. To be called after an import of prompts too.

        Returns:
            The arena as stored.
        """
        arenas = self._database.arenas
        before = await arenas.by_slug(plan.arena.slug)
        arena, contestants, prompts, draft = plan.arena, plan.contestants, plan.prompts, None
        if plan.file is not None:
            present = await arenas.prompts(before.id) if before else []
            contestants, prompts, draft = draft_of(
                plan,
                [prompt for prompt in present if prompt.import_id is not None],
                self._models,
                at=self._now(),
                who=who,
            )
            arena = replace(arena, kpi_since=self._kpi_since(arena, before))
        stored = await arenas.put(arena, contestants, prompts, draft=draft)
        enabled = [c for c in await arenas.contestants(stored.id) if c.enabled]
        consent = consent_of(
            arena.slug,
            text=arena.consent.text,
            recipients=self._fleet.recipients(enabled),
            label=arena.consent.label,
            handling=_handling(arena),
        )
        arena = replace(arena, consent=consent)
        stored = await arenas.put(arena, contestants, prompts, draft=draft)
        self.plans[arena.slug] = plan
        self._pool.forget()
        if before is not None:
            await self._tell(before, stored, who)
        return stored

    async def would_be(self, plan: ArenaPlan) -> tuple[int, bool]:
        """Return the version that a plan would have, and whether that is a new one."""
        arena = await self._database.arenas.by_slug(plan.arena.slug)
        if arena is None:
            raise NotFoundError(f"there is no arena {plan.arena.slug!r}")
        present = await self._database.arenas.prompts(arena.id)
        imported = [prompt for prompt in present if prompt.import_id is not None]
        _, _, draft = draft_of(plan, imported, self._models, at=self._now(), who="")
        known = await self.versions(arena)
        same = next((version.number for version in known if version.hash == draft.hash), None)
        if same is not None:
            return same, False
        return max((version.number for version in known), default=0) + 1, True

    async def refresh(self, slug: str, *, who: str = "Server") -> Arena:
        """Look again at what an arena compares, after an import has changed its prompts."""
        return await self.put(self.plans[slug], who=who)

    async def versions(self, arena: Arena) -> list[ArenaVersion]:
        """Return the versions of an arena, the oldest first; none where it has no file."""
        return await self._database.arenas.versions(arena.id)

    async def at_version(self, arena: Arena, number: int | None) -> Arena:
        """Return an arena as of one of its versions, for boards; None is the current one.

        Raises:
            NotFoundError: there is no such version.
        """
        if number is None or number == arena.version:
            return arena
        if number not in [version.number for version in await self.versions(arena)]:
            raise NotFoundError(f"{arena.title!r} has no version {number}")
        return replace(arena, version=number)

    async def note(self, *, who: str, what: str, detail: str) -> None:
        """Append a line to the audit log."""
        await self._database.audit.add(at=self._now(), who=who, what=what, detail=detail)

    def _kpi_since(self, arena: Arena, before: Arena | None) -> datetime:
        if before is None or before.kpi_since is None or _decides(before) != _decides(arena):
            return self._now()
        return before.kpi_since

    async def _tell(self, before: Arena, after: Arena, who: str) -> None:
        told: list[tuple[str, str]] = []
        if before.version != after.version:
            again = "back to" if after.version < before.version else "now"
            told.append(
                (
                    f"Changed what is compared: {again} version {after.version}",
                    f"{after.slug}: votes of version {before.version} are kept apart",
                )
            )
        if before.kpi_since is not None and _decides(before) != _decides(after):
            told.append(
                ("Changed what decides", f"{after.slug}: {_decides(before)} -> {_decides(after)}")
            )
        for what, detail in told:
            log.warning("%s (%s)", what, detail)
            await self.note(who=who, what=what, detail=detail)


def _decides(arena: Arena) -> str:
    margin = arena.margin if arena.kpi == "rating" else arena.kpi_margin
    return arena.kpi if margin is None else f"{arena.kpi}, margin {margin:g}"


def _handling(arena: Arena) -> tuple[PiiMode, bool, int | None] | None:
    """Return what the consent page says beside the text; None where that is the plainest."""
    told = (arena.pii, arena.restore_placeholders, arena.retention_days)
    return None if told == ("off", False, None) else told
