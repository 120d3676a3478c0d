"""Ask a gateway, with far less work than it has: one callback per reply, no task, no parser."""

import asyncio
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

from gateway_upstream import MODEL, TOKEN

_TOKEN = TOKEN.strip().encode()
_MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Tell me about the history of the town, in a few sentences."},
]


@dataclass
class Times:
    """How long replies took, in seconds.

    Attributes:
        first: until the first token.
        whole: until the end.
        tokens: that came, those of replies that were not waited for included.
        failed: replies that were not what they should be; the first one's beginning is kept.
    """

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    tokens: int = 0
    failed: int = 0
    failure: bytes = b""

    def check(self) -> None:
        """Refuse what failed.

        Raises:
            RuntimeError: a reply was wrong, or no token came.
        """
        if self.failed or not self.tokens:
            raise RuntimeError(f"{self.failed} wrong of {len(self.whole)}: {self.failure!r:.300}")


def request_to(host: str, *, key: str, stream: bool) -> bytes:
    """Write a request for a chat completion."""
    body: dict[str, object] = {"model": MODEL, "messages": _MESSAGES, "max_tokens": 256}
    if stream:
        body |= {"stream": True}
    data = json.dumps(body).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


class Asker(asyncio.Protocol):
    """One connection: sends a request, reads the reply, tells the times, and is asked again.

    Args:
        request: the same each time.
        tokens: how many a right reply has.
        ended: is called after each reply.
    """

    def __init__(
        self, request: bytes, *, tokens: int, times: Times, ended: Callable[["Asker"], None]
    ) -> None:
        self._request = request
        self._tokens = tokens
        self._times = times
        self._ended = ended
        self._pieces: list[bytes] = []
        self._left = -1
        self._chunked = False
        self._begun = self._first = 0.0
        self._busy = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the reply that breaks off."""
        if self._busy:
            self._done(right=False)

    def ask(self) -> None:
        """Send the request."""
        assert self._transport is not None
        self._pieces = []
        self._left, self._first = -1, 0.0
        self._busy = True
        self._begun = perf_counter()
        self._transport.write(self._request)

    def close(self) -> None:
        """Close the connection, whatever it does."""
        if self._busy:
            self._times.tokens += b"".join(self._pieces).count(_TOKEN)
            if self._first:
                self._times.first.append(self._first)
        self._busy = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take a part of the reply."""
        self._pieces.append(data)
        if not self._first and _TOKEN in data:
            self._first = perf_counter() - self._begun
        if self._left < 0:
            whole = b"".join(self._pieces)
            end = whole.find(b"\r\n\r\n")
            if end < 0:
                return
            head = whole[:end].lower()
            at = head.find(b"content-length:")
            self._chunked = at < 0
            self._left = 0 if at < 0 else int(head[at + 15 :].partition(b"\r")[0])
            self._left -= 0 if at < 0 else len(whole) - end - 4
        elif not self._chunked:
            self._left -= len(data)
        if data.endswith(b"0\r\n\r\n") if self._chunked else self._left <= 0:
            whole = b"".join(self._pieces)
            came = whole.count(_TOKEN)
            self._times.tokens += came
            self._done(right=whole[9:12] == b"200" and came == self._tokens)

    def _done(self, *, right: bool) -> None:
        self._busy = False
        times = self._times
        times.whole.append(perf_counter() - self._begun)
        times.first.append(self._first)
        if not right:
            times.failed += 1
            times.failure = times.failure or b"".join(self._pieces)
        self._ended(self)


@dataclass(frozen=True)
class Target:
    """Where to ask, and with what key."""

    host: str
    key: str
    tokens: int

    async def connect(
        self, times: Times, ended: Callable[[Asker], None], *, stream: bool = False
    ) -> Asker:
        """Open one connection."""
        request = request_to(self.host, key=self.key, stream=stream)
        name, _, port = self.host.partition(":")
        _, asker = await asyncio.get_running_loop().create_connection(
            lambda: Asker(request, tokens=self.tokens, times=times, ended=ended), name, int(port)
        )
        return asker


async def alternate(one: Target, other: Target, *, count: int) -> tuple[Times, Times]:
    """Ask both in turns, one request at a time."""
    found = Times(), Times()
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Future[None]] = []

    def ended(asker: Asker) -> None:
        waiting.pop().set_result(None)

    askers = [
        await target.connect(times, ended)
        for target, times in zip((one, other), found, strict=True)
    ]
    for _ in range(count):
        for asker in askers:
            waiting.append(future := loop.create_future())
            asker.ask()
            await future
    for asker in askers:
        asker.close()
    return found


async def keep_busy(
    target: Target, *, connections: int, seconds: float, stream: bool, spread_s: float = 0.0
) -> Times:
    """Ask on many connections, each anew as soon as its reply has ended.

    Args:
        target: where to ask.
        connections: at once.
        seconds: how long.
        stream: ask for streams.
        spread_s: the first requests are spread over this time.
    """
    times = Times()
    open_until = perf_counter() + seconds

    def ended(asker: Asker) -> None:
        if perf_counter() < open_until and not times.failed:
            asker.ask()

    askers = [await target.connect(times, ended, stream=stream) for _ in range(connections)]
    loop = asyncio.get_running_loop()
    open_until = perf_counter() + seconds
    for number, asker in enumerate(askers):
        loop.call_later(spread_s * number / connections, asker.ask)
    await asyncio.sleep(seconds)
    for asker in askers:
        asker.close()
    return times


def p50(values: list[float]) -> float:
    """Return the median, in milliseconds."""
    return 1e3 * statistics.median(values)


def p99(values: list[float]) -> float:
    """Return the 99th percentile, in milliseconds."""
    return 1e3 * statistics.quantiles(values, n=100)[98]
