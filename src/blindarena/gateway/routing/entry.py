"""One deployment in the router: what it is, how it is, and what went through it."""

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.calls import AttemptTrace, Upstream
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.routing.breaker import Breaker, BreakerState
from blindarena.gateway.routing.latency import Latency, LatencyFigures
from blindarena.gateway.routing.prefix import hash64
from blindarena.gateway.routing.slots import Slots

log = logging.getLogger("blindarena.gateway")
Readiness = Literal["ready", "loading", "down"]

MAX_REST_S = 3600.0
"""The longest that we believe an upstream's `Retry-After`."""


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


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """What the router knows of one deployment at this moment, for the owner.

    Attributes:
        in_flight: requests that have a place.
        waiting: requests in line; one that waits at several deployments counts at each.
        max_concurrent: places; None is no limit.
        opens_in_s: seconds until an open breaker lets one request try.
        rests_s: seconds that it has asked to be left alone.
        draining: it takes nothing new. held: because the owner says so.
        retries: of its requests, those that had failed elsewhere or here before.
        first: until the reply began. total: until it ended; both of replies that ended well.
    """

    status: DeploymentStatus
    in_flight: int
    waiting: int
    max_concurrent: int | None
    queue: int
    weight: float
    breaker: BreakerState
    opens_in_s: float
    rests_s: float
    draining: bool
    held: bool
    retries: int
    first: LatencyFigures
    total: LatencyFigures


class Entry:
    """A deployment with its places, its breaker and its counts; both doors go through it."""

    __slots__ = (
        "breaker",
        "detail",
        "draining",
        "errors",
        "first",
        "held",
        "last_error",
        "last_error_at",
        "last_ok_at",
        "model",
        "name",
        "requests",
        "rest_until",
        "retries",
        "seed",
        "slots",
        "status",
        "total",
        "unwell",
        "upstream",
        "weight",
    )

    def __init__(self, name: str, *, breaker: Breaker) -> None:
        self.name = name
        self.seed = hash64(name.encode())
        self.model: ChatModel | None = None
        self.upstream: Upstream | None = None
        self.status: Readiness = "ready"
        self.detail = ""
        self.unwell: str | None = None
        self.draining = False
        self.held = False
        self.weight = 1.0
        self.slots = Slots()
        self.breaker = breaker
        self.rest_until = -math.inf
        self.requests = 0
        self.retries = 0
        self.errors: Counter[ProviderFault] = Counter()
        self.last_error: str | None = None
        self.last_error_at: datetime | None = None
        self.last_ok_at: datetime | None = None
        self.first = Latency()
        self.total = Latency()

    @property
    def load(self) -> int:
        """Requests under way."""
        return self.slots.in_flight

    @property
    def up(self) -> bool:
        """Whether it is there to be asked, whatever breaker and rest say."""
        return (
            self.status == "ready" and self.unwell is None and not self.draining and not self.held
        )

    def open(self, now: float) -> bool:
        """Say whether it may be asked now, if it has a place."""
        return (
            self.status == "ready"
            and self.unwell is None
            and not self.draining
            and not self.held
            and self.rest_until <= now
            and self.breaker.allows(now)
        )

    def renew(self, breaker: Breaker) -> None:
        """Take it for another deployment under the same name: its failures are forgotten."""
        self.breaker = breaker
        self.rest_until = -math.inf
        self.draining = False

    def told(self) -> DeploymentStatus:
        """Return what the owner's page shows."""
        status, detail = self.status, self.detail
        if status == "ready" and self.unwell is not None:
            status, detail = "down", self.unwell
        elif status == "ready" and self.draining:
            status, detail = "down", "draining"
        elif status == "ready" and self.held:
            status, detail = "down", "drained by the owner"
        return DeploymentStatus(
            name=self.name,
            status=status,
            detail=detail,
            requests=self.requests,
            errors=dict(self.errors),
            last_error=self.last_error,
            last_error_at=self.last_error_at,
            last_ok_at=self.last_ok_at,
        )

    def state(self, now: float) -> DeploymentState:
        """Return everything that is known."""
        return DeploymentState(
            status=self.told(),
            in_flight=self.slots.in_flight,
            waiting=self.slots.waiting,
            max_concurrent=self.slots.limit,
            queue=self.slots.queue,
            weight=self.weight,
            breaker=self.breaker.state(now),
            opens_in_s=self.breaker.wait_s(now),
            rests_s=max(0.0, self.rest_until - now),
            draining=self.draining,
            held=self.held,
            retries=self.retries,
            first=self.first.figures(),
            total=self.total.figures(),
        )


class Attempt:
    """One request at one deployment, from the place taken to the place given back.

    Args:
        entry: its place is taken already, and `open` was true in this turn of the loop.
        time: seconds that never go back.
        clock: the time in UTC, for the owner's page.
    """

    __slots__ = (
        "_began",
        "_breaker",
        "_clock",
        "_over",
        "_permit",
        "_time",
        "entry",
        "first_s",
        "trace",
    )

    def __init__(
        self,
        entry: Entry,
        *,
        time: Callable[[], float],
        clock: Callable[[], datetime],
        again: bool = False,
    ) -> None:
        self.entry = entry
        self.first_s: float | None = None
        self.trace: AttemptTrace | None = None
        self._over = False
        self._time = time
        self._clock = clock
        self._began = time()
        self._breaker = entry.breaker  # of the deployment as it is now: it may be changed
        self._permit = self._breaker.begin()
        entry.requests += 1
        if again:
            entry.retries += 1

    def begun(self) -> None:
        """Say that the reply has begun."""
        self.first_s = self._time() - self._began
        self._breaker.began(self._permit)

    def end(self, error: ProviderError | None = None) -> None:
        """Give the place back and count the outcome; only the first call does.

        Args:
            error: None is well, or the client left; before the reply has begun it says nothing.
        """
        if self._over:
            return
        self._over = True
        if self.trace is not None:
            self.trace.end(error)
        entry = self.entry
        if error is not None:
            self._failed(entry, error)
        elif self.first_s is None:
            self._breaker.abandoned(self._permit)
        else:
            self._breaker.succeeded(self._permit)
            entry.last_ok_at = self._clock()
            entry.first.add(self.first_s)
            entry.total.add(self._time() - self._began)
        entry.slots.release()

    def _failed(self, entry: Entry, error: ProviderError) -> None:
        now = self._time()
        entry.errors[error.fault] += 1
        entry.last_error, entry.last_error_at = str(error), self._clock()
        if not counts(error):
            self._breaker.abandoned(self._permit)
        elif self._breaker.failed(self._permit, now):
            log.warning("deployment %s gets nothing for a while: %s", entry.name, error.fault)
            entry.slots.send_away()
        if error.retry_after_s is not None and error.fault in ("rate_limit", "server"):
            rest = now + min(error.retry_after_s, MAX_REST_S)
            if rest > max(now, entry.rest_until):
                entry.rest_until = rest
                entry.slots.send_away()


def counts(error: ProviderError) -> bool:
    """Say whether a failure speaks against the deployment, and not against the request.

    A refused key (401) does; 403 does not, as hosts say it of a message's content, too.
    """
    return error.fault in ("refused", "reset", "timeout", "malformed", "server") or (
        error.fault == "auth" and error.status == 401
    )
