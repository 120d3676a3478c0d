"""Follows the registry of workers, and keeps their deployments in this process's router."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from blindarena.bootstrap.doors import openai_doors
from blindarena.domain.workers import Worker, WorkerState
from blindarena.errors import BlindArenaError
from blindarena.gateway.catalog import load_catalog
from blindarena.gateway.http import open_session
from blindarena.gateway.prices import price_of
from blindarena.gateway.router import ModelRoute, Router

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("blindarena.workers")
SILENT_BEATS = 3
FORGET_S = 600.0


class Registry(Protocol):
    """What is needed of the registry."""

    async def all(self) -> list[Worker]:
        """Return all workers, the first to join first."""
        ...

    async def hold(self, worker_id: UUID, *, at: datetime) -> None:
        """Note that a gateway still has requests at a worker that drains."""
        ...

    async def forget(self, *, silent_since: datetime) -> int:
        """Remove workers silent for longer."""
        ...


@dataclass(slots=True)
class _Followed:
    """A worker as last seen: when its heartbeats were last seen to go on, and by what problem."""

    worker: Worker
    heard_at: float
    problem: str = ""
    drain: "asyncio.Task[bool] | None" = None


class WorkerRouting:
    """Workers as deployments; `start` follows the registry until `close`.

    Args:
        workers: the registry, which other processes change too.
        router: of this process.
        configured: the models of the configuration, to which workers are added.
        unseal: gives the key of a worker's engine; a SecretError keeps it out.
        drain_s: how long to remember that one is drained.
        heartbeat_s: between two heartbeats of a worker, and between two looks at the registry.
        now: the time in UTC, for workers met for the first time.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        *,
        workers: Registry,
        router: Router,
        configured: Mapping[str, ModelRoute],
        unseal: Callable[[Worker], str | None],
        drain_s: float,
        heartbeat_s: float,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._router = router
        self._configured = dict(configured)
        self._unseal = unseal
        self._drain_s = drain_s
        self._heartbeat_s = heartbeat_s
        self._silent_s = heartbeat_s * SILENT_BEATS
        self._now = now
        self._clock = clock
        self._followed: dict[UUID, _Followed] = {}
        self._lock = asyncio.Lock()
        self._http: dict[bool, aiohttp.ClientSession] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look at the registry now, and again and again in the background."""
        await self.sync()
        self._task = asyncio.create_task(self._follow(), name="workers")

    async def close(self) -> None:
        """Stop following, and close connections."""
        tasks = [f.drain for f in self._followed.values() if f.drain is not None]
        for task in filter(None, [self._task, *tasks]):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for session in self._http.values():
            await session.close()

    async def sync(self) -> None:
        """Make the router agree with the registry."""
        async with self._lock:
            rows = {worker.id: worker for worker in await self._workers.all()}
            for gone in self._followed.keys() - rows.keys():
                self._drop(self._followed.pop(gone))
            for worker in rows.values():
                self._take(worker)
            self._tell_models()
            for worker in rows.values():
                if worker.state == "draining" and self._here(worker):
                    await self._workers.hold(worker.id, at=self._now())
        await asyncio.sleep(0)  # a draining that was begun here has begun when we return

    def differs(self, worker_id: UUID, state: WorkerState) -> bool:
        """Say whether a worker's state is another than the one last seen."""
        followed = self._followed.get(worker_id)
        return followed is None or followed.worker.state != state

    def is_unreadable(self, worker_id: UUID) -> bool:
        """Say whether a worker cannot be asked because of its key; joining anew may help."""
        followed = self._followed.get(worker_id)
        return followed is not None and bool(followed.problem)

    def in_flight(self, worker_id: UUID) -> int:
        """Return how many requests of this process a worker has; at least 1 where others have."""
        followed = self._followed.get(worker_id)
        if followed is None:
            return 0
        held_at = followed.worker.held_at
        recent = timedelta(seconds=2.5 * self._heartbeat_s)
        elsewhere = held_at is not None and self._now() - held_at < recent
        return max(self._here(followed.worker), int(elsewhere))

    def _here(self, worker: Worker) -> int:
        state = self._router.states().get(worker.name)
        return state.in_flight if state else 0

    async def _follow(self) -> None:
        forgot_at = self._clock()
        while True:
            await asyncio.sleep(self._heartbeat_s)
            try:
                if self._clock() - forgot_at > FORGET_S / 10:
                    forgot_at = self._clock()
                    silent_since = self._now() - timedelta(seconds=FORGET_S)
                    await self._workers.forget(silent_since=silent_since)
                await self.sync()
            except BlindArenaError as error:
                log.warning("the registry of workers cannot be read: %s", error)
            except Exception:
                log.exception("following the workers failed")

    def _take(self, worker: Worker) -> None:
        """Put one worker into the router as it is now.

        Heartbeats are counted, and the time between them is measured by our own clock: the clocks
        of other gateways and of the database may differ from it.
        """
        clock = self._clock()
        followed = self._followed.get(worker.id)
        if followed is None:
            age = max(0.0, (self._now() - worker.beat_at).total_seconds())
            followed = self._followed[worker.id] = _Followed(worker, clock - age)
            self._put(followed)
        else:
            before, followed.worker = followed.worker, worker
            if (worker.beats, worker.joined_at) != (before.beats, before.joined_at):
                followed.heard_at = clock
            if worker.name != before.name:
                self._router.drop(before.name)
            if _place(worker) != _place(before) or (followed.drain and worker.state != "draining"):
                self._put(followed)
        if not followed.problem:
            self._tell_state(followed, silent_s=clock - followed.heard_at)

    def _tell_state(self, followed: _Followed, *, silent_s: float) -> None:
        worker = followed.worker
        if silent_s > self._silent_s:
            detail = f"no heartbeat for more than {self._silent_s:g} s"
            self._router.set_status(worker.name, "down", detail)
        elif worker.state == "loading":
            self._router.set_status(worker.name, "loading", "its engine does not answer yet")
        elif worker.state == "ready":
            self._router.set_status(worker.name, "ready")
        elif followed.drain is None:
            followed.drain = asyncio.create_task(self._router.drain(worker.name, self._drain_s))

    def _put(self, followed: _Followed) -> None:
        worker = followed.worker
        self._stop_drain(followed)
        try:
            row = load_catalog().get(worker.engine)
            _, upstream = openai_doors(
                name=worker.name,
                http=self._session(reuse=worker.engine != "llamacpp"),
                base_url=worker.base_url,
                model=worker.model,
                price=price_of(None, worker.model, cost_per_hour=worker.cost_per_hour),
                key=self._unseal(worker),
                row=row,
            )
        except BlindArenaError as error:
            followed.problem = str(error)
            log.warning("worker %s cannot be used: %s", worker.name, error)
            return
        followed.problem = ""
        self._router.put_upstream(
            worker.name,
            upstream,
            weight=float(worker.slots or 1),
            max_concurrent=worker.slots or None,
        )

    def _drop(self, followed: _Followed) -> None:
        self._stop_drain(followed)
        self._router.drop(followed.worker.name)

    @staticmethod
    def _stop_drain(followed: _Followed) -> None:
        if followed.drain is not None:
            followed.drain.cancel()
            followed.drain = None

    def models(self) -> Mapping[str, int]:
        """Return how many workers can be asked for each model, as far as this process knows."""
        return Counter(f.worker.model for f in self._followed.values() if not f.problem)

    def _tell_models(self) -> None:
        """Add the workers to the models of the configuration, or as models of their own."""
        routes = dict(self._configured)
        for worker in sorted(
            (followed.worker for followed in self._followed.values() if not followed.problem),
            key=lambda worker: (worker.joined_at, worker.name),
        ):
            route = routes.get(worker.model) or ModelRoute(())
            routes[worker.model] = replace(route, deployments=(*route.deployments, worker.name))
        if routes != self._router.routes():
            self._router.set_models(routes)

    def _session(self, *, reuse: bool) -> "aiohttp.ClientSession":
        if reuse not in self._http:
            self._http[reuse] = open_session(reuse=reuse)
        return self._http[reuse]


def _place(worker: Worker) -> tuple[object, ...]:
    """Return what a worker's deployment is made of."""
    return (
        worker.name,
        worker.model,
        worker.base_url,
        worker.sealed_key,
        worker.engine,
        worker.slots,
        worker.cost_per_hour,
    )
