"""Open the deployments that a judge run needs."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from blindarena.bootstrap.beside import wait_until_loaded
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.folders import models_dir
from blindarena.bootstrap.judging import JudgeDesk
from blindarena.bootstrap.keys import KeyDesk
from blindarena.bootstrap.plan import Plan
from blindarena.errors import ConfigError
from blindarena.judge.run_folder import RunFolder
from blindarena.judge.running import CONCURRENCY
from blindarena.storage.database import Database


@asynccontextmanager
async def open_judging(
    plan: Plan,
    root: Path,
    *,
    deployments: Iterable[str],
    max_spend: float | None = None,
    concurrency: int = CONCURRENCY,
    start: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[JudgeDesk]:
    """Open the deployments that a run needs, and close them afterwards.

    Args:
        plan: the server's.
        root: the folder of the run.
        deployments: that are asked.
        max_spend: in USD.
        concurrency: calls under way at once.
        start: start local models and wait until they are loaded; a dry run does not.
        environ: for keys.

    Raises:
        ConfigError: a deployment that the server's file does not have.
    """
    used = sorted(set(deployments))
    for name in used:
        if name not in plan.deployments:
            known = ", ".join(plan.deployments) or "none"
            raise ConfigError(f"no deployment {name!r} in blindarena.toml; there are: {known}")
    small = replace(
        plan,
        arenas=(),
        deployments={name: plan.deployments[name] for name in used},
        replays={name: each for name, each in plan.replays.items() if name in used},
    )
    fleet = Fleet(small, models_dir=models_dir(environ), log_dir=root / "logs", environ=environ)
    try:
        await enter_keys(small, fleet, environ)
        await fleet.open(engines=start)
        if start:
            await wait_until_loaded(fleet, used)
        yield JudgeDesk(
            plan=plan,
            fleet=fleet,
            folder=RunFolder(root),
            max_spend=max_spend,
            concurrency=concurrency,
        )
    finally:
        await fleet.close()


async def enter_keys(plan: Plan, fleet: Fleet, environ: Mapping[str, str]) -> None:
    """Take keys that were entered on the owner's page from the database, where one is needed."""
    keys = [each.key for each in plan.deployments.values() if each.key is not None]
    if not any(key.vault for key in keys):
        return
    database = await Database.open(plan.settings.server.database)
    try:
        await database.migrate()
        desk = KeyDesk(
            plan=plan,
            database=database,
            fleet=fleet,
            environ=environ,
            now=lambda: datetime.now(UTC),
        )
        await desk.load()
    finally:
        await database.close()
