"""Find the deployment that a request goes to next, and a place there."""

import math
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from blindarena.errors import GatewayError
from blindarena.gateway.routing.balance import least_busy
from blindarena.gateway.routing.entry import Attempt, Entry
from blindarena.gateway.routing.prefix import by_prefix
from blindarena.gateway.routing.slots import wait_for_place

MAX_PAUSE_S = 2.0
Choice = Callable[[Sequence[Entry]], Entry]
Find = Callable[[], Sequence[Entry]]
"""Looks up who may answer; asked again after each wait, as deployments come and go."""


class Refused(Exception):
    """No deployment of a model can take a request; another model's may.

    Args:
        error: what the client is told if nobody takes it.
    """

    def __init__(self, error: GatewayError) -> None:
        super().__init__(str(error))
        self.error = error


class Chooser:
    """Takes a place at the right deployment; the arguments are those of `Router`."""

    def __init__(
        self,
        *,
        rng: random.Random,
        time: Callable[[], float],
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        jitter_s: float,
    ) -> None:
        self._rng = rng
        self._time = time
        self._clock = clock
        self._sleep = sleep
        self._jitter_s = jitter_s

    async def pause(self, failures: int) -> None:
        """Wait for a drawn time before another attempt, longer from failure to failure."""
        longest = min(MAX_PAUSE_S, self._jitter_s * 2.0 ** min(failures - 1, 30))
        await self._sleep(self._rng.uniform(0, longest))

    def any_open(self, entries: Sequence[Entry]) -> bool:
        """Say whether one of them may be asked now, if it has a place."""
        now = self._time()
        return any(entry.open(now) for entry in entries)

    async def in_order(self, find: Find, deadline: float, *, again: bool = False) -> Attempt:
        """Take a place at the first that has one.

        Args:
            find: gives them in order of preference.
            deadline: until when to wait for a place.
            again: the request has failed before.

        Raises:
            Refused: none can be asked, all queues are full, or no place came free.
        """
        return await self._place(find, lambda free: free[0], None, deadline, again=again)

    async def balanced(
        self,
        find: Find,
        deadline: float,
        *,
        prefix: bytes | None = None,
        last: Entry | None = None,
    ) -> Attempt:
        """Take a place at the least busy, or at the one that a prefix prefers.

        Args:
            find: gives all that may answer.
            deadline: until when to wait for a place.
            prefix: what the choice goes by; None goes by load.
            last: where the request has just failed: taken again only where no other is free.

        Raises:
            Refused: as `in_order`.
        """

        def choose(free: Sequence[Entry]) -> Entry:
            if prefix is None:
                return least_busy(free, self._rng)
            return by_prefix(free, prefix)

        return await self._place(find, choose, last, deadline, again=last is not None)

    async def _place(
        self,
        find: Find,
        choose: Choice,
        last: Entry | None,
        deadline: float,
        *,
        again: bool,
    ) -> Attempt:
        while True:
            entries = find()
            now = self._time()
            able = [entry for entry in entries if entry.open(now)]
            if not able:
                raise Refused(_nobody(entries, now))
            free = [entry for entry in able if entry.slots.free]
            if free:
                if last is not None and len(free) > 1:
                    free = [entry for entry in free if entry is not last]
                entry = choose(free)
                entry.slots.take()
            else:
                found = await self._waited(able, deadline - now)
                if found is None:
                    continue
                entry = found
            return Attempt(entry, time=self._time, clock=self._clock, again=again)

    async def _waited(self, able: Sequence[Entry], left_s: float) -> Entry | None:
        """Wait for a place; None where what was found has changed and must be looked at again."""
        lines = {entry.slots: entry for entry in able if entry.slots.has_room}
        if not lines:
            raise Refused(_queue_full())
        try:
            place = await wait_for_place(list(lines), timeout_s=max(0.0, left_s))
        except TimeoutError:
            raise Refused(_queue_timeout()) from None
        if place is None:
            return None
        entry = lines[place]
        if not entry.open(self._time()):
            place.release()
            return None
        return entry


def _nobody(entries: Sequence[Entry], now: float) -> GatewayError:
    """Say why none can be asked, and when one may be."""
    up = [entry for entry in entries if entry.up]
    wait = min((_wait_s(entry, now) for entry in up), default=math.inf)
    retry = None if wait == math.inf else wait
    if up and all(entry.rest_until > now for entry in up):
        return GatewayError(
            "every deployment of this model is rate limited by its provider; try again later",
            status=429,
            type="rate_limit_error",
            code="upstream_rate_limit",
            retry_after_s=retry,
        )
    return GatewayError(
        "no deployment of this model can be asked at the moment; try again later",
        status=503,
        type="overloaded_error",
        code="no_deployment",
        retry_after_s=retry,
    )


def _wait_s(entry: Entry, now: float) -> float:
    return max(entry.rest_until - now, entry.breaker.wait_s(now), 0.0)


def _queue_full() -> GatewayError:
    return GatewayError(
        "every deployment of this model is busy and its queue is full; try again later",
        status=429,
        type="rate_limit_error",
        code="queue_full",
        retry_after_s=1.0,
    )


def _queue_timeout() -> GatewayError:
    return GatewayError(
        "no deployment of this model had a free place in time; try again later",
        status=504,
        type="overloaded_error",
        code="queue_timeout",
    )
