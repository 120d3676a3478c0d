"""Decision reports: everything they are made from, gathered from a database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from blindarena.arena.pool import ContestantPool
from blindarena.bootstrap.boards import BoardDesk
from blindarena.domain.arenas import Arena
from blindarena.errors import ConfigError, InputError, InvalidInputError, RankingError, StorageError
from blindarena.gateway.router import Router
from blindarena.leaderboard.background import in_thread
from blindarena.leaderboard.dated import sentence
from blindarena.leaderboard.live_fit import RANK_SEED, may_have_sets, sets_of
from blindarena.leaderboard.reporting.ballots import read_ballots
from blindarena.leaderboard.reporting.facts import Report
from blindarena.leaderboard.reporting.inputs import Computed, Inputs
from blindarena.leaderboard.reporting.making import make_report
from blindarena.leaderboard.row_boards import Ask, same_options
from blindarena.leaderboard.versions import versions
from blindarena.leaderboard.views import View, Which, board_of
from blindarena.settings import Settings
from blindarena.storage.database import Database


class ReportDesk:
    """Makes the reports of arenas.

    Args:
        database: the votes one by one.
        pool: the arenas and their contestants.
        desk: the boards.
        now: the clock.
    """

    def __init__(
        self,
        database: Database,
        pool: ContestantPool,
        desk: BoardDesk,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._pool = pool
        self._desk = desk
        self._now = now

    async def report(self, arena: Arena, *, with_comments: bool = False) -> Report:
        """Make the report of an arena's version; the board behind it is kept, to be verified.

        Args:
            arena: as of the version.
            with_comments: tell what voters wrote in their own words.

        Raises:
            InvalidInputError: it is a published board, whose votes are kept as counts only.
        """
        if arena.read_only:
            raise InvalidInputError(
                f"{arena.title!r} is a published board: its votes are counts, and there is nothing "
                "to decide; report on an arena of your own"
            )
        view = await self._view(arena, with_excluded=False)
        await self._find_sets(view)
        now = self._now()
        board = board_of(view, now, rank_seed=RANK_SEED)
        beside = await self._view(arena, with_excluded=True)
        parquet = await self._database.votes_parquet(arena.id, version=arena.version)
        ballots = await in_thread(lambda: read_ballots(parquet))
        ask = Ask(categories=bool(view.source.categories))
        computed, snapshot = await self._kept(arena, ask)
        clustered = Computed(None, "There are fewer than two voters.")
        if len({ballot.voter for ballot in ballots}) > 1:
            clustered, _ = await self._computed(arena, Ask(cluster="voter"))
        inputs = Inputs(
            arena=arena,
            view=view,
            rows=board.rows,
            kpis=await self._desk.kpi_values(arena),
            rows_with=beside.rows,
            ballots=ballots,
            board=computed,
            clustered=clustered,
            snapshot=snapshot,
            prompts=await self._pool.prompts(arena),
            with_comments=with_comments,
            now=now,
        )
        return await in_thread(lambda: make_report(inputs))

    async def _view(self, arena: Arena, *, with_excluded: bool) -> View:
        return await self._desk.live.view(
            arena,
            await self._pool.everyone(arena),
            which=Which(population="people", with_excluded=with_excluded),
            current={one.id for one in await self._pool.contestants(arena)},
        )

    async def _find_sets(self, view: View) -> None:
        """Compute the rank sets of a view, where they have not come yet."""
        if view.sets is not None or not may_have_sets(view.fit.estimates):
            return
        view.sets = await in_thread(
            lambda: sets_of(
                view.counted,
                view.names,
                min_votes=view.arena.min_votes,
                method="bt",
                interval="sandwich",
            )
        )
        view.rank_sets = "none" if view.sets is None else "ready"
        view.board = None

    async def _computed(self, arena: Arena, ask: Ask) -> tuple[Computed, str]:
        """Return a board computed from rows, and its document."""
        import json

        try:
            document = await self._desk.archive.compute(arena, ask)
        except (InputError, RankingError) as error:
            return Computed(None, sentence(error)), ""
        return Computed(json.loads(document)), document

    async def _kept(self, arena: Arena, ask: Ask) -> tuple[Computed, UUID | None]:
        """Compute a board and keep it, unless the same is kept already."""
        computed, document = await self._computed(arena, ask)
        content = computed.content
        if content is None:
            return computed, None
        options, here = ask.options(arena), dict(versions())
        for head in await self._desk.archive.heads(arena):
            if (
                head.data_hash == content["data_hash"]
                and head.arena_version == arena.version
                and dict(head.versions) == here
                and not head.category
                and same_options(head.options, options)
            ):
                return computed, head.id
        kept = await self._desk.archive.keep(arena, ask, document, origin="viewed")
        return computed, kept.head.id


async def report_beside(
    slug: str, settings: Settings, *, version: int | None = None, with_comments: bool = False
) -> Report:
    """Make a report from the configured database, beside a server that may be running.

    Raises:
        ConfigError: the database has no such arena, or the arena no such version.
        StorageError: the database is missing, or of another version.
    """
    database = await Database.open(settings.server.database, create=False)
    try:
        if await database.schema_version() != Database.newest_schema():
            raise StorageError("the database is of another version; `blindarena db upgrade` first")
        pool = ContestantPool(arenas=database.arenas, models=Router())
        known = {arena.slug: arena for arena in await pool.all()}
        if slug not in known:
            have = ", ".join(known) or "none; `blindarena up` stores those of your files"
            raise ConfigError(f'the database has no arena "{slug}"; it has: {have}')
        arena = known[slug]
        numbers = [one.number for one in await database.arenas.versions(arena.id)]
        if version is not None and version != arena.version:
            if version not in numbers:
                have = ", ".join(map(str, numbers)) or "none"
                raise ConfigError(f'--version {version}: "{slug}" has the versions: {have}')
            arena = replace(arena, version=version)
        desk = BoardDesk(database, pool, now=_now)
        try:
            reports = ReportDesk(database, pool, desk, now=_now)
            return await reports.report(arena, with_comments=with_comments)
        finally:
            await desk.close()
    finally:
        await database.close()


def _now() -> datetime:
    return datetime.now(UTC)
