"""Every request's way to a deployment: `stream` for arena and judges, `relay` for `/v1`."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.gateway.calls import Call, Upstream
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.prices import Price
from blindarena.gateway.routing.breaker import Breaker
from blindarena.gateway.routing.choosing import Chooser
from blindarena.gateway.routing.entry import (
    DeploymentState,
    DeploymentStatus,
    Entry,
    Readiness,
)
from blindarena.gateway.routing.models import Models
from blindarena.gateway.routing.relaying import RelayedReply, Relaying
from blindarena.gateway.routing.routes import ModelRoute
from blindarena.gateway.routing.streaming import stream_in_order

__all__ = [
    "DeploymentState",
    "DeploymentStatus",
    "ModelRoute",
    "Readiness",
    "RelayedReply",
    "Router",
]


class Router:
    """The models of this process, by deployment.

    Args:
        rng: draws pauses, and among deployments that are equal.
        clock: the time in UTC, for the owner's page.
        sleep: waits; a test gives one that does not.
        jitter_s: longest pause before the second attempt; it doubles with each further one.
        time: seconds that never go back, for breakers, rests and latencies.
        retries: further attempts at a model's deployments before the first byte of a reply.
        queue_timeout_s: longest wait for a place, and for an upstream's `Retry-After`.
        failures_to_open: failures in a row that open a deployment's breaker.
        open_s: how long it gets nothing then.
    """

    def __init__(
        self,
        *,
        rng: random.Random | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter_s: float = 0.1,
        time: Callable[[], float] = time.monotonic,
        retries: int = 2,
        queue_timeout_s: float = 30.0,
        failures_to_open: int = 5,
        open_s: float = 15.0,
    ) -> None:
        self._time = time
        self._failures_to_open = failures_to_open
        self._open_s = open_s
        self._queue_timeout_s = queue_timeout_s
        self._entries: dict[str, Entry] = {}
        self._held: frozenset[str] = frozenset()
        self._models = Models(self._entries)
        self._chooser = Chooser(
            rng=rng or random.Random(),  # noqa: S311 - spreads load, guards nothing
            time=time,
            clock=clock,
            sleep=sleep,
            jitter_s=jitter_s,
        )
        self._relaying = Relaying(
            self._chooser, models=self._models, time=time, sleep=sleep, retries=retries
        )

    def put(self, name: str, model: ChatModel, status: Readiness = "ready") -> None:
        """Add a deployment, or change its model; streams that have begun go on with the old one.

        A change closes its breaker, ends its rest and makes it take requests again.
        """
        entry = self._entry(name)
        entry.model, entry.status, entry.detail = model, status, ""
        self._look_again()

    def put_upstream(
        self,
        name: str,
        upstream: Upstream,
        *,
        weight: float = 1.0,
        max_concurrent: int | None = None,
        queue: int = 100,
    ) -> None:
        """Add a deployment for `relay`, or change it; replies that have begun go on.

        Its status stays what it is, "ready" for a new one; the rest is as with `put`.

        Args:
            name: the deployment.
            upstream: takes its calls.
            weight: see `set_limits`, as for the others.
            max_concurrent: requests at a time.
            queue: how many may wait.
        """
        entry = self._entry(name)
        entry.upstream = upstream
        self._models.changed()
        self.set_limits(name, weight=weight, max_concurrent=max_concurrent, queue=queue)
        self._look_again()

    def set_limits(
        self, name: str, *, weight: float = 1.0, max_concurrent: int | None = None, queue: int = 100
    ) -> None:
        """Say how much a deployment takes, through both doors; of one that is not there, nothing.

        Args:
            name: the deployment.
            weight: its share beside other deployments of a model.
            max_concurrent: requests at a time; None is no limit.
            queue: how many may wait for a place.
        """
        if (entry := self._entries.get(name)) is not None:
            entry.weight = weight
            entry.slots.resize(limit=max_concurrent, queue=queue)

    def drop(self, name: str) -> None:
        """Remove a deployment; one that is not there is no error. Begun streams go on."""
        if (entry := self._entries.pop(name, None)) is not None:
            self._models.changed()
            entry.draining = True
            entry.slots.send_away()

    async def drain(self, name: str, timeout_s: float) -> bool:
        """Give a deployment nothing new and wait until what runs has ended; it is not removed.

        `put` or `put_upstream` make it take requests again.

        Returns:
            Whether everything ended in time; what has not still goes on.
        """
        entry = self._entries.get(name)
        if entry is None:
            return True
        entry.draining = True
        entry.slots.send_away()
        try:
            async with asyncio.timeout(timeout_s):
                await entry.slots.emptied()
        except TimeoutError:
            return False
        return True

    def set_status(self, name: str, status: Readiness, detail: str = "") -> None:
        """Say whether a deployment can be asked; of one that is not there, nothing is kept."""
        if (entry := self._entries.get(name)) is not None:
            was_up = entry.up
            entry.status, entry.detail = status, detail
            self._changed(entry, was_up=was_up)

    def set_health(self, name: str, unwell: str | None) -> None:
        """Say what a health check found: None is well. It holds beside `set_status`."""
        if (entry := self._entries.get(name)) is not None:
            was_up = entry.up
            entry.unwell = unwell
            self._changed(entry, was_up=was_up)

    def hold(self, names: Collection[str]) -> None:
        """Say which deployments get nothing new because the owner says so; what runs goes on.

        It holds beside `drain`, `put` and `set_status`, and for deployments that come later.
        """
        self._held = frozenset(names)
        for entry in self._entries.values():
            was_up, entry.held = entry.up, entry.name in self._held
            self._changed(entry, was_up=was_up)

    def upstream(self, name: str) -> Upstream | None:
        """Return what takes a deployment's calls, past places and breaker: to test it."""
        entry = self._entries.get(name)
        return None if entry is None else entry.upstream

    def set_models(self, routes: Mapping[str, ModelRoute]) -> None:
        """Say which models there are; requests that have begun go on.

        Raises:
            ConfigError: fallbacks that lead back to where they began; nothing is changed.
        """
        self._models.tell(routes)
        self._look_again()

    def routes(self) -> Mapping[str, ModelRoute]:
        """Return what `set_models` was told last."""
        return self._models.routes

    def models(self) -> list[str]:
        """Return the models that `relay` knows: those told, then deployments in none of them."""
        return self._models.names()

    def dearest(self, model: str) -> list[Price]:
        """Return the prices of all deployments that may answer for a model; the dearest counts."""
        return self._models.prices(model)

    def statuses(self) -> Mapping[str, DeploymentStatus]:
        """Return the state of every deployment, by name, in the order in which they were put."""
        return {name: entry.told() for name, entry in self._entries.items()}

    def states(self) -> Mapping[str, DeploymentState]:
        """Return all that is known of every deployment, for the owner's page and metrics."""
        now = self._time()
        return {name: entry.state(now) for name, entry in self._entries.items()}

    def fallbacks(self) -> Mapping[str, int]:
        """Return how many requests another model answered, by the model that was asked for."""
        return dict(self._relaying.fallbacks)

    def available(self, deployments: Sequence[str]) -> bool:
        """Say whether at least one of them can be asked now."""
        return self._chooser.any_open(self._known(deployments))

    def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream one answer from the first deployment that gives a first token.

        The next one is tried after a failure that may not repeat itself there, a refused key
        included; a request that is refused as such would be refused everywhere. One that has no
        place is passed over for the next that has; where none has, the first place is waited for.

        Yields:
            Text deltas, then one Finished.

        Raises:
            ProviderError: all of them failed (the last one's error), the one that had begun broke
                off, or none is ready or has a place in time (fault "unavailable").
        """
        return stream_in_order(
            deployments,
            request,
            chooser=self._chooser,
            known=self._known,
            deadline=self._time() + self._queue_timeout_s,
        )

    async def relay(self, call: Call) -> RelayedReply:
        """Send a call to a deployment of its model, or of a fallback, and wait for the first byte.

        Raises:
            GatewayError: 404 no such model; 429 all queues are full, or all upstreams have asked
                to be left alone; 503 none can be asked; 504 no place came free in time.
            ProviderError: the last attempt's.
        """
        return await self._relaying.relay(call, self._time() + self._queue_timeout_s)

    def _entry(self, name: str) -> Entry:
        """Return a deployment that is about to be put: a new one, or one that is renewed."""
        breaker = Breaker(failures_to_open=self._failures_to_open, open_s=self._open_s)
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = Entry(name, breaker=breaker)
            entry.held = name in self._held
        else:
            entry.renew(breaker)
        return entry

    def _changed(self, entry: Entry, *, was_up: bool) -> None:
        if was_up and not entry.up:
            entry.slots.send_away()
        elif entry.up and not was_up:
            self._look_again()

    def _look_again(self) -> None:
        """Let everybody who waits look for a place again, in order: there may be a new one."""
        for entry in self._entries.values():
            entry.slots.send_away()

    def _known(self, deployments: Sequence[str]) -> list[Entry]:
        entries = self._entries
        return [
            e
            for name in deployments
            if (e := entries.get(name)) is not None and e.model is not None
        ]
