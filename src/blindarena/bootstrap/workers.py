"""Workers join, tell that they live, and leave; every gateway of a database knows them."""

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import inet_aton
from urllib.parse import urlsplit
from uuid import UUID

from blindarena.bootstrap.doors import routes_of
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.worker_routing import SILENT_BEATS, WorkerRouting
from blindarena.domain.workers import Worker, WorkerState
from blindarena.errors import ConfigError, GatewayError, SecretError
from blindarena.gateway.catalog import check_base_url
from blindarena.gateway.router import Router
from blindarena.storage.database import Database
from blindarena.storage.sealing import Keyring, open_keyring

log = logging.getLogger("blindarena.workers")
SHORTEST_TOKEN = 16
HEARTBEAT_S = 3.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
_LONGEST_KEY = 8000


@dataclass(frozen=True, slots=True)
class Joining:
    """What a worker says of itself; see `domain.workers.Worker`."""

    id: UUID
    name: str
    model: str
    base_url: str
    key: str
    engine: str
    slots: int
    cost_per_hour: float | None
    state: WorkerState


class WorkerDesk:
    """The registry of workers behind `/v1/workers`, and their deployments in the router.

    Args:
        plan: names what is configured, which no worker may replace.
        database: shared by all gateways.
        router: of this process.
        folder: of the master key, with which engines' keys are sealed.
        environ: for the token and the master key.
        now: the time, in UTC.
        heartbeat_s: between two heartbeats of a worker.

    Raises:
        ConfigError: the token's variable is not set, or too short to be a secret.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        database: Database,
        router: Router,
        folder: Path,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self.heartbeat_s = heartbeat_s
        self._token = _token(plan, environ)
        self._deployments = frozenset(plan.deployments)
        self._models = frozenset(plan.settings.models)
        self._stored = database.workers
        self._folder = folder
        self._environ = environ
        self._now = now
        self._ring: Keyring | None = None
        self.routing = WorkerRouting(
            workers=database.workers,
            router=router,
            configured=routes_of(plan.settings.models),
            unseal=self._unseal,
            drain_s=plan.settings.gateway.drain_s,
            heartbeat_s=heartbeat_s,
            now=now,
        )

    @property
    def enabled(self) -> bool:
        """Whether workers may join: there is a token."""
        return self._token is not None

    async def open(self) -> None:
        """Put the workers that are known into the router, and follow them from then on."""
        if self.enabled:
            await self.routing.start()

    async def close(self) -> None:
        """Follow them no longer."""
        await self.routing.close()

    def check(self, secret: str | None) -> None:
        """Compare a token, in a time that does not depend on it.

        Raises:
            GatewayError: 404 where no worker may join, 401 for another token.
        """
        if self._token is None:
            raise GatewayError(
                "no worker can join here; set gateway.worker_token",
                status=404,
                type="not_found_error",
                code="unknown_url",
            )
        given = hashlib.sha256((secret or "").encode("utf-8", "surrogatepass")).digest()
        if not hmac.compare_digest(given, self._token):
            raise GatewayError(
                "this is not the worker token",
                status=401,
                type="authentication_error",
                code="invalid_worker_token",
            )

    async def join(self, joining: Joining) -> None:
        """Add a worker, or put it anew.

        Raises:
            GatewayError: 400 what it says cannot be used; 409 its name is taken.
            SecretError: its key cannot be sealed.
        """
        self._check_names(joining)
        base_url = _checked_url(joining.base_url)
        if len(joining.key) > _LONGEST_KEY or not (
            joining.key.isascii() and (joining.key.isprintable())
        ):
            raise _refused("key: it holds characters that no key has", "key")
        now = self._now()
        worker = Worker(
            id=joining.id,
            name=joining.name,
            model=joining.model,
            base_url=base_url,
            sealed_key=await self._seal(joining),
            engine=joining.engine,
            slots=joining.slots,
            cost_per_hour=joining.cost_per_hour,
            state=joining.state,
            busy=None,
            joined_at=now,
            beat_at=now,
        )
        silent_since = now - timedelta(seconds=self.heartbeat_s * SILENT_BEATS)
        if not await self._stored.join(worker, silent_since=silent_since):
            raise _taken(f"a worker {joining.name!r} is there already; give another --worker name")
        log.info("worker %s joined with %s at %s", worker.name, worker.model, base_url)
        await self.routing.sync()

    async def beat(self, worker_id: UUID, *, state: WorkerState, busy: int | None) -> int:
        """Note a heartbeat; return how many requests the worker still has, as far as is known.

        One that drains is told of those of other gateways too, as at least 1, until some seconds
        after their end.

        Raises:
            GatewayError: 404, it must join anew.
        """
        known = await self._stored.beat(worker_id, at=self._now(), state=state, busy=busy)
        if not known or self.routing.is_unreadable(worker_id):
            raise GatewayError(
                "this worker is not known here; join again",
                status=404,
                type="not_found_error",
                code="unknown_worker",
            )
        if state == "draining" or self.routing.differs(worker_id, state):
            await self.routing.sync()
        return self.routing.in_flight(worker_id)

    async def leave(self, worker_id: UUID) -> None:
        """Remove a worker; one that is not there is no error."""
        if await self._stored.leave(worker_id):
            log.info("worker %s left", worker_id)
        await self.routing.sync()

    def _check_names(self, joining: Joining) -> None:
        for what, value in (("name", joining.name), ("model", joining.model)):
            if not _NAME.fullmatch(value):
                raise _refused(
                    f"{what} {value!r:.80}: give 1 to 200 letters, digits and . _ : / @ + -", what
                )
        if joining.name in self._deployments or joining.name in self._models:
            raise _taken(f"{joining.name!r} is configured in blindarena.toml; give another name")
        if joining.model in self._deployments - self._models:
            raise _taken(
                f"{joining.model!r} is a configured deployment; for workers beside it, write "
                f"[models.{joining.model}]"
            )

    async def _seal(self, joining: Joining) -> str:
        if not joining.key:
            return ""
        ring = await asyncio.to_thread(self._keyring, make=True)
        return ring.seal(_sealed_as(joining.id), joining.key)

    def _unseal(self, worker: Worker) -> str | None:
        if not worker.sealed_key:
            return None
        return self._keyring(make=False).unseal(_sealed_as(worker.id), worker.sealed_key)

    def _keyring(self, *, make: bool) -> Keyring:
        if self._ring is None:
            self._ring = open_keyring(self._folder, self._environ, make=make)
        if self._ring is None:
            raise SecretError(
                f"{self._folder / 'secret.key'} is gone, which opens the keys of workers; all "
                "gateways of one database need the same BLINDARENA_SECRET_KEY"
            )
        return self._ring


def _token(plan: Plan, environ: Mapping[str, str]) -> bytes | None:
    """Return the hash of the worker token; None where no worker may join."""
    source = plan.settings.gateway.worker_token
    if source is None:
        return None
    where = "gateway.worker_token"
    if source.env is None:
        raise ConfigError(f'{where}: give {{ env = "NAME" }}; the vault has keys of providers only')
    token = environ.get(source.env, "")
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError(
            f"{where}: the environment variable {source.env} has {len(token)} characters; set it "
            f"to at least {SHORTEST_TOKEN} random ones, such as those of `openssl rand -hex 24`"
        )
    return hashlib.sha256(token.encode()).digest()


def _checked_url(base_url: str) -> str:
    """Return the address of an engine.

    Raises:
        GatewayError: it is none, or one that no engine has.
    """
    try:
        checked = check_base_url(base_url, where="worker")
    except ConfigError as error:
        raise _refused(str(error), "base_url") from error
    address = _address(urlsplit(checked).hostname or "")
    if address is None:
        return checked
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        raise _refused(
            f"base_url {base_url!r}: no engine answers there; give --advertise an address at which "
            "the gateway reaches it",
            "base_url",
        )
    return checked


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:  # 2852039166, 0xa9fea9fe and 169.254.43518 are all of them 169.254.169.254
        return IPv4Address(inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _sealed_as(worker_id: UUID) -> str:
    return f"worker {worker_id}"


def _refused(message: str, param: str) -> GatewayError:
    return GatewayError(
        message, status=400, type="invalid_request_error", code="invalid_value", param=param
    )


def _taken(message: str) -> GatewayError:
    return GatewayError(
        message, status=409, type="invalid_request_error", code="name_taken", param="name"
    )
