"""A small HTTP client that costs less than what it measures, and notes when each byte came.

Times are those of `time.monotonic`, one clock for all processes of a machine.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast

from served import SLUG

_END_OF_CHUNKS = b"\r\n0\r\n\r\n"
_FRESH_S = 2.0  # uvicorn closes what has been idle for 5 s


@dataclass
class Reply:
    """One reply, read to its end.

    Attributes:
        sent_at: when the request was written.
        pieces: the body's bytes as they came, each with its time.
    """

    sent_at: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    @property
    def chunked(self) -> bool:
        """Whether the body came in chunks."""
        return self.headers.get("transfer-encoding", "") == "chunked"

    @property
    def ended_at(self) -> float:
        """When the last byte came."""
        return self.pieces[-1][0] if self.pieces else self.sent_at

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """Yield the body with its framing taken off, each part with the time it was complete."""
        if not self.chunked:
            yield from self.pieces
            return
        rest = b""
        for at, piece in self.pieces:
            rest += piece
            while (cut := rest.find(b"\r\n")) >= 0:
                size = int(rest[:cut], 16)
                if len(rest) < cut + 4 + size:
                    break
                yield at, rest[cut + 2 : cut + 2 + size]
                rest = rest[cut + 4 + size :]

    def events(self) -> Iterator[tuple[float, str, Any]]:
        """Yield server-sent events: time, name ("" where unnamed), decoded data."""
        rest = b""
        for at, chunk in self.chunks():
            *blocks, rest = (rest + chunk).split(b"\n\n")
            for block in blocks:
                name, data = "", b""
                for line in block.split(b"\n"):
                    if line.startswith(b"event: "):
                        name = line[7:].decode()
                    elif line.startswith(b"data: "):
                        data = line[6:]
                if data and data != b"[DONE]":
                    yield at, name, json.loads(data)

    def json(self) -> Any:
        """Decode the body."""
        return json.loads(b"".join(part for _, part in self.chunks()))


class Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._used_at = 0.0
        self._head = b""
        self._left = 0
        self._tail = b""
        self._reply = Reply(0.0)
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._done.set_result(None)  # nothing is under way
        self._transport: asyncio.WriteTransport | None = None

    @classmethod
    async def open(cls, url: str) -> "Connection":
        """Connect to the server of an `http://host:port` address."""
        connection = cls(url.removeprefix("http://").partition("/")[0])
        await connection._connect()
        return connection

    async def _connect(self) -> None:
        self.close()
        name, _, port = self._host.partition(":")
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, name, int(port))
        self._used_at = monotonic()

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and return the reply, once it has ended."""
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if data:
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        return await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    async def send(self, request: bytes) -> Reply:
        """Send the bytes of a request and return the reply, once it has ended."""
        if monotonic() - self._used_at > _FRESH_S:
            await self._connect()
        assert self._transport is not None
        self._head, self._tail = b"", b""
        self._done = asyncio.get_running_loop().create_future()
        self._reply = reply = Reply(monotonic())
        self._transport.write(request)
        await self._done
        self._used_at = monotonic()
        return reply

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is not registered

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request under way."""
        if self._transport is None or not self._transport.is_closing():
            return  # it was the connection before this one
        if not self._done.done():
            self._done.set_exception(exc or ConnectionResetError("closed before the reply ended"))

    def data_received(self, data: bytes) -> None:
        """Note the bytes and see whether the reply has ended."""
        reply = self._reply
        if not reply.status:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            reply.status = int(first.split()[1])
            pairs = (line.partition(":") for line in lines)
            reply.headers = {name.lower(): value.strip() for name, _, value in pairs}
            self._left = int(reply.headers.get("content-length", "0"))
        if data:
            reply.pieces.append((monotonic(), data))
        self._left -= len(data)
        self._tail = (self._tail + data)[-len(_END_OF_CHUNKS) :]
        ended = self._tail == _END_OF_CHUNKS if reply.chunked else self._left <= 0
        if ended and not self._done.done():
            self._done.set_result(None)


@dataclass(frozen=True)
class Voter:
    """A session on one connection."""

    connection: Connection
    headers: Mapping[str, str]

    @classmethod
    async def open(cls, url: str, *, slug: str = SLUG) -> "Voter":
        """Connect and agree to the arena's terms."""
        connection = await Connection.open(url)
        arenas = (await connection.ask("GET", "/api/arenas")).json()["arenas"]
        version = next(a["consent_version"] for a in arenas if a["slug"] == slug)
        reply = await connection.ask("POST", "/api/session", {"consent_version": version})
        cookie = reply.headers["set-cookie"].partition(";")[0]
        return cls(connection, {"Cookie": cookie, "X-CSRF-Token": reply.json()["csrf_token"]})

    async def post(self, path: str, body: object) -> Reply:
        """Ask for a change.

        Raises:
            RuntimeError: it was refused.
        """
        reply = await self.connection.ask("POST", path, body, self.headers)
        if reply.status >= 400:
            raise RuntimeError(f"POST {path}: {reply.status} {reply.json()}")
        return reply

    async def start_battle(self, *, slug: str = SLUG) -> str:
        """Start a battle and return its id."""
        reply = await self.post(f"/api/arenas/{slug}/battles", {"mode": "battle"})
        return str(reply.json()["battle_id"])

    async def send_turn(self, battle: str, content: str = "Say something.") -> Reply:
        """Send a message and read both answers to their end."""
        return await self.post(f"/api/battles/{battle}/turns", {"content": content})

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
