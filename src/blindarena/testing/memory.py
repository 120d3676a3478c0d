"""The repositories in memory: same behaviour as `storage`, for tests of what is above it.

References between tables are not checked, and nothing is concurrent.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.domain.arenas import Arena, ArenaVersion, Contestant, Prompt, VersionDraft
from blindarena.domain.audit import AuditEntry
from blindarena.domain.battles import Session
from blindarena.testing.memory_arenas import Configured, named, take_version
from blindarena.testing.memory_battles import MemoryBattles, MemoryVotes
from blindarena.testing.memory_counts import MemoryCounts
from blindarena.testing.memory_exclusions import MemoryExclusions
from blindarena.testing.memory_gateway import MemoryApiKeys, MemoryKeyCounters, MemoryUsage
from blindarena.testing.memory_imports import MemoryImports, MemoryPreparedAnswers
from blindarena.testing.memory_invites import MemoryInvites
from blindarena.testing.memory_judge_votes import MemoryJudgeVotes
from blindarena.testing.memory_moderation import MemoryModerationBook
from blindarena.testing.memory_queue import MemoryQueue
from blindarena.testing.memory_shares import MemoryShares
from blindarena.testing.memory_snapshots import MemorySnapshots
from blindarena.testing.memory_usable import MemoryUsable
from blindarena.testing.memory_vote_changes import MemoryVoteChanges
from blindarena.testing.memory_workers import MemoryDrained, MemoryWorkers


class MemoryDatabase:
    """All repositories on one set of dictionaries; the attributes are those of `Database`."""

    def __init__(self) -> None:
        self.kind = "memory"
        self.arenas = MemoryArenas()
        self.prepared = MemoryPreparedAnswers()
        self.imports = MemoryImports(self.arenas, self.prepared)
        self.sessions = MemorySessions()
        self.counts = MemoryCounts()
        self.battles = MemoryBattles(self.counts)
        self.images = self.battles.images
        self.usable = MemoryUsable(self.counts)
        self.votes = MemoryVotes(self.battles, self.counts, self.usable)
        self.snapshots = MemorySnapshots()
        self.exclusions = MemoryExclusions(self.battles, self.counts)
        self.snapshots = MemorySnapshots()
        self.shares = MemoryShares()
        self.workers = MemoryWorkers()
        self.drained = MemoryDrained()
        self.queue = MemoryQueue(self.arenas.prompts, self.prepared, self.battles, self.counts)
        self.votes.after_vote = self.queue.finish
        self.invites = MemoryInvites()
        self.vote_changes = MemoryVoteChanges(self.counts, self.usable, self.queue)
        self.vault = MemoryVault()
        self.audit = MemoryAuditLog()
        self.moderation = MemoryModerationBook(self.battles)
        self.api_keys = MemoryApiKeys()
        self.key_counters = MemoryKeyCounters()
        self.usage = MemoryUsage()
        self.judge_votes = MemoryJudgeVotes()

    async def migrate(self) -> str:
        """Return the name of the schema; there is nothing to do."""
        return "memory"

    async def check(self) -> None:
        """Answer that all is well."""

    async def close(self) -> None:
        """Keep everything: the object may be looked at afterwards."""


class MemoryArenas:
    """Arenas, their contestants and their prompts, as configured."""

    def __init__(self) -> None:
        self._by_slug: dict[str, Configured] = {}
        self._switched: dict[UUID, bool] = {}

    async def put(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        prompts: Sequence[Prompt],
        *,
        draft: VersionDraft | None = None,
    ) -> Arena:
        """Insert or update by slug, contestants by name, prompts by key; retire the rest."""
        kept = self._by_slug.setdefault(arena.slug, Configured(arena))
        kept.arena = replace(arena, id=kept.arena.id)
        if draft is not None:
            number = take_version(kept, draft, contestants, prompts)
            kept.arena = replace(kept.arena, version=number)
        switched = {
            kept.contestants[key].name: self._switched[kept.contestants[key].id]
            for key in kept.current
            if kept.contestants[key].id in self._switched
        }
        for given in contestants:
            old = kept.contestants.get(named(given.name, given), given)
            kept.contestants[named(given.name, given)] = replace(
                given, id=old.id, arena_id=kept.arena.id
            )
            if given.name in switched:
                self._switched[old.id] = switched[given.name]
        for prompt in prompts:
            known = kept.prompts.get(named(prompt.key, prompt), prompt)
            kept.prompts[named(prompt.key, prompt)] = replace(
                prompt, id=known.id, arena_id=kept.arena.id
            )
        kept.positions |= {
            named(given.name, given): place for place, given in enumerate(contestants)
        }
        kept.current = frozenset(named(given.name, given) for given in contestants)
        kept.current_prompts = frozenset(named(prompt.key, prompt) for prompt in prompts)
        kept.imported -= kept.current_prompts
        if kept.imported:
            kept.arena = replace(kept.arena, prompt_mode="prepared")
        return kept.arena

    async def all(self) -> list[Arena]:
        """Return all arenas in the order in which they were first put."""
        return [kept.arena for kept in self._by_slug.values()]

    async def by_slug(self, slug: str) -> Arena | None:
        """Return one arena."""
        kept = self._by_slug.get(slug)
        return None if kept is None else kept.arena

    async def contestants(self, arena_id: UUID, *, retired: bool = False) -> list[Contestant]:
        """Return the contestants of an arena, in order; with `retired`, the old ones at the end."""
        kept = self.configured(arena_id)
        if kept is None:
            return []
        keys = kept.contestants if retired else kept.current
        ordered = sorted((key not in kept.current, kept.positions[key], key) for key in keys)
        listed = [kept.contestants[key] for _, _, key in ordered]
        return [replace(c, enabled=self._switched.get(c.id, c.enabled)) for c in listed]

    async def versions(self, arena_id: UUID) -> list[ArenaVersion]:
        """Return the versions of an arena, the oldest first."""
        kept = self.configured(arena_id)
        return [] if kept is None else list(kept.versions)

    async def prompts(self, arena_id: UUID, *, retired: bool = False) -> list[Prompt]:
        """Return the prepared prompts of an arena, by position; with `retired`, those too."""
        kept = self.configured(arena_id)
        keys = frozenset() if kept is None else kept.current_prompts | kept.imported
        if kept is not None and retired:
            keys = frozenset(kept.prompts)
        current = [] if kept is None else [kept.prompts[key] for key in keys]
        return sorted(current, key=_place)

    async def set_enabled(self, contestant_id: UUID, enabled: bool) -> None:
        """Switch a contestant on or off."""
        self._switched[contestant_id] = enabled

    def configured(self, arena_id: UUID) -> Configured | None:
        """Return everything of an arena; the imports change it."""
        return next((k for k in self._by_slug.values() if k.arena.id == arena_id), None)


def _place(prompt: Prompt) -> tuple[bool, int, int, str]:
    imported = prompt.import_id
    return imported is not None, imported.int if imported else 0, prompt.position, prompt.key


class MemorySessions:
    """Browsers and what they consented to."""

    def __init__(self) -> None:
        self._by_id: dict[UUID, Session] = {}

    async def add(self, session: Session) -> None:
        """Store a new session with its consents."""
        self._by_id[session.id] = session

    async def by_secret_hash(self, secret_hash: str) -> Session | None:
        """Return the session of a cookie."""
        return next((s for s in self._by_id.values() if s.secret_hash == secret_hash), None)

    async def add_consent(self, session_id: UUID, version: str, at: datetime) -> None:
        """Remember that a session agreed to a version."""
        session = self._by_id[session_id]
        self._by_id[session_id] = replace(session, consents=session.consents | {version})

    async def delete(self, session_id: UUID) -> None:
        """Forget a session and its consents."""
        self._by_id.pop(session_id, None)


class MemoryVault:
    """Small secrets of the installation."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        """Return a secret."""
        return self._secrets.get(name)

    async def put_if_absent(self, name: str, value: str) -> str:
        """Store a secret unless there is one; return the one that is stored."""
        return self._secrets.setdefault(name, value)

    async def put(self, name: str, value: str) -> None:
        """Store a secret in place of the one there may be."""
        self._secrets[name] = value

    async def drop(self, name: str) -> None:
        """Destroy a secret; without one nothing happens."""
        self._secrets.pop(name, None)


class MemoryAuditLog:
    """Who changed what."""

    def __init__(self) -> None:
        self._lines: list[tuple[datetime, str, str, str]] = []

    async def add(self, *, at: datetime, who: str, what: str, detail: str = "") -> None:
        """Append one line."""
        self._lines.append((at, who, what, detail))

    async def recent(self, *, limit: int) -> list[tuple[datetime, str, str, str]]:
        """Return the latest lines, newest first."""
        return self._lines[::-1][:limit]

    async def page(
        self, *, limit: int, before: int | None = None, what: str = "", who: str = ""
    ) -> list[AuditEntry]:
        """Return lines, newest first."""
        entries = [AuditEntry(n, *line) for n, line in enumerate(self._lines, 1)]
        return [
            one
            for one in entries[::-1]
            if (before is None or one.id < before)
            and what.lower() in f"{one.what}\n{one.detail}".lower()
            and who.lower() in one.who.lower()
        ][:limit]
