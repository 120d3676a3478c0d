"""Find a model by the name of its deployment; go on to the next one before the first token."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from blindarena.domain.chat import ChatRequest, Finished, StreamEvent
from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.streams import closing

Readiness = Literal["ready", "loading", "down"]


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """What the owner's page shows of one deployment; counts are since this process started.

    Attributes:
        detail: e.g. "loading 62 %" or why it is down.
        requests: begun, failed ones included.
        errors: failures by fault.
        last_error: text of the latest failure, for the owner only: it may name the provider.
    """

    name: str
    status: Readiness
    detail: str = ""
    requests: int = 0
    errors: Mapping[ProviderFault, int] = field(default_factory=dict)
    last_error: str | None = None
    last_error_at: datetime | None = None
    last_ok_at: datetime | None = None


@dataclass(slots=True)
class _Entry:
    model: ChatModel
    status: Readiness
    detail: str = ""
    requests: int = 0
    errors: Counter[ProviderFault] = field(default_factory=Counter)
    last_error: str | None = None
    last_error_at: datetime | None = None
    last_ok_at: datetime | None = None


class Router:
    """The models of this process, by deployment.

    Args:
        rng: draws the pause before another deployment is tried.
        clock: the time in UTC, for the owner's page.
        sleep: waits; a test gives one that does not.
        jitter_s: longest pause before another deployment is tried.
    """

    def __init__(
        self,
        *,
        rng: random.Random | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter_s: float = 0.1,
    ) -> None:
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._clock = clock
        self._sleep = sleep
        self._jitter_s = jitter_s
        self._entries: dict[str, _Entry] = {}

    def put(self, name: str, model: ChatModel, status: Readiness = "ready") -> None:
        """Add a deployment, or change its model; streams that have begun go on with the old one."""
        entry = self._entries.get(name)
        if entry is None:
            self._entries[name] = _Entry(model, status)
        else:
            entry.model, entry.status, entry.detail = model, status, ""

    def drop(self, name: str) -> None:
        """Remove a deployment; one that is not there is no error. Begun streams go on."""
        self._entries.pop(name, None)

    def set_status(self, name: str, status: Readiness, detail: str = "") -> None:
        """Say whether a deployment can be asked; of one that is not there, nothing is kept."""
        if (entry := self._entries.get(name)) is not None:
            entry.status, entry.detail = status, detail

    def statuses(self) -> Mapping[str, DeploymentStatus]:
        """Return the state of every deployment, by name, in the order in which they were put."""
        return {
            name: DeploymentStatus(
                name=name,
                status=entry.status,
                detail=entry.detail,
                requests=entry.requests,
                errors=dict(entry.errors),
                last_error=entry.last_error,
                last_error_at=entry.last_error_at,
                last_ok_at=entry.last_ok_at,
            )
            for name, entry in self._entries.items()
        }

    def available(self, deployments: Sequence[str]) -> bool:
        """Say whether at least one of them can be asked now."""
        return any(self._ready(name) for name in deployments)

    async def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream one answer from the first deployment that gives a first token.

        The next one is tried after a failure that may not repeat itself there, a refused key
        included; a request that is refused as such would be refused everywhere.

        Yields:
            Text deltas, then one Finished.

        Raises:
            ProviderError: all of them failed (the last one's error), the one that had begun broke
                off, or none is ready (fault "unavailable").
        """
        failed: ProviderError | None = None
        for name in deployments:
            if not self._ready(name):
                continue
            if failed is not None:
                await self._sleep(self._rng.uniform(0, self._jitter_s))
                if not self._ready(name):  # it may have gone meanwhile
                    continue
            entry = self._entries[name]
            entry.requests += 1
            began = finished = False
            try:
                async with closing(entry.model.stream(request)) as events:
                    async for event in events:
                        began = True
                        finished = isinstance(event, Finished)
                        if finished:
                            entry.last_ok_at = self._clock()
                        yield event
                if not finished:
                    text = f"{name}: the stream ended without its Finished"
                    raise ProviderError(text, fault="malformed", deployment=name)
            except ProviderError as error:
                entry.errors[error.fault] += 1
                entry.last_error, entry.last_error_at = str(error), self._clock()
                if began or not (error.retryable or error.fault == "auth"):
                    raise
                failed = error
            else:
                return
        raise failed or ProviderError(
            f"none of the deployments {', '.join(deployments) or '(none)'} is ready",
            fault="unavailable",
        )

    def _ready(self, name: str) -> bool:
        entry = self._entries.get(name)
        return entry is not None and entry.status == "ready"
