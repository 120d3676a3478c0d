"""A gateway with workers' routes and `/v1`, for tests: in process, or on a loopback port."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.workers import Joining, WorkerDesk
from blindarena.gateway.router import Router
from blindarena.settings import Settings
from blindarena.storage import Database
from blindarena.testing.memory import MemoryDatabase
from blindarena.web.openai.app import OpenAIRoutes
from blindarena.web.openai.workers import PREFIX, WorkerRoutes
from web.openai.gate import OneKey, Rows, listening

TOKEN = "worker-token-of-the-tests"
ENVIRON = {"WORKER_TOKEN": TOKEN, "BLINDARENA_SECRET_KEY": "s" * 40}
SETTINGS: dict[str, Any] = {
    "gateway": {"worker_token": {"env": "WORKER_TOKEN"}, "retries": 0},
    "deployments": {"fixed": {"provider": "vllm", "model": "m"}},
}


class Clock:
    """A clock that a test moves, for wall time and for seconds that never go back."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return self.passed


def desk(
    database: Database | MemoryDatabase,
    router: Router,
    folder: Path,
    clock: Clock,
    *,
    settings: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
) -> WorkerDesk:
    """Return the registry's door of one gateway process; it does not follow by itself."""
    read = Settings.model_validate(SETTINGS if settings is None else settings)
    made = WorkerDesk(
        plan=Plan(settings=read, arenas=(), deployments=read.deployments, replays={}),
        database=database,  # type: ignore[arg-type]
        router=router,
        folder=folder,
        environ=ENVIRON if environ is None else environ,
        now=clock.now,
    )
    made.routing._clock = clock.seconds
    return made


def joining(base_url: str = "http://127.0.0.1:9/v1", **changed: Any) -> Joining:
    """Return what a worker says of itself."""
    said: dict[str, Any] = {
        "id": uuid.uuid4(),
        "name": "small@one",
        "model": "small",
        "base_url": base_url,
        "key": "engine-key",
        "engine": "vllm",
        "slots": 4,
        "cost_per_hour": None,
        "state": "ready",
    }
    return Joining(**said | changed)


@contextlib.asynccontextmanager
async def gateway(
    database: Database, folder: Path, *, port: int = 0
) -> AsyncIterator[tuple[str, Router]]:
    """Serve `/v1` and `/v1/workers` on a loopback port, following the registry."""
    router = Router(jitter_s=0.0, retries=0)
    read = Settings.model_validate(SETTINGS)
    workers = WorkerDesk(
        plan=Plan(settings=read, arenas=(), deployments=read.deployments, replays={}),
        database=database,
        router=router,
        folder=folder,
        environ=ENVIRON,
        now=lambda: datetime.now(UTC),
        heartbeat_s=0.3,
    )
    programs = OpenAIRoutes(GatewayDesk(router, OneKey(), Rows(), read.gateway))
    joined = WorkerRoutes(workers)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (joined if scope["path"].startswith(PREFIX) else programs)(scope, receive, send)

    await workers.open()
    try:
        async with listening(app, port=port) as url:
            yield url, router
    finally:
        await workers.close()
