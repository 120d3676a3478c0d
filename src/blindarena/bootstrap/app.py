"""The application: every service on one database, ready for `web` and `cli`."""

import logging
import os
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from blindarena.arena.battles import BattleService
from blindarena.arena.exclusions import ExclusionService
from blindarena.arena.images import ImageService
from blindarena.arena.naming import NamedBattles
from blindarena.arena.pool import ContestantPool
from blindarena.arena.screening import Screening
from blindarena.arena.sessions import SessionService
from blindarena.arena.sharing import SharingService
from blindarena.arena.voting import VotingService
from blindarena.bootstrap.agreement_desk import AgreementDesk
from blindarena.bootstrap.arena_files import ArenaFiles
from blindarena.bootstrap.arena_store import ArenaStore
from blindarena.bootstrap.boards import BoardDesk
from blindarena.bootstrap.fleet import DeploymentCard, Fleet
from blindarena.bootstrap.folders import data_folder, models_dir
from blindarena.bootstrap.gateway import gateway_desk
from blindarena.bootstrap.generating import Generating
from blindarena.bootstrap.guards import Guards
from blindarena.bootstrap.importing import Importer
from blindarena.bootstrap.judge_runs import judge_run_desk
from blindarena.bootstrap.key_book import KeyBook
from blindarena.bootstrap.keys import KeyDesk
from blindarena.bootstrap.limits import limits_of
from blindarena.bootstrap.login import LoginDesk
from blindarena.bootstrap.plan import ArenaPlan, Plan
from blindarena.bootstrap.privacy import privacy_of
from blindarena.bootstrap.queue import QueueDesk
from blindarena.bootstrap.ready_votes import publish, simulate
from blindarena.bootstrap.reports import ReportDesk
from blindarena.bootstrap.retention import RetentionClock
from blindarena.bootstrap.screening import PiiFinder
from blindarena.bootstrap.standing import Standing
from blindarena.bootstrap.versions import model_identities, still_the_same
from blindarena.demo.replay import Truth
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.battles import Vote
from blindarena.domain.boards import ContestantStats
from blindarena.gateway.router import Router
from blindarena.leaderboard.racing import RacingPlans
from blindarena.leaderboard.voter_tests import VoterTestBench
from blindarena.settings import Settings
from blindarena.storage.database import Database

log = logging.getLogger("blindarena")


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class App(Standing):
    """Builds every service from a plan; `open_app` makes one, `close` ends it."""

    def __init__(
        self,
        *,
        plan: Plan,
        database: Database,
        fleet: Fleet,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings: Settings = plan.settings
        self.now = now
        self.truths: dict[str, Truth] = {p.arena.slug: p.truth for p in plan.arenas if p.truth}
        self._database = database
        self._fleet = fleet
        self._plans: dict[str, ArenaPlan] = {p.arena.slug: p for p in plan.arenas}
        self.router: Router = fleet.router
        self.deployments: Mapping[str, DeploymentCard] = fleet.cards
        models = model_identities(plan)
        self.pool = ContestantPool(
            arenas=database.arenas,
            models=fleet.router,
            unchanged=lambda contestant: still_the_same(contestant, models),
        )
        self.store = ArenaStore(
            database=database,
            fleet=fleet,
            pool=self.pool,
            plans=self._plans,
            models=models,
            now=now,
        )
        self.arena_files = ArenaFiles(store=self.store, settings=plan.settings)
        self.importer = Importer(
            database=database,
            fleet=fleet,
            store=self.store,
            pool=self.pool,
            limits=plan.settings.limits,
            now=now,
        )
        self.generating = Generating(self.importer)
        self.keys = KeyDesk(plan=plan, database=database, fleet=fleet, environ=environ, now=now)
        self.sessions = SessionService(
            sessions=database.sessions,
            arenas=database.arenas,
            vault=database.vault,
            audit=database.audit,
            now=now,
        )
        self.login = LoginDesk(
            plan.settings.login.oidc,
            logins=database.logins,
            sessions=self.sessions,
            environ=environ,
            now=now,
        )
        self.racing = RacingPlans(database.counts, clock=time.monotonic)
        self.exclusions = ExclusionService(
            exclusions=database.exclusions, audit=database.audit, now=now
        )
        self.voter_tests = VoterTestBench(database.counts, database.exclusions)
        self.guards = Guards(plan=plan, database=database, environ=environ, now=now)
        self.battles = BattleService(
            battles=database.battles,
            images=database.images,
            sessions=self.sessions,
            models=fleet.router,
            pool=self.pool,
            rng=random.SystemRandom(),
            now=now,
            screening=Screening(PiiFinder()),
            gate=self.guards.gate,
            max_prompt_chars=plan.settings.limits.max_prompt_chars,
            rates=self.racing,
        )
        self.voting = VotingService(
            votes=database.votes,
            changes=database.vote_changes,
            battles=self.battles,
            pool=self.pool,
            repeats=self.guards.repeats,
            now=now,
            breaches={p.arena.slug: p.breaches for p in plan.arenas},
        )
        self.queue = QueueDesk(
            replays=lambda: fleet.replays,
            database=database,
            pool=self.pool,
            sessions=self.sessions,
            screening=self.battles.screening,
            now=now,
        )
        self.named = NamedBattles(
            battles=database.battles,
            sessions=self.sessions,
            models=fleet.router,
            pool=self.pool,
            now=now,
        )
        self.sharing = SharingService(
            shares=database.shares,
            stored=database.battles,
            battles=self.battles,
            voting=self.voting,
            pool=self.pool,
            now=now,
        )
        self.images = ImageService(
            images=database.images, battles=self.battles, sharing=self.sharing
        )
        self.privacy = privacy_of(
            database, pool=self.pool, sessions=self.sessions, now=now, forget=self.battles.forget
        )
        self.retention = RetentionClock(self.privacy)
        self.desk = BoardDesk(database, self.pool, now=now)
        self.boards = self.desk.live
        self.reports = ReportDesk(database, self.pool, self.desk, now=now)
        self.limits = limits_of(plan.settings)
        self.audit = database.audit
        self.gateway = gateway_desk(plan, database=database, fleet=fleet, environ=environ, now=now)
        self.gateway.count_arena(self.battles, self.voting, self.queue.voting)
        self.key_book = KeyBook(database, now=now)
        self.judge_runs = judge_run_desk(plan, database, self.sessions, now=now)
        self.agreement = AgreementDesk(database, self.pool, self.judge_runs)

    @property
    def database_kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._database.kind

    async def prepare(self) -> None:
        """Write the plan's arenas to the database and close what a killed process left open."""
        for plan in self._plans.values():
            await self.store.put(plan)
            if plan.published:
                stored = await self._database.arenas.by_slug(plan.arena.slug)
                if stored is not None:
                    await publish(
                        plan,
                        stored,
                        await self._database.arenas.contestants(stored.id),
                        self._database.counts,
                        before=await self.boards.votes(stored, population="published"),
                    )
        closed = await self._database.battles.reset_streaming()
        if closed:
            log.info("closed %d turns that were interrupted by the last stop", closed)

    async def check(self) -> None:
        """Ask the database something.

        Raises:
            StorageError: it does not answer.
        """
        await self._database.check()

    async def set_enabled(self, arena: Arena, contestant: Contestant, enabled: bool) -> None:
        """Switch a contestant; the consent's recipients follow, and the audit log says so."""
        await self._database.arenas.set_enabled(contestant.id, enabled)
        await self.note(
            who="Owner",
            what=f"Switched {'on' if enabled else 'off'} {contestant.name}",
            detail=arena.slug,
        )
        await self.store.put(self._plans[arena.slug])

    async def simulate(self, arena: Arena, *, voters: int) -> tuple[int, int]:
        """Add simulated voters to the simulated board.

        Returns:
            How many voters and how many votes that board holds now.
        """
        return await simulate(
            self.truths[arena.slug],
            arena,
            await self.pool.contestants(arena),
            self._database.counts,
            voters=voters,
            before=await self.boards.votes(arena, population="simulated"),
        )

    async def export_votes(self, arena: Arena, path: Path) -> int:
        """Write every vote on an arena as it is to a Parquet file; return how many."""
        return await self._database.export_votes(arena.id, path, version=arena.version)

    async def contestant_stats(self, arena: Arena) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant."""
        return await self._database.counts.stats(arena.id)

    async def recent_votes(self, arena: Arena, *, limit: int) -> list[Vote]:
        """Return the latest votes."""
        return await self._database.votes.recent(arena.id, limit=limit)

    async def note(self, *, who: str, what: str, detail: str = "") -> None:
        """Append a line to the audit log."""
        await self._database.audit.add(at=now(), who=who, what=what, detail=detail)

    async def close(self) -> None:
        """End running turns, stop engines, close the database."""
        await self.retention.close()
        await self.generating.close()
        await self.battles.close()
        await self.guards.close()
        await self.desk.close()
        await self.racing.close()
        await self.voter_tests.close()
        await self.gateway.close()
        await self._fleet.close()
        await self._database.close()


async def open_app(plan: Plan, *, environ: Mapping[str, str] = os.environ) -> App:
    """Open database and deployments and make the application.

    Raises:
        ConfigError, StorageError: with nothing left open.
    """
    database = await Database.open(plan.settings.server.database)
    logs = data_folder(plan) / "logs"
    fleet = Fleet(plan, models_dir=models_dir(environ), log_dir=logs, environ=environ)
    app = App(plan=plan, database=database, fleet=fleet, environ=environ)
    try:
        app.guards.open()
        await database.migrate()
        await app.keys.load()
        await fleet.open()
        await app.gateway.open()
        await app.prepare()
        app.desk.start()
        app.retention.start()
    except BaseException:
        await app.close()
        raise
    return app
