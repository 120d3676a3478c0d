"""The gateway's parts in one place, as the routes under `/v1` use them."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address

from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.folders import data_folder, models_dir
from blindarena.bootstrap.gateway_keys import KeyringDesk
from blindarena.bootstrap.keys import KeyDesk
from blindarena.bootstrap.metrics import Begins, MetricsDesk, Stores
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.switchboard import Switchboard
from blindarena.bootstrap.telemetry import Providers, watch_of
from blindarena.bootstrap.workers import WorkerDesk
from blindarena.errors import ConfigError
from blindarena.gateway.ports import Doorkeeper, Relays, UsageSink
from blindarena.gateway.telemetry.watch import Watch
from blindarena.settings import Settings
from blindarena.settings.gateway import Gateway, Model
from blindarena.storage.database import Database


@dataclass(slots=True)
class GatewayDesk:
    """What `/v1` needs.

    Attributes:
        router: finds who answers.
        doorkeeper: knows keys and limits.
        usage: takes what was used.
        settings: `[gateway]`.
        models: `[models.NAME]`, by name.
        workers: lets engines join; None where that is no matter.
        keyring: has doorkeeper and usage, and is opened and closed with the desk.
        switchboard: what the owner sees and drains.
        watch: is told of every request.
        metrics: tells what it counts; None where nobody asks.
        draining: the process ends once what has begun has ended.
    """

    router: Relays
    doorkeeper: Doorkeeper
    usage: UsageSink
    settings: Gateway
    models: Mapping[str, Model] = field(default_factory=dict)
    workers: WorkerDesk | None = None
    keyring: KeyringDesk | None = None
    switchboard: Switchboard | None = None
    watch: Watch = field(default_factory=Watch)
    metrics: MetricsDesk | None = None
    draining: bool = False

    def by_prefix(self, model: str) -> bool:
        """Say whether requests for a model are routed by how they begin."""
        row = self.models.get(model)
        return row is not None and row.routing == "prefix"

    def count_arena(self, battles: Begins, *votes: Stores) -> None:
        """Let the metrics tell of battles and votes too."""
        if self.metrics is not None:
            self.metrics.count_arena(battles, *votes)

    async def open(self) -> None:
        """Begin to count, to write usage and to follow workers; nothing where it is switched off.

        The deployments are in the router already.
        """
        if self.switchboard is not None:
            await self.switchboard.open()
        if not self.settings.enabled:
            return
        if self.keyring is not None:
            await self.keyring.open()
        if self.workers is not None:
            await self.workers.open()

    async def close(self) -> None:
        """Write everything out; call it once no request is under way."""
        if self.switchboard is not None:
            await self.switchboard.close()
        if self.workers is not None:
            await self.workers.close()
        if self.keyring is not None:
            await self.keyring.close()
        await asyncio.to_thread(self.watch.close)


def gateway_desk(
    plan: Plan,
    *,
    database: Database,
    fleet: Fleet,
    environ: Mapping[str, str],
    now: Callable[[], datetime],
) -> GatewayDesk:
    """Put the gateway of a plan together.

    Raises:
        ConfigError: it would be open to anybody; the worker token cannot be used.
    """
    settings = plan.settings.gateway
    if settings.enabled:
        check_closed(plan.settings)
    folder = data_folder(plan)
    keyring = KeyringDesk(settings, database=database, folder=folder, now=now)
    workers = WorkerDesk(
        plan=plan,
        database=database,
        router=fleet.router,
        folder=folder,
        environ=environ,
        now=now,
    )
    providers = Providers(fleet.cards)
    watch = watch_of(settings, providers, environ=environ)
    return GatewayDesk(
        router=fleet.router,
        watch=watch,
        metrics=MetricsDesk(
            settings,
            router=fleet.router,
            watch=watch,
            keyring=keyring,
            workers=workers,
            providers=providers,
            environ=environ,
        ),
        doorkeeper=keyring.doorkeeper,
        usage=keyring.usage,
        settings=settings,
        models=plan.settings.models,
        workers=workers,
        keyring=keyring,
        switchboard=Switchboard(
            router=fleet.router,
            cards=fleet.cards,
            drained=database.drained,
            workers=database.workers,
            audit=database.audit,
            usage=keyring.usage if settings.enabled else None,
            now=now,
        ),
    )


def check_closed(settings: Settings) -> None:
    """Refuse a gateway that asks for no key where others than this machine reach it.

    Raises:
        ConfigError: it does, and `gateway.allow_open` does not say that it is meant.
    """
    gateway, host = settings.gateway, settings.server.host
    if gateway.require_key or gateway.allow_open or _is_loopback(host):
        return
    raise ConfigError(
        f"gateway.require_key = false, while the server listens at {host}: anybody who reaches it "
        "could spend on your keys; listen at 127.0.0.1, or say gateway.allow_open = true"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class GatewayAlone:
    """The gateway without arenas: what `blindarena gateway` serves."""

    plan: Plan
    desk: GatewayDesk
    database: Database
    fleet: Fleet

    async def ready(self) -> bool:
        """Say whether requests should be sent here: it does not end, and has a model to ask."""
        states = self.fleet.router.statuses().values()
        return not self.desk.draining and any(state.status == "ready" for state in states)

    async def close(self) -> None:
        """Write everything out, stop engines, close the database."""
        await self.desk.close()
        await self.fleet.close()
        await self.database.close()


async def open_gateway(plan: Plan, *, environ: Mapping[str, str] = os.environ) -> GatewayAlone:
    """Open database and deployments.

    Raises:
        ConfigError, StorageError: with nothing left open.
    """
    database = await Database.open(plan.settings.server.database)
    fleet = Fleet(
        plan, models_dir=models_dir(environ), log_dir=data_folder(plan) / "logs", environ=environ
    )
    desk: GatewayDesk | None = None
    try:
        desk = gateway_desk(plan, database=database, fleet=fleet, environ=environ, now=_now)
        await database.migrate()
        keys = KeyDesk(plan=plan, database=database, fleet=fleet, environ=environ, now=_now)
        await keys.load()
        await fleet.open()
        await desk.open()
    except BaseException:
        if desk is not None:
            await desk.close()
        await fleet.close()
        await database.close()
        raise
    return GatewayAlone(plan, desk, database, fleet)


def _now() -> datetime:
    return datetime.now(UTC)
