"""Leaderboards computed from the pair counts whenever they are asked for."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import Population
from blindarena.leaderboard.background import Jobs, in_thread
from blindarena.leaderboard.board import Board, Pairs
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.counted import Counted, count, data_hash
from blindarena.leaderboard.live_fit import (
    RANK_SEED,
    LiveFit,
    LiveMethod,
    may_have_sets,
    quick_fit,
    sets_of,
    slow_fit,
)
from blindarena.leaderboard.ports import Counts, UsableVotes
from blindarena.leaderboard.quick import QuickFits
from blindarena.leaderboard.rows import make_pairs, make_rows
from blindarena.leaderboard.usable import read_usable, with_usable
from blindarena.leaderboard.views import LiveInterval, Source, View, Which, board_of
from blindarena.ranking.arrays import FloatArray

BOARDS_KEPT = 64
SOURCES_KEPT = 16
THREAD_FROM = 400
"""So many contestants are fitted in a thread: the event loop would stand still for too long."""

SourceKey = tuple[UUID, int, Population, str, bool, bool]
ViewKey = tuple[UUID, int, Which]


class LiveLeaderboard:
    """Computes boards; as long as nothing changes, the one computed last is given again.

    Args:
        counts: where the votes are counted.
        jobs: compute rank sets behind the boards; without them boards have none.
        usable: what the votes say about sending the answers; without it rows do not say.
    """

    def __init__(
        self, counts: Counts, *, jobs: Jobs | None = None, usable: UsableVotes | None = None
    ) -> None:
        self._counts = counts
        self._usable = usable
        self._jobs = jobs
        self._quick = QuickFits()
        self._sources: RecentlyUsed[SourceKey, Source] = RecentlyUsed(SOURCES_KEPT)
        self._views: RecentlyUsed[ViewKey, View] = RecentlyUsed(BOARDS_KEPT)

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
        method: LiveMethod = "bt",
        interval: LiveInterval = "sandwich",
        with_excluded: bool = False,
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
            method: of the ratings.
            interval: of the ratings.
            with_excluded: count the votes too that are excluded.
        """
        which = Which(
            population=population,
            category=category,
            votes=votes,
            seed=seed,
            method=method,
            interval=interval,
            with_excluded=with_excluded,
        )
        view = await self.view(arena, contestants, which=which, current=current)
        if view.rank_sets == "computing":
            self._seek_sets(view)
        if view.board is None:
            view.board = board_of(view, now, rank_seed=RANK_SEED)
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
        with_excluded: bool = False,
    ) -> Pairs:
        """Return the win matrix of the board that the same arguments give."""
        which = Which(
            population=population,
            category=category,
            votes=votes,
            seed=seed,
            with_excluded=with_excluded,
        )
        view = await self.view(arena, contestants, which=which, current=current)
        return make_pairs(view.source.contestants, view.counted, view.rows)

    async def votes(self, arena: Arena, *, population: Population, category: str = "") -> int:
        """Return how many votes a board has."""
        pairs = await self._counts.pairs(
            arena.id, population=population, category=category, version=arena.version
        )
        return sum(pair.total for pair in pairs)

    async def view(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        *,
        which: Which,
        current: Collection[UUID] | None = None,
    ) -> View:
        """Return what was computed last, unless something it depends on has changed."""
        if which.votes is None:
            which = replace(which, seed=0)
        key = (arena.id, arena.version, which)
        listed = None if current is None else frozenset(current)
        source = await self._source(arena, which, tuple(contestants))
        known = self._views.get(key)
        if (
            known is not None
            and known.source is source
            and known.arena == arena
            and known.current == listed
        ):
            return known
        counted = source.counted
        if which.votes is not None and which.votes < counted.total:
            counted = counted.thinned(which.votes, seed=which.seed)
        fit = await self._fit(arena, source, which, counted, _start(known, source))
        rows = make_rows(
            source.contestants,
            counted,
            fit.estimates,
            stats=source.stats,
            current=listed,
            min_votes=arena.min_votes,
        )
        if source.usable is not None and counted is source.counted:
            rows = with_usable(
                rows, source.contestants, source.usable, source.stats, category=which.category
            )
        sought = self._jobs is not None and may_have_sets(fit.estimates)
        view = View(
            source=source,
            arena=arena,
            which=which,
            current=listed,
            counted=counted,
            fit=fit,
            rows=rows,
            sets=None,
            rank_sets="computing" if sought else "none",
            found={},
        )
        self._views.put(key, view)
        return view

    async def _fit(
        self,
        arena: Arena,
        source: Source,
        which: Which,
        counted: Counted,
        start: FloatArray | None,
    ) -> LiveFit:
        """Fit a board; what takes long in a thread."""
        names = [contestant.name for contestant in source.contestants]
        min_votes, anchor = arena.min_votes, arena.anchor
        if which.method != "bt" or which.interval != "sandwich":
            return await in_thread(
                lambda: slow_fit(
                    counted,
                    names,
                    min_votes=min_votes,
                    anchor=anchor,
                    method=which.method,
                    interval=which.interval,
                )
            )

        def work() -> LiveFit:
            return quick_fit(counted, names, min_votes=min_votes, anchor=anchor, start=start)

        if counted.m >= THREAD_FROM:
            return await asyncio.to_thread(work)
        with self._quick.one_thread():
            return work()

    def _seek_sets(self, view: View) -> None:
        """Have the rank sets of a view computed, once."""
        names, arena, which = view.names, view.arena, view.which

        async def work() -> None:
            view.sets = await in_thread(
                lambda: sets_of(
                    view.counted,
                    names,
                    min_votes=arena.min_votes,
                    method=which.method,
                    interval=which.interval,
                )
            )
            view.rank_sets = "none" if view.sets is None else "ready"
            view.board = None

        if self._jobs is not None:
            self._jobs.start((arena.id, arena.version, which), view, work)

    async def _source(
        self, arena: Arena, which: Which, contestants: tuple[Contestant, ...]
    ) -> Source:
        """Read a board's votes, unless they are those read last."""
        arena_id, population, category = arena.id, which.population, which.category
        asked = arena.usable_answer
        key = (arena_id, arena.version, population, category, which.with_excluded, asked)
        # The version comes first: a vote that arrives in between is then read again next time.
        version = await self._counts.version(arena_id)
        known = self._sources.get(key)
        if known is not None and known.version == version and known.contestants == contestants:
            return known
        pairs = await self._counts.pairs(
            arena_id,
            population=population,
            category=category,
            version=arena.version,
            with_excluded=which.with_excluded,
        )
        counted = count(pairs, [contestant.id for contestant in contestants])
        # Only votes of people are ever excluded.
        excluded: dict[str, int] = {}
        if population == "people":
            excluded = await self._counts.excluded(arena_id, version=arena.version)
        source = Source(
            version=version,
            contestants=contestants,
            counted=counted,
            data_hash=data_hash(counted, [contestant.name for contestant in contestants]),
            stats={stats.contestant_id: stats for stats in await self._counts.stats(arena_id)},
            categories=tuple(
                await self._counts.categories(
                    arena_id, population=population, version=arena.version
                )
            ),
            excluded=excluded,
            usable=await read_usable(self._usable, arena, which) if asked else None,
        )
        self._sources.put(key, source)
        return source


def _start(known: View | None, source: Source) -> FloatArray | None:
    """Return the strengths computed last, where they are of the same contestants."""
    if known is None:
        return None
    before = [contestant.id for contestant in known.source.contestants]
    after = [contestant.id for contestant in source.contestants]
    return known.fit.estimates.theta if before == after else None
