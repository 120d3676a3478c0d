"""The owner's side of the running gateway: what is there, draining it, and asking it something."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from blindarena.bootstrap.asking import Asked, ask_upstream
from blindarena.bootstrap.cards import DeploymentCard
from blindarena.bootstrap.gateway_states import (
    DeploymentRow,
    ModelRow,
    deployment_rows,
    model_rows,
)
from blindarena.domain.workers import Worker
from blindarena.errors import BlindArenaError, NotFoundError, StorageError
from blindarena.gateway.calls import Upstream
from blindarena.gateway.ports import UsageSink
from blindarena.gateway.router import Router

log = logging.getLogger("blindarena.gateway")
FOLLOW_S = 3.0


class Stored(Protocol):
    """Names of drained deployments, shared by all gateways of a database."""

    async def all(self) -> frozenset[str]:
        """Return all of them."""
        ...

    async def add(self, deployment: str, *, at: datetime) -> bool:
        """Add one; return whether it was not there yet."""
        ...

    async def remove(self, deployment: str) -> bool:
        """Remove one; return whether it was there."""
        ...


class Audit(Protocol):
    """Takes a line of the audit log."""

    async def add(self, *, at: datetime, who: str, what: str, detail: str = "") -> None:
        """Append a line."""
        ...


class Registry(Protocol):
    """The workers that joined."""

    async def all(self) -> list[Worker]:
        """Return all workers, the first to join first."""
        ...


class Switchboard:
    """Shows and switches the deployments of this process's router.

    A drained deployment stays so, over restarts and in every gateway of the database, until it is
    let back.

    Args:
        router: of this process.
        cards: of the configured deployments, by name; live.
        drained: names of drained deployments.
        workers: the registry.
        audit: takes a line for each change.
        usage: takes what "ask now" used; None where nobody writes it.
        now: the time, in UTC.
        follow_s: seconds between two looks at what other processes have drained.
    """

    def __init__(
        self,
        *,
        router: Router,
        cards: Mapping[str, DeploymentCard],
        drained: Stored,
        workers: Registry,
        audit: Audit,
        usage: UsageSink | None,
        now: Callable[[], datetime],
        follow_s: float = FOLLOW_S,
    ) -> None:
        self._router = router
        self._cards = cards
        self._drained = drained
        self._workers = workers
        self._audit = audit
        self._usage = usage
        self._now = now
        self._follow_s = follow_s
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take over what is drained, and follow it from then on."""
        await self._look()
        self._task = asyncio.create_task(self._follow(), name="drained deployments")

    async def close(self) -> None:
        """Follow no longer; again is no error."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def workers(self) -> list[Worker]:
        """Return the workers that joined, the first first."""
        return await self._workers.all()

    def deployments(self, workers: list[Worker]) -> list[DeploymentRow]:
        """Return how every deployment is at this moment."""
        return deployment_rows(
            self._router,
            cards=self._cards,
            workers={worker.name: worker for worker in workers},
            now=self._now(),
        )

    def models(self, rows: list[DeploymentRow]) -> list[ModelRow]:
        """Return the models of `/v1`."""
        return model_rows(self._router, rows)

    async def drain(self, name: str, *, who: str) -> None:
        """Give a deployment nothing new; what runs goes on. Again changes nothing.

        Raises:
            NotFoundError: there is no such deployment.
        """
        self._known(name)
        if await self._drained.add(name, at=self._now()):
            await self._note(who, f"Drained the deployment {name}")
        await self._look()

    async def undrain(self, name: str, *, who: str) -> None:
        """Let a deployment take requests again. Again changes nothing."""
        if await self._drained.remove(name):
            await self._note(who, f"Let the deployment {name} take requests again")
        else:
            self._known(name)
        await self._look()

    async def ask(self, name: str, *, who: str) -> Asked:
        """Send one tiny request to a deployment, whether or not it is drained or its breaker open.

        It takes no place, counts in no statistic of the router, and is written down as usage.

        Raises:
            NotFoundError: there is no such deployment, or it takes no requests of programs.
        """
        upstream = self._known(name)
        await self._note(who, f"Asked the deployment {name}")
        asked, row = await ask_upstream(upstream, name, at=self._now())
        if self._usage is not None:
            self._usage.add(row)
        return asked

    def _known(self, name: str) -> Upstream:
        upstream = self._router.upstream(name)
        if upstream is None:
            raise NotFoundError(f"there is no deployment {name!r:.200}")
        return upstream

    async def _look(self) -> None:
        self._router.hold(await self._drained.all())

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._follow_s)
            try:
                await self._look()
            except BlindArenaError as error:
                level = logging.WARNING if isinstance(error, StorageError) else logging.ERROR
                log.log(level, "what is drained cannot be read: %s", error)

    async def _note(self, who: str, what: str) -> None:
        await self._audit.add(at=self._now(), who=who, what=what)
