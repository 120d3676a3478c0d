"""A relay without any feature, as little as Python can do: what every feature is compared with.

    python benchmarks/gateway_bare.py 127.0.0.1:8001

It knows no key, counts nothing, retries nothing, and passes bytes in both directions. Only the
length of a request and the end of a reply are looked for, to know when a connection is free.
"""

import asyncio
import sys
from collections import deque
from typing import cast

import uvloop

_END = b"0\r\n\r\n"


class Behind(asyncio.Protocol):
    """A connection to the upstream."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._client: Before | None = None
        self._left = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the client's connection too."""
        if self._client is not None and self._client.transport is not None:
            self._client.transport.close()

    def ask(self, request: bytes, client: "Before") -> None:
        """Pass a request on."""
        assert self._transport is not None
        self._client, self._left = client, -1
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Pass a part of the reply back, and be free again after its end."""
        client = self._client
        if client is None or client.transport is None:
            return
        client.transport.write(data)
        if self._left < 0:
            head, _, body = data.partition(b"\r\n\r\n")
            at = head.find(b"Content-Length: ")
            self._left = int(head[at + 16 :].partition(b"\r\n")[0]) - len(body) if at >= 0 else 0
        elif self._left > 0:
            self._left -= len(data)
        if self._left == 0 and (data.endswith(_END) or b"Content-Length: " in data[:200]):
            self._client = None
            client.free.append(self)


class Before(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, upstream: str, free: "deque[Behind]") -> None:
        self._host, _, self._port = upstream.partition(":")
        self.free = free
        self.transport: asyncio.WriteTransport | None = None
        self._request = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        self.transport = None

    def data_received(self, data: bytes) -> None:
        """Pass a request on once all of it is there."""
        request = self._request = self._request + data if self._request else data
        end = request.find(b"\r\n\r\n") + 4
        at = request.find(b"Content-Length: ")
        if end < 4 or at < 0 or len(request) < end + int(request[at + 16 :].partition(b"\r")[0]):
            return
        self._request = b""
        if self.free:
            self.free.popleft().ask(request, self)
        else:
            self._task = asyncio.get_running_loop().create_task(self._connect(request))

    async def _connect(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, behind = await loop.create_connection(Behind, self._host, int(self._port))
        behind.ask(request, self)


async def serve(upstream: str) -> None:
    """Serve until stopped."""
    free: deque[Behind] = deque()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Before(upstream, free), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
