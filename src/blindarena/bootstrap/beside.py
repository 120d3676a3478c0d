"""The application for one command, beside a server that may be running on the same database."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.folders import models_dir
from blindarena.bootstrap.plan import Plan
from blindarena.domain.arenas import Arena
from blindarena.errors import ConfigError
from blindarena.settings.login import Login
from blindarena.storage.database import Database

if TYPE_CHECKING:
    from blindarena.bootstrap.app import App

NOWHERE = "sqlite:///:memory:"
_POLL_S = 0.2


def only(plan: Plan, slug: str) -> Plan:
    """Return a plan of one arena and what it needs; nobody logs in there.

    Raises:
        ConfigError: there is no such arena.
    """
    found = next((arena for arena in plan.arenas if arena.arena.slug == slug), None)
    if found is None:
        known = ", ".join(arena.arena.slug for arena in plan.arenas) or "none"
        raise ConfigError(f"--arena {slug!r}: there is no such file in arenas/; there are: {known}")
    used = {name for contestant in found.contestants for name in contestant.deployments}
    return replace(
        plan,
        settings=plan.settings.model_copy(update={"login": Login()}),
        arenas=(found,),
        deployments={name: one for name, one in plan.deployments.items() if name in used},
        replays={name: one for name, one in plan.replays.items() if name in used},
    )


@asynccontextmanager
async def open_beside(
    plan: Plan,
    *,
    engines: bool = False,
    keep: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[tuple["App", Arena]]:
    """Open a plan of one arena; turns that are streaming elsewhere go on.

    Args:
        plan: see `only`.
        engines: start its local models.
        keep: write to the configured database; else to one that is gone afterwards.
        environ: for keys.
    """
    from blindarena.bootstrap.app import App

    server = plan.settings.server
    data_dir = server.data_dir or plan.settings.root
    database = await Database.open(server.database if keep else NOWHERE)
    fleet = Fleet(plan, models_dir=models_dir(environ), log_dir=data_dir / "logs", environ=environ)
    app = App(plan=plan, database=database, fleet=fleet, environ=environ)
    try:
        await database.migrate()
        await app.keys.load()
        await fleet.open(engines=engines)
        yield app, await app.store.put(plan.arenas[0])
    finally:
        await app.close()


async def wait_until_loaded(app: "App | Fleet", deployments: Sequence[str]) -> None:
    """Wait while local models load; one that cannot be started is no error here."""
    while any(  # noqa: ASYNC110 - an engine tells the router, which has no event
        status.status == "loading"
        for name, status in app.router.statuses().items()
        if name in deployments
    ):
        await asyncio.sleep(_POLL_S)
