"""Every board of the arenas: live, dated, kept; and the daily one that makes a history."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast
from uuid import UUID

from blindarena.arena.pool import ContestantPool
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import Population
from blindarena.domain.snapshots import SnapshotHead, StoredSnapshot
from blindarena.errors import (
    BlindArenaError,
    InputError,
    InvalidInputError,
    NotFoundError,
    RankingError,
)
from blindarena.leaderboard.archive import Archive, HistorySeries, is_plain
from blindarena.leaderboard.background import Jobs, in_thread
from blindarena.leaderboard.board import Board
from blindarena.leaderboard.categories_fit import CATEGORIES, CategoriesFit, categories_fit_of
from blindarena.leaderboard.dated import DatedBoards, sentence
from blindarena.leaderboard.dated_board import no_board
from blindarena.leaderboard.kpis import KpiValues, kpi_values
from blindarena.leaderboard.live import LiveLeaderboard
from blindarena.leaderboard.live_costs import LiveFront, Measure, front_of, measured
from blindarena.leaderboard.pair_decisions import BoardDecision, compared, decide_board
from blindarena.leaderboard.ports import Counts, Snapshots, UsableVotes, VoteRows
from blindarena.leaderboard.row_boards import Ask
from blindarena.leaderboard.views import View, Which

DAILY = timedelta(days=1)
LOOK_EVERY_S = 900.0
"""Seconds between looks whether an arena's daily board is due."""

T = TypeVar("T")
log = logging.getLogger("blindarena.leaderboard")


class BoardStore(Protocol):
    """What boards need of a database."""

    @property
    def board_counts(self) -> Counts:
        """The votes, counted."""
        ...

    @property
    def usable(self) -> UsableVotes:
        """What the votes say about sending the answers."""
        ...

    @property
    def snapshots(self) -> Snapshots:
        """The boards that are kept."""
        ...

    async def votes_parquet(self, arena_id: UUID, *, version: int | None = None) -> bytes:
        """Return the votes one by one; see `VoteRows`."""
        ...


class BoardDesk:
    """The use-cases of the boards.

    Args:
        store: the database.
        pool: the arenas and their contestants.
        now: the clock.
    """

    def __init__(
        self, store: BoardStore, pool: ContestantPool, *, now: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._now = now
        self._live_jobs, self._dated_jobs = Jobs(), Jobs()
        self._daily: asyncio.Task[None] | None = None
        self._counts, self._usable = store.board_counts, store.usable
        rows: VoteRows = store
        self.live = LiveLeaderboard(store.board_counts, jobs=self._live_jobs, usable=store.usable)
        self.archive = Archive(snapshots=store.snapshots, rows=rows, now=now)
        self.dated = DatedBoards(
            archive=self.archive, counts=store.board_counts, jobs=self._dated_jobs, now=now
        )

    def start(self) -> None:
        """Keep a board of each arena a day from now on, until `close`."""
        self._daily = asyncio.create_task(self._every_day())

    async def close(self) -> None:
        """Forget what is being computed."""
        if self._daily is not None:
            self._daily.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._daily
        await self._live_jobs.close()
        await self._dated_jobs.close()

    async def live_board(self, arena: Arena, which: Which) -> Board:
        """Return a board computed from counts, now."""
        return await self.live.board(
            arena,
            await self._pool.everyone(arena),
            population=which.population,
            now=self._now(),
            category=which.category,
            votes=which.votes,
            seed=which.seed,
            current=await self._current(arena),
            method=which.method,
            interval=which.interval,
            with_excluded=which.with_excluded,
        )

    async def dated_board(
        self, arena: Arena, ask: Ask, *, population: Population, category: str
    ) -> Board:
        """Return a board computed from vote rows, as it was last."""
        if population != "people":
            names = tuple(
                await self._counts.categories(
                    arena.id, population=population, version=arena.version
                )
            )
            return no_board(
                arena,
                ask,
                category,
                names,
                self._now(),
                failed="These votes are kept as counts only, and this board needs them one by one.",
                population=population,
            )
        contestants = await self._pool.everyone(arena)
        return await self.dated.board(arena, contestants, ask, category=category)

    async def decision(self, arena: Arena, which: Which) -> BoardDecision:
        """Say whether one can decide yet."""
        view = await self._view(arena, which)

        def work() -> BoardDecision:
            return decide_board(view, measured(view, "cost"))

        return await _once(view, "decision", work)

    async def kpi_values(self, arena: Arena, *, category: str = "") -> KpiValues:
        """Return every KPI of every contestant on the live board, with intervals.

        Where the arena asks whether answers are usable it reads every vote, so that the intervals
        take the answers of one voter together.
        """
        population: Population = "published" if arena.read_only else "people"
        view = await self._view(arena, Which(population=population, category=category))
        if not arena.usable_answer:
            return kpi_values(view)
        said = await self._usable.by_voter(arena.id, category=category, version=arena.version)
        return kpi_values(view, said)

    async def front(self, arena: Arena, which: Which, measure: Measure) -> LiveFront:
        """Return ratings against cost or speed."""
        view = await self._view(arena, which)

        def work() -> LiveFront:
            who = compared(view)
            place = {int(at): k for k, at in enumerate(who.places)}
            order = [place[at] for at in view.ranked]
            return front_of(view, measure, who.theta[order], who.covariance[order][:, order])

        return await _once(view, f"front {measure}", work)

    async def categories_fit(self, arena: Arena, *, population: Population) -> CategoriesFit:
        """Say whether categories need boards of their own."""
        if population != "people":
            return CategoriesFit(
                status="none",
                sentence="These votes are kept as counts only, and the comparison needs them one "
                "by one.",
            )
        return categories_fit_of(await self.dated.found(arena, CATEGORIES))

    async def take(self, arena: Arena, ask: Ask, *, category: str) -> SnapshotHead:
        """Compute a board of all votes now and keep it.

        Raises:
            InvalidInputError: it cannot be computed; says why.
        """
        if arena.read_only:
            raise InvalidInputError("the votes of a published board are counts; there is no row")
        try:
            kept = await self.archive.take(arena, ask, origin="owner", category=category)
        except (InputError, RankingError) as error:
            raise InvalidInputError(f"no board to keep: {error}") from error
        return kept.head

    async def snapshot(self, arena: Arena, snapshot_id: UUID) -> StoredSnapshot:
        """Return a kept board.

        Raises:
            NotFoundError: the arena has none of that id.
        """
        kept = await self.archive.get(arena, snapshot_id)
        if kept is None:
            raise NotFoundError(f"there is no snapshot {snapshot_id}")
        return kept

    async def history(self, arena: Arena, contestants: Sequence[str] | None) -> list[HistorySeries]:
        """Return ratings over time."""
        return await self.archive.history(arena, contestants=contestants)

    async def keep_daily(self, arena: Arena) -> SnapshotHead | None:
        """Keep the day's board of an arena, where one is due and votes have come since the last."""
        if arena.read_only:
            return None
        votes = await self.live.votes(arena, population="people")
        if votes < max(arena.min_votes, 1):
            return None
        heads = await self.archive.heads(arena)
        last = next(
            (h for h in heads if is_plain(h.options) and h.arena_version == arena.version), None
        )
        if last is not None and self._now() - last.created_at < DAILY:
            return None
        ask = Ask()
        document = await self.archive.compute(arena, ask)
        if last is not None and last.n == votes and f'"{last.data_hash}"' in document:
            return None
        return (await self.archive.keep(arena, ask, document, origin="daily")).head

    async def _every_day(self) -> None:
        while True:
            for arena in await self._pool.all():
                try:
                    await self.keep_daily(arena)
                except (InputError, RankingError) as error:
                    log.info("no daily board of %s: %s", arena.slug, sentence(error))
                except Exception:  # the next look may find it mended
                    log.exception("no daily board of %s", arena.slug)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _view(self, arena: Arena, which: Which) -> View:
        everyone: Sequence[Contestant] = await self._pool.everyone(arena)
        return await self.live.view(
            arena, everyone, which=which, current=await self._current(arena)
        )

    async def _current(self, arena: Arena) -> set[UUID]:
        return {contestant.id for contestant in await self._pool.contestants(arena)}


async def _once(view: View, name: str, work: Callable[[], T]) -> T:
    """Return what a view gives, computed in a thread and once, however many ask."""
    if name not in view.found:
        view.found[name] = asyncio.ensure_future(in_thread(work))
    task = view.found[name]
    try:
        return cast("T", await asyncio.shield(cast("asyncio.Future[T]", task)))
    except BlindArenaError:
        view.found.pop(name, None)
        raise
