"""Leaderboards computed from the pair counts whenever they are asked for."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import ContestantStats, Population
from blindarena.leaderboard.board import Board, Pairs, Row
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.counted import Counted, count, data_hash
from blindarena.leaderboard.estimates import INTERVAL, METHOD, Estimates, estimate
from blindarena.leaderboard.ports import Counts
from blindarena.leaderboard.quick import QuickFits
from blindarena.leaderboard.rows import make_pairs, make_rows
from blindarena.ranking.arrays import FloatArray

BOARDS_KEPT = 64
SOURCES_KEPT = 16
THREAD_FROM = 400
"""So many contestants are fitted in a thread: the event loop would stand still for too long."""

BoardKey = tuple[UUID, Population, str]
ViewKey = tuple[BoardKey, int | None, int]


@dataclass(frozen=True, slots=True)
class _Source:
    """Everything read for one board; `contestants` are in the order of the arrays."""

    version: int
    contestants: tuple[Contestant, ...]
    counted: Counted
    data_hash: str
    stats: Mapping[UUID, ContestantStats]
    categories: tuple[str, ...]
    excluded: Mapping[str, int]


@dataclass(slots=True)
class _View:
    """A board, perhaps thinned, and what it was computed from."""

    source: _Source
    arena: Arena
    current: frozenset[UUID] | None
    counted: Counted
    estimates: Estimates
    rows: tuple[Row, ...]
    board: Board | None = None


class LiveLeaderboard:
    """Computes boards; as long as nothing changes, the one computed last is given again.

    Args:
        counts: where the votes are counted.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._quick = QuickFits()
        self._sources: RecentlyUsed[BoardKey, _Source] = RecentlyUsed(SOURCES_KEPT)
        self._views: RecentlyUsed[ViewKey, _View] = RecentlyUsed(BOARDS_KEPT)

    async def board(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        *,
        population: Population,
        now: datetime,
        category: str = "",
        votes: int | None = None,
        seed: int = 0,
        current: Collection[UUID] | None = None,
    ) -> Board:
        """Return a leaderboard.

        Args:
            arena: its `min_votes` and `anchor` are used.
            contestants: all of the arena, the retired ones too.
            population: whose votes.
            now: becomes `computed_at` where the board is computed anew.
            category: "" is all votes.
            votes: thin the board to so many votes, drawn at random; None takes all.
            seed: of the thinning.
            current: those that are not retired; others are listed only with votes. None: all.
        """
        view = await self._view(arena, contestants, population, category, votes, seed, current)
        if view.board is None:
            view.board = _board_of(view, population, category, seed, now)
        return view.board

    async def pairs(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        *,
        population: Population,
        category: str = "",
        votes: int | None = None,
        seed: int = 0,
        current: Collection[UUID] | None = None,
    ) -> Pairs:
        """Return the win matrix of the board that the same arguments give."""
        view = await self._view(arena, contestants, population, category, votes, seed, current)
        return make_pairs(view.source.contestants, view.counted, view.rows)

    async def votes(self, arena: Arena, *, population: Population, category: str = "") -> int:
        """Return how many votes a board has."""
        pairs = await self._counts.pairs(arena.id, population=population, category=category)
        return sum(pair.total for pair in pairs)

    async def _view(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        population: Population,
        category: str,
        votes: int | None,
        seed: int,
        current: Collection[UUID] | None,
    ) -> _View:
        """Return what was computed last, unless something it depends on has changed."""
        board_key = (arena.id, population, category)
        key = (board_key, votes, 0 if votes is None else seed)
        listed = None if current is None else frozenset(current)
        source = await self._source(board_key, tuple(contestants))
        known = self._views.get(key)
        if (
            known is not None
            and known.source is source
            and known.arena == arena
            and known.current == listed
        ):
            return known
        counted = source.counted
        if votes is not None and votes < counted.total:
            counted = counted.thinned(votes, seed=seed)
        estimates = await self._estimate(arena, source, counted, _start(known, source))
        rows = make_rows(
            source.contestants,
            counted,
            estimates,
            stats=source.stats,
            current=listed,
            min_votes=arena.min_votes,
        )
        view = _View(source, arena, listed, counted, estimates, rows)
        self._views.put(key, view)
        return view

    async def _estimate(
        self, arena: Arena, source: _Source, counted: Counted, start: FloatArray | None
    ) -> Estimates:
        """Fit a board, a large one in a thread."""
        anchor = None
        if arena.anchor is not None:
            name, rating = arena.anchor
            places = [i for i, one in enumerate(source.contestants) if one.name == name]
            anchor = (places[0], rating) if places else None

        def work() -> Estimates:
            return estimate(counted, min_votes=arena.min_votes, anchor=anchor, start=start)

        if counted.m >= THREAD_FROM:
            return await asyncio.to_thread(work)
        with self._quick.one_thread():
            return work()

    async def _source(self, key: BoardKey, contestants: tuple[Contestant, ...]) -> _Source:
        """Read a board's votes, unless they are those read last."""
        arena_id, population, category = key
        # The version comes first: a vote that arrives in between is then read again next time.
        version = await self._counts.version(arena_id)
        known = self._sources.get(key)
        if known is not None and known.version == version and known.contestants == contestants:
            return known
        pairs = await self._counts.pairs(arena_id, population=population, category=category)
        counted = count(pairs, [contestant.id for contestant in contestants])
        # Only votes of people are ever excluded.
        excluded = await self._counts.excluded(arena_id) if population == "people" else {}
        source = _Source(
            version=version,
            contestants=contestants,
            counted=counted,
            data_hash=data_hash(counted, [contestant.name for contestant in contestants]),
            stats={stats.contestant_id: stats for stats in await self._counts.stats(arena_id)},
            categories=tuple(await self._counts.categories(arena_id, population=population)),
            excluded=excluded,
        )
        self._sources.put(key, source)
        return source


def _start(known: _View | None, source: _Source) -> FloatArray | None:
    """Return the strengths computed last, where they are of the same contestants."""
    if known is None:
        return None
    before = [contestant.id for contestant in known.source.contestants]
    after = [contestant.id for contestant in source.contestants]
    return known.estimates.theta if before == after else None


def _board_of(
    view: _View, population: Population, category: str, seed: int, now: datetime
) -> Board:
    """Put a board's rows and facts together."""
    source, arena = view.source, view.arena
    thinned = view.counted is not source.counted
    anchor = None
    if arena.anchor is not None and view.estimates.anchored:
        anchor = f"{arena.anchor[0]} = {arena.anchor[1]:g}"
    return Board(
        arena=arena.slug,
        method=METHOD,
        n=view.counted.total,
        computed_at=now,
        rows=view.rows,
        category=category,
        population=population,
        categories=source.categories,
        interval=INTERVAL,
        anchor=anchor,
        excluded=source.excluded,
        data_hash=source.data_hash,
        thinned_from=source.counted.total if thinned else None,
        seed=seed if thinned else None,
        min_votes=arena.min_votes,
    )
