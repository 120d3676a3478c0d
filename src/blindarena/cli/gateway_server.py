"""Run the gateway alone, in one process or in several that share a port."""

import asyncio
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import typer
import uvicorn

from blindarena import __version__
from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.gateway import GatewayDesk, check_closed, open_gateway
from blindarena.bootstrap.logs import set_up_logging
from blindarena.bootstrap.plan import Plan
from blindarena.cli.http_heads import http_reader
from blindarena.cli.listening import bind, calm_collector, run_async
from blindarena.errors import ConfigError
from blindarena.settings import load_settings
from blindarena.storage.database import Database
from blindarena.web.gateway_app import Alone

_BAD_INPUT = 2
_LOOK_S = 0.1
_RESTART_S = 1.0
_SOON_S = 30.0
_MOST_RESTARTS = 5


def run_gateway(
    *, config: Path, host: str | None, port: int | None, workers: int, reuse_port: bool
) -> None:
    """Serve `/v1` until it is stopped.

    Raises:
        ConfigError: the configuration cannot be used like this.
    """
    environ = dict(os.environ)
    if host is not None:
        environ["BLINDARENA_HOST"] = host
    if port is not None:
        environ["BLINDARENA_PORT"] = str(port)
    settings = load_settings(config, environ=environ)
    if not settings.gateway.enabled:
        raise ConfigError("gateway.enabled = false: there is nothing to serve; take it out")
    check_closed(settings)
    if workers > 1:
        command = [sys.executable, "-m", "blindarena", "gateway", "--config", str(config.resolve())]
        started_in = Path.cwd()
        os.chdir(settings.root)
        _run_several(plan_of(settings), command, workers, folder=started_in)
        return
    os.chdir(settings.root)  # relative database and file names are meant from the file's folder
    plan = dataclasses.replace(plan_of(settings), arenas=())
    run_async(_serve(plan, reuse_port=reuse_port))


class _Server(uvicorn.Server):
    """Says that it ends before it waits for what has begun."""

    def __init__(self, config: uvicorn.Config, desk: GatewayDesk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection and wait for the replies under way."""
        self._desk.draining = True
        await super().shutdown(sockets)


async def _serve(plan: Plan, *, reuse_port: bool) -> None:
    set_up_logging(plan.settings.gateway)
    server = plan.settings.server
    with bind(server.host, server.port, reuse_port=reuse_port) as listener:
        host, port = listener.getsockname()[:2]
        gateway = await open_gateway(plan)
        config = uvicorn.Config(
            Alone(gateway),
            log_config=None,
            log_level="warning",
            http=http_reader(),
            server_header=False,
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=max(1, round(plan.settings.gateway.drain_s)),
            forwarded_allow_ips=list(server.trusted_proxies),
            proxy_headers=bool(server.trusted_proxies),
        )
        running = _Server(config, gateway.desk)
        calm_collector()
        serving = asyncio.create_task(running.serve(sockets=[listener]))
        while not (running.started or serving.done()):  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.01)
        if running.started:
            shown = f"[{host}]" if ":" in host else host
            models = ", ".join(gateway.fleet.router.models()) or "none yet"
            typer.echo(f"BlindArena {__version__} gateway: http://{shown}:{port}/v1")
            typer.echo(f"Models: {models}")
        await serving


def _run_several(plan: Plan, command: list[str], count: int, *, folder: Path) -> None:
    """Start processes that share a port, replace one that dies, and end them all together.

    Raises:
        ConfigError: an engine of ours would be started by each of them.
    """
    engines = [name for name, table in plan.deployments.items() if table.engine is not None]
    if engines:
        raise ConfigError(
            f"deployments.{engines[0]} starts an engine, which each of {count} processes would do; "
            "use --workers 1, or run the engine with `blindarena serve` and let it join"
        )
    asyncio.run(_migrate(plan))
    server = plan.settings.server
    with _hold(server.host, server.port) as held:
        port = str(held.getsockname()[1])
        command = [*command, "--host", server.host, "--port", port, "--reuse-port"]
        _watch(command, count, folder)


def _hold(host: str, port: int) -> socket.socket:
    """Bind the port that all processes will share, without listening there.

    Raises:
        ConfigError: it is in use, or the system cannot share ports.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise ConfigError("--workers: this system cannot share a port; use --workers 1")
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        held.close()
        raise ConfigError(f"can't listen at {host}:{port}: {error.strerror or error}") from error
    return held


async def _migrate(plan: Plan) -> None:
    database = await Database.open(plan.settings.server.database)
    try:
        await database.migrate()
    finally:
        await database.close()


def _watch(command: list[str], count: int, folder: Path) -> None:
    """Keep so many processes running until we are told to end; then wait for all of them."""
    ending = False
    restarts = 0
    began = time.monotonic()

    def end(number: int, frame: object) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    children: list[subprocess.Popen[bytes]] = []
    try:
        while not ending:
            for child in [child for child in children if child.poll() is not None]:
                children.remove(child)
                if child.returncode == _BAD_INPUT:  # it has said why, and so would the next
                    raise SystemExit(_BAD_INPUT)
                restarts = restarts + 1 if time.monotonic() - began < _SOON_S else 0
                began = time.monotonic()
                if restarts > _MOST_RESTARTS:
                    typer.echo("processes end as soon as they start; giving up")
                    raise SystemExit(1)
                typer.echo(f"process {child.pid} ended ({child.returncode}); starting another")
                time.sleep(_RESTART_S)
            while len(children) < count and not ending:
                # A session of its own: a Ctrl-C is for us, and we tell them.
                child = subprocess.Popen(command, start_new_session=True, cwd=folder)  # noqa: S603
                children.append(child)
            time.sleep(_LOOK_S)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()
