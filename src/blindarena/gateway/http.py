"""How we talk HTTP to upstreams: the session, the timeouts, and one timer per stream."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import aiohttp

from blindarena import __version__
from blindarena.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for an upstream, in seconds.

    Attributes:
        connect_s: until the connection stands.
        first_token_s: from sending the request to the first token; comments that only keep the
            connection alive do not count, a model's reasoning does.
        idle_s: between two tokens. Time that our own reader takes does not count.
        total_s: for the whole answer.
    """

    connect_s: float = 10.0
    first_token_s: float = 60.0
    idle_s: float = 30.0
    total_s: float = 600.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ConfigError(f"timeout {field.name} = {value!r}: must be above 0 seconds")

    def passed(self, *, total: bool, begun: bool) -> str:
        """Say which limit has passed.

        Args:
            total: that for the whole answer.
            begun: a token had come.
        """
        if total:
            return f"not finished within {self.total_s:g} s"
        if begun:
            return f"no further token within {self.idle_s:g} s"
        return f"no first token within {self.first_token_s:g} s"


_TAIL_WAIT_S = 0.05
"""How long the end of an HTTP body may take after the last event, to keep the connection."""


async def drain(content: aiohttp.StreamReader) -> None:
    """Wait a moment for the end of a body, so that its connection can be used again."""
    if not content.at_eof():
        try:
            async with asyncio.timeout(_TAIL_WAIT_S):
                await content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError):
            return


def give_back(response: aiohttp.ClientResponse) -> None:
    """Give the connection back if the body is read to its end, else close it at once."""
    if response.content.at_eof():
        response.release()
    else:
        response.close()


def open_session(*, reuse: bool = True) -> aiohttp.ClientSession:
    """Return the session that all upstreams share; whoever opens it closes it.

    No limit on connections (a stream holds one for its whole length), no cookies, no proxy or
    netrc from the environment. Idle connections are kept for 4 s, less than the 5 s after which
    uvicorn closes its own: a request is not sent into a closing connection.

    Args:
        reuse: False opens a connection for each request. llama.cpp's server announces keep-alive
            but closes after each streamed answer, so that the next request would fail at random.
    """
    connector = (
        aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0, ttl_dns_cache=60)
        if reuse
        else aiohttp.TCPConnector(limit=0, force_close=True)
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"blindarena/{__version__}"},
        trust_env=False,
    )


class Watchdog:
    """Fails a body that is waited for past a deadline, with one timer and no work per token.

    A timer that is set anew for each token would cost more than parsing it. This one looks when it
    fires whether the deadline has moved on, and sleeps again if so. Unlike `asyncio.timeout` it
    does not cancel the task, so it may stay armed while a generator is suspended.

    Args:
        content: the body that is read.
        error: makes the exception that the waiting reader gets.
    """

    def __init__(self, content: aiohttp.StreamReader, *, error: Callable[[], Exception]) -> None:
        self._content = content
        self._error = error
        self._loop = asyncio.get_running_loop()
        self._deadline = math.inf
        self._fires_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def wait_until(self, deadline: float) -> None:
        """Say that the reader waits from now on, at most until `deadline` (the loop's time)."""
        self._deadline = deadline
        if deadline < self._fires_at:
            self.close()
            self._arm(deadline)

    def rest(self) -> None:
        """Say that the reader does not wait."""
        self._deadline = math.inf

    def close(self) -> None:
        """Drop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fires_at = math.inf

    def _arm(self, when: float) -> None:
        self._fires_at = when
        self._timer = self._loop.call_at(when, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._fires_at = math.inf
        if self._loop.time() >= self._deadline:
            self._content.set_exception(self._error())
        elif self._deadline < math.inf:
            self._arm(self._deadline)
