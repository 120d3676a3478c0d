"""Dated boards: computed in the background from vote rows, kept, and shown until votes change."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.snapshots import StoredSnapshot
from blindarena.errors import BlindArenaError, InputError, RankingError
from blindarena.leaderboard.archive import Archive
from blindarena.leaderboard.background import Jobs
from blindarena.leaderboard.board import Board
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.dated_board import board_from, no_board
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.ports import Counts
from blindarena.leaderboard.row_boards import Ask, same_options
from blindarena.leaderboard.versions import versions

EVERY = timedelta(minutes=10)
"""A dated board is computed again at most so often, however many votes arrive."""
FAILED_EVERY = timedelta(minutes=1)
"""So long after a computation that was not possible, another is tried where votes have come."""

FOUND_KEPT = 64
"""Dated boards in memory; others are read from where they are kept."""

log = logging.getLogger("blindarena.leaderboard")


@dataclass(frozen=True, slots=True)
class Found:
    """What computing a dated board gave last.

    Attributes:
        version: of the arena's counts before.
        at: when it was looked at last.
        options: as they were asked for.
        content: the board's document, read; None where there is none.
        snapshot: under which it is kept; None where it is not.
        failed: why there is none, a sentence.
    """

    version: int
    at: datetime
    options: Options
    content: dict[str, Any] | None = None
    snapshot: StoredSnapshot | None = None
    failed: str | None = None


class DatedBoards:
    """Gives the boards computed last and has newer ones computed.

    Args:
        archive: computes and keeps.
        counts: tell whether anything changed, and what the answers cost.
        jobs: run the computations.
        now: the clock.
    """

    def __init__(
        self, *, archive: Archive, counts: Counts, jobs: Jobs, now: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._counts = counts
        self._jobs = jobs
        self._now = now
        self._found: RecentlyUsed[tuple[UUID, int, Ask], Found] = RecentlyUsed(FOUND_KEPT)

    async def board(
        self, arena: Arena, contestants: Sequence[Contestant], ask: Ask, *, category: str = ""
    ) -> Board:
        """Return a board as it was computed last; what is missing or old is computed meanwhile.

        Args:
            arena: whose.
            contestants: all of the arena, the retired last, for their descriptions.
            ask: how.
            category: "" is all votes; another needs `ask.categories`.
        """
        categories = tuple(
            await self._counts.categories(arena.id, population="people", version=arena.version)
        )
        try:
            found = await self.found(arena, ask)
        except InputError as error:
            return no_board(arena, ask, category, categories, self._now(), failed=sentence(error))
        if found is None or found.content is None:
            failed = None if found is None else found.failed
            return no_board(arena, ask, category, categories, self._now(), failed=failed)
        stats = {one.contestant_id: one for one in await self._counts.stats(arena.id)}
        kept = None if found.snapshot is None else str(found.snapshot.head.id)
        return board_from(
            found.content,
            arena,
            ask,
            {contestant.name: contestant for contestant in reversed(contestants)},
            stats,
            category=category,
            categories=categories,
            snapshot_id=kept,
        )

    async def found(self, arena: Arena, ask: Ask) -> Found | None:
        """Return what was computed last, None while it is for the first time.

        Raises:
            InputError: what is asked for does not go together.
        """
        options = ask.options(arena)
        key = (arena.id, arena.version, ask)
        found = self._found.get(key)
        if found is None or found.options != options:
            found = await self._kept(arena, ask, options)
            if found is not None:
                self._found.put(key, found)
        version = await self._counts.version(arena.id)
        if found is None or self._due(found, version):
            self._jobs.start(key, key, lambda: self._compute(arena, ask, options, version))
        return found

    def _due(self, found: Found, version: int) -> bool:
        wait = EVERY if found.failed is None else FAILED_EVERY
        return found.version != version and self._now() - found.at >= wait

    async def _kept(self, arena: Arena, ask: Ask, options: Options) -> Found | None:
        """Return the newest board in the archive that was computed like this, by this version."""
        if ask.with_excluded:
            return None
        here = dict(versions())
        for head in await self._archive.heads(arena):
            same = same_options(head.options, options) and head.arena_version == arena.version
            if same and dict(head.versions) == here:
                kept = await self._archive.get(arena, head.id)
                if kept is not None:
                    content = json.loads(kept.document)
                    return Found(-1, head.created_at, options, content, kept)
        return None

    async def _compute(self, arena: Arena, ask: Ask, options: Options, version: int) -> None:
        key = (arena.id, arena.version, ask)
        before = self._found.get(key)
        at = self._now()
        try:
            document = await self._archive.compute(arena, ask)
        except (InputError, RankingError) as error:
            self._found.put(key, Found(version, at, options, failed=sentence(error)))
            return
        except BlindArenaError:
            failed = "It could not be computed; the server's log says why."
            self._found.put(key, Found(version, at, options, failed=failed))
            raise
        content = json.loads(document)
        if before is not None and before.options == options and _same(before.content, content):
            self._found.put(key, Found(version, at, options, before.content, before.snapshot))
            return
        kept = None
        if not ask.with_excluded:
            kept = await self._archive.keep(arena, ask, document, origin="viewed")
        self._found.put(key, Found(version, at, options, content, kept))


def sentence(error: Exception) -> str:
    """Return an error as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _same(old: dict[str, Any] | None, new: dict[str, Any]) -> bool:
    """Say whether two boards are of the same votes."""
    facts = ("data_hash", "n", "excluded", "options", "versions", "rows")
    return old is not None and all(old[name] == new[name] for name in facts)
