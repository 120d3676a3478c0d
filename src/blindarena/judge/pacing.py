"""Keep a fixed number of calls under way until the end, and give way to an upstream in distress."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from blindarena.errors import ProviderError

T = TypeVar("T")
J = TypeVar("J")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, and how long is waited in between, in seconds.

    The n-th wait is drawn evenly from 0 to min(longest, first * 2**n) ("full jitter", Brooker
    2015), or is what the upstream asks for, if that is longer.
    """

    tries: int = 6
    first_s: float = 1.0
    longest_s: float = 60.0


class Pause:
    """A time until which nobody asks one upstream, because it said "too many requests".

    One call's answer makes all of them wait: 32 calls that each find out for themselves are a
    storm.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0

    def extend(self, seconds: float) -> None:
        """Let nobody ask for so long from now."""
        self._until = max(self._until, self._clock() + seconds)

    def left(self) -> float:
        """Return the seconds that are still to be waited, at least 0."""
        return max(0.0, self._until - self._clock())


async def patiently(
    call: Callable[[], Awaitable[T]],
    *,
    pause: Pause,
    patience: Patience,
    rng: random.Random,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Make a call, again and again where that may help.

    Raises:
        ProviderError: the last one, after `patience.tries` tries or at once where it is final.
    """
    attempt = 0
    while True:
        while (left := pause.left()) > 0:
            await sleep(left * (1 + 0.1 * rng.random()))
        try:
            return await call()
        except ProviderError as error:
            attempt += 1
            if not error.retryable or attempt >= patience.tries:
                raise
            most = min(patience.longest_s, patience.first_s * 2 ** (attempt - 1))
            wait = rng.uniform(0, most)
            if error.fault == "rate_limit":
                pause.extend(max(error.retry_after_s or most / 2, 0.0))
            elif error.retry_after_s is not None:
                wait = max(wait, min(error.retry_after_s, patience.longest_s))
            await sleep(wait)


async def keep_busy(
    jobs: Iterable[J], work: Callable[[J], Awaitable[bool]], *, concurrency: int
) -> bool:
    """Work on jobs in their order, so many at a time, until they end or one says stop.

    Args:
        jobs: taken one by one, as workers become free.
        work: returns False to stop: what is under way ends, nothing more is begun.
        concurrency: how many at once.

    Returns:
        Whether all were worked on.
    """
    queue = iter(jobs)
    stopped = False

    async def worker() -> None:
        nonlocal stopped
        for job in queue:
            if stopped:
                return
            if not await work(job):
                stopped = True

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
    return not stopped
