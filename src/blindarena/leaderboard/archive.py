"""Kept boards of an arena: take one, list them, ratings over time."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from blindarena.domain.arenas import Arena
from blindarena.domain.ids import uuid7
from blindarena.domain.snapshots import Origin, SnapshotHead, StoredSnapshot
from blindarena.errors import InputError
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.ports import Snapshots, VoteRows
from blindarena.leaderboard.row_boards import Ask, document_of

LISTED = 400
"""Kept boards that are looked at, newest first."""

Rating = tuple[str, float, float | None, float | None]


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A rating at the time of a kept board."""

    at: datetime
    n: int
    rating: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class HistorySeries:
    """One contestant over time, oldest first."""

    contestant: str
    points: tuple[HistoryPoint, ...]


class Archive:
    """Computes boards from vote rows and keeps them.

    Args:
        snapshots: where they are kept.
        rows: the votes.
        now: the clock.
    """

    def __init__(
        self, *, snapshots: Snapshots, rows: VoteRows, now: Callable[[], datetime]
    ) -> None:
        self._snapshots = snapshots
        self._rows = rows
        self._now = now
        self._ratings: RecentlyUsed[UUID, tuple[Rating, ...]] = RecentlyUsed(4 * LISTED)

    async def compute(self, arena: Arena, ask: Ask) -> str:
        """Compute a board without keeping it; see `document_of`."""
        return await document_of(self._rows, arena, ask, now=self._now())

    async def keep(
        self, arena: Arena, ask: Ask, document: str, *, origin: Origin, category: str = ""
    ) -> StoredSnapshot:
        """Keep a board that was computed.

        Raises:
            InputError: the category has no votes.
        """
        content = json.loads(document)
        parts = [content, *content["boards"]] if category else [content]
        part = next((one for one in parts if one["category"] == category), None)
        if part is None:
            raise InputError(f"no vote has the category {category!r}")
        head = SnapshotHead(
            id=uuid7(),
            arena_id=arena.id,
            created_at=datetime.fromisoformat(content["computed_at"]),
            origin=origin,
            method=ask.method,
            options=content["options"],
            population="people",
            category=category,
            arena_version=arena.version,
            data_hash=part["data_hash"],
            n=part["n"],
            seed=content["options"]["seed"],
            versions=content["versions"],
        )
        kept = StoredSnapshot(head, document)
        await self._snapshots.add(kept)
        return kept

    async def take(
        self, arena: Arena, ask: Ask, *, origin: Origin, category: str = ""
    ) -> StoredSnapshot:
        """Compute a board now and keep it.

        Raises:
            InputError, RankingError: it cannot be computed; nothing is kept.
        """
        document = await self.compute(arena, ask)
        return await self.keep(arena, ask, document, origin=origin, category=category)

    async def heads(self, arena: Arena, *, limit: int = LISTED) -> list[SnapshotHead]:
        """Return the boards kept last, newest first."""
        return await self._snapshots.heads(arena.id, limit=limit)

    async def get(self, arena: Arena, snapshot_id: UUID) -> StoredSnapshot | None:
        """Return a kept board."""
        return await self._snapshots.get(arena.id, snapshot_id)

    async def history(
        self, arena: Arena, *, contestants: Collection[str] | None = None
    ) -> list[HistorySeries]:
        """Return ratings over time, from boards of plain Bradley-Terry over all votes.

        Args:
            arena: whose.
            contestants: names; None is all.
        """
        series: dict[str, list[HistoryPoint]] = {}
        for head in reversed(await self.heads(arena)):
            if not is_plain(head.options) or head.arena_version != arena.version:
                continue
            for name, rating, lower, upper in await self._ratings_of(arena, head):
                if contestants is None or name in contestants:
                    point = HistoryPoint(head.created_at, head.n, rating, lower, upper)
                    series.setdefault(name, []).append(point)
        return [HistorySeries(name, tuple(points)) for name, points in sorted(series.items())]

    async def _ratings_of(self, arena: Arena, head: SnapshotHead) -> tuple[Rating, ...]:
        """Return the ratings of those with a rank, as they stand in a kept board."""
        known = self._ratings.get(head.id)
        if known is None:
            kept = await self._snapshots.get(arena.id, head.id)
            rows = json.loads(kept.document)["rows"] if kept is not None else []
            known = tuple(
                (row["contestant"], row["rating"], row["lower"], row["upper"])
                for row in rows
                if row["rating"] is not None and not row["preliminary"]
            )
            self._ratings.put(head.id, known)
        return known


def is_plain(options: Any) -> bool:
    """Say whether a board is Bradley-Terry on all votes alike: the live board at its time."""
    beyond = ("style", "cluster", "propensity", "weights", "first_position", "compat")
    return options.get("method") == "bt" and not any(options.get(name) for name in beyond)
