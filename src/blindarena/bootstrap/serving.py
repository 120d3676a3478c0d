"""`blindarena serve`: one engine, watched, and joined to a gateway where one is given."""

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

from blindarena.bootstrap.engine_start import TITLES, engine_of
from blindarena.bootstrap.folders import models_dir
from blindarena.bootstrap.membership import Membership, Place
from blindarena.bootstrap.serving_options import Serving, check
from blindarena.engines.foreign import (
    KEY_VARIABLE,
    Launch,
    Wanted,
    foreign_launch,
    is_loopback,
    new_key,
)
from blindarena.engines.llamacpp import DEFAULT_CONTEXT, DEFAULT_SLOTS, llamacpp_command
from blindarena.engines.models import resolve_model
from blindarena.engines.pull import pull_model
from blindarena.engines.supervisor import EngineStatus
from blindarena.engines.threads import available_cores, thread_budget
from blindarena.errors import EngineError

GIVE_UP = 3
"""So many failed starts in a row before the first good one, and the command ends."""


async def serve(
    serving: Serving,
    *,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    stop: asyncio.Event | None = None,
) -> int:
    """Serve until a signal comes; return the exit status: 0, or 1 where answers were cut off.

    Args:
        serving: what to serve; see `check`.
        environ: says where models lie.
        say: takes lines for whoever watches.
        stop: ends it, beside SIGTERM and SIGINT.

    Raises:
        ConfigError: what is asked for cannot work.
        EngineError: the engine does not start, or the gateway refuses the worker.
    """
    check(serving)
    key = serving.key if serving.join is None else new_key()
    launch = await _launch(serving, key, environ, say)
    stop = stop or asyncio.Event()
    hurry = asyncio.Event()
    _on_signals(stop, hurry)
    session = _Session(serving, launch, say=say)
    try:
        return await session.run(stop, hurry)
    finally:
        await session.close()


class _Session:
    """One engine and its membership, from start to end."""

    def __init__(self, serving: Serving, launch: Launch, *, say: Callable[[str], None]) -> None:
        self._serving = serving
        self._key = launch.key
        self._say = say
        self._ready = False
        self._failed = asyncio.Event()
        self._member: Membership | None = None
        self._http: aiohttp.ClientSession | None = None
        self._engine = engine_of(
            serving.name,
            serving.engine,
            launch=launch,
            on_status=self._told,
            log_path=serving.log,
        )

    async def run(self, stop: asyncio.Event, hurry: asyncio.Event) -> int:
        """Serve until `stop`, then let running answers end, unless `hurry`."""
        await self._engine.start()
        self._http = aiohttp.ClientSession(trust_env=False)
        waits: list[asyncio.Task[Any]] = [
            asyncio.create_task(stop.wait()),
            asyncio.create_task(self._failed.wait()),
        ]
        if self._serving.join is not None:
            self._member = self._membership(self._http)
            waits.append(asyncio.create_task(self._member.run()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if self._failed.is_set():
                raise EngineError(f"{self._serving.name} does not start: {self._engine.detail}")
            for task in waits:
                if task.done():
                    task.result()  # a refusal of the gateway's
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return await self._drained(hurry)

    async def close(self) -> None:
        """Leave the gateway, stop the engine."""
        if self._member is not None:
            await self._member.leave()
        await self._engine.stop()
        if self._http is not None:
            await self._http.close()

    async def _drained(self, hurry: asyncio.Event) -> int:
        self._say("stopping: running answers may end; a second signal cuts them off")
        ending = asyncio.create_task(
            self._member.drain(self._serving.drain_s)
            if self._member is not None
            else self._engine.drain(self._serving.drain_s)
        )
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait([ending, hurried], return_when=asyncio.FIRST_COMPLETED)
        well = ending.done() and ending.result()
        for task in (ending, hurried):
            task.cancel()
        await asyncio.gather(ending, hurried, return_exceptions=True)
        if not well:
            self._say("some answers were cut off")
        return 0 if well else 1

    def _told(self, status: EngineStatus, detail: str, base_url: str | None) -> None:
        serving = self._serving
        if status == "ready":
            self._ready = True
            self._say(f"{serving.name} answers at {base_url} ({TITLES[serving.engine]})")
        elif detail:
            self._say(f"{serving.name}: {status}: {detail}")
        if status == "down" and not self._ready and self._engine.starts >= GIVE_UP:
            self._failed.set()
        if self._member is not None:
            self._member.wake()

    def _membership(self, http: aiohttp.ClientSession) -> Membership:
        serving = self._serving
        gateway = (serving.join or "").rstrip("/").removesuffix("/v1")
        if gateway.startswith("http:") and not is_loopback(urlsplit(gateway).hostname or ""):
            self._say(f"{gateway} is not https: the token and the engine's key travel in clear")
        place = Place(
            gateway=gateway,
            token=serving.token,
            id=uuid4(),
            name=serving.worker,
            model=serving.name,
            key=self._key or "",
            engine=serving.engine,
            slots=_slots(serving) or 0,
            cost_per_hour=serving.cost_per_hour,
        )
        return Membership(
            place, http=http, address=self._address, busy=self._engine.busy, say=self._say
        )

    def _address(self) -> str | None:
        """Return the engine's base URL as the gateway sees it; None while it does not answer."""
        base_url, serving = self._engine.base_url, self._serving
        if base_url is None or serving.advertise is not None:
            return base_url and serving.advertise
        if serving.host not in ("0.0.0.0", "::"):  # noqa: S104 - compared only
            return base_url
        gateway = urlsplit(serving.join or "")
        ours = _way_to(gateway.hostname or "", gateway.port or 80)
        port = urlsplit(base_url).port
        return f"http://[{ours}]:{port}/v1" if ":" in ours else f"http://{ours}:{port}/v1"


async def _launch(
    serving: Serving, key: str | None, environ: Mapping[str, str], say: Callable[[str], None]
) -> Launch:
    if serving.engine != "llamacpp":
        wanted = Wanted(
            model=serving.model,
            name=serving.name,
            host=serving.host,
            port=serving.port,
            max_concurrent=serving.slots,
            context=serving.context,
            args=serving.args,
            command=serving.command,
        )
        return foreign_launch(serving.engine, wanted, key=key)
    folder = models_dir(environ)
    path = resolve_model(serving.model, models_dir=folder)
    if path is None:
        say(f"fetching {serving.model}")
        path = await pull_model(serving.model, models_dir=folder, env=environ)
    command = llamacpp_command(
        path,
        alias=serving.name,
        threads=thread_budget(available_cores(), 1),
        slots=_slots(serving) or DEFAULT_SLOTS,
        context=serving.context or DEFAULT_CONTEXT,
        host=serving.host,
        port=serving.port,
    )
    return Launch(command, {KEY_VARIABLE: key or ""}, key)


def _slots(serving: Serving) -> int | None:
    return serving.slots or (DEFAULT_SLOTS if serving.engine == "llamacpp" else None)


def _way_to(host: str, port: int) -> str:
    """Return the address of ours from which a host is reached; nothing is sent."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(where)
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"


def _on_signals(stop: asyncio.Event, hurry: asyncio.Event) -> None:
    def told() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, told)
        except (NotImplementedError, RuntimeError):  # Windows, or not the main thread
            return
