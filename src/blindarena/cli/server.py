"""Run the server: open the application, bind the port, say where to vote."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
import uvicorn

from blindarena import __version__
from blindarena.bootstrap import App, Plan, open_app
from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.demo import plan_demo
from blindarena.bootstrap.logs import set_up_logging
from blindarena.cli.http_heads import http_reader
from blindarena.cli.listening import bind, calm_collector, run_async
from blindarena.errors import ConfigError
from blindarena.settings import load_settings
from blindarena.web.app import create_web

_GRACE_S = 3


def run_demo(*, host: str, port: int | None, data_dir: Path | None, model: str | None) -> None:
    """Serve the demo until it is stopped."""
    folder = (data_dir or _user_data_dir()).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)

    async def make() -> Plan:
        return await plan_demo(
            data_dir=folder,
            host=host,
            port=8000 if port is None else port,
            model=model,
            environ=os.environ,
        )

    # With no port asked for, a taken 8000 is no reason to refuse a demo.
    _run(make, tries=1 if port is not None else 20)


def run_up(*, config: Path, host: str | None, port: int | None) -> None:
    """Serve the configured arenas until it is stopped."""
    environ = dict(os.environ)
    if host is not None:
        environ["BLINDARENA_HOST"] = host
    if port is not None:
        environ["BLINDARENA_PORT"] = str(port)
    settings = load_settings(config, environ=environ)
    os.chdir(settings.root)  # relative database and file names are meant from the file's folder
    plan = plan_of(settings)
    if not plan.arenas:
        folder = settings.root / "arenas"
        raise ConfigError(f"there is no arena in {folder}; `blindarena arena new NAME` writes one")

    async def make() -> Plan:
        return plan

    _run(make, tries=1)


def _run(make: Callable[[], Awaitable[Plan]], *, tries: int) -> None:
    run_async(_serve(make, tries))


async def _serve(make: Callable[[], Awaitable[Plan]], tries: int) -> None:
    plan = await make()
    set_up_logging(plan.settings.gateway)
    server = plan.settings.server
    listener = bind(server.host, server.port, tries=tries)
    with listener:
        app = await open_app(plan)
        # From here on uvicorn ends the application, whatever signal comes: see `create_api`.
        config = uvicorn.Config(
            create_web(app),
            log_config=None,
            log_level="warning",
            http=http_reader(),
            server_header=False,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
            forwarded_allow_ips=list(server.trusted_proxies),
            proxy_headers=bool(server.trusted_proxies),
        )
        calm_collector()
        running = uvicorn.Server(config)
        serving = asyncio.create_task(running.serve(sockets=[listener]))
        while not (running.started or serving.done()):  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.01)
        if running.started:
            await _greet(app, listener)
        await serving


async def _greet(app: App, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only shown
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    password = await app.sessions.first_password()
    typer.echo(f"BlindArena {__version__}   data {_database(app)}")
    for arena in await app.pool.all():
        status, detail = await app.arena_status(arena)
        state = detail if status == "loading" and detail else status
        typer.echo(f"  {arena.title:<38} {state:<28} {await _size(app, arena.slug)}")
    typer.echo(f"Vote at      {url}")
    said = f"password  {password}" if password else "password  as printed at the first start"
    typer.echo(f"Owner's page {url}/owner   {said}")


def _database(app: App) -> str:
    url = app.settings.server.database
    if not url.startswith("sqlite"):
        return app.database_kind
    return url.removeprefix("sqlite:///").replace(str(Path.home()), "~", 1)


async def _size(app: App, slug: str) -> str:
    arena = await app.pool.by_slug(slug)
    contestants = [c for c in await app.pool.contestants(arena) if c.enabled]
    prompts = await app.pool.prompts(arena)
    if arena.read_only:
        votes = await app.boards.votes(arena, population="published")
        return f"{len(contestants)} models, {votes:,} votes"
    return f"{len(contestants)} contestants" + (f", {len(prompts)} tickets" if prompts else "")


def _user_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return Path(base) / "blindarena" if base else Path("~/.local/share/blindarena").expanduser()
