"""An upstream that answers any request with bytes as they stand, be they HTTP or not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

_OK = b"HTTP/1.1 200 OK\r\n"
_JSON = b"Content-Type: application/json\r\n"
_SSE = b"Content-Type: text/event-stream\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
_MEGABYTE = b"x" * 2**20


def chunk(data: bytes) -> bytes:
    """Write one chunk of HTTP's chunked encoding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(body: bytes, *, length: int | None = None) -> bytes:
    """Write a reply of JSON, if need be with a wrong length."""
    said = len(body) if length is None else length
    return _OK + _JSON + b"Content-Length: %d\r\n\r\n" % said + body


def streamed(*chunks: bytes, end: bool = True) -> bytes:
    """Write a stream."""
    return _OK + _SSE + _CHUNKED + b"".join(map(chunk, chunks)) + (b"0\r\n\r\n" if end else b"")


def event(text: str, finish: str = "null") -> bytes:
    """Write an event of a chat completion."""
    return (
        b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
        b'[{"index":0,"delta":{"role":"assistant","content":"%b"},"finish_reason":%b}]}\n\n'
        % (text.encode(), finish.encode())
    )


_ANSWER = (
    b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"well"},"finish_reason":"stop"}]}'
)
GOOD = whole(_ANSWER)
GOOD_STREAM = streamed(event("well"), event("", '"stop"'), b"data: [DONE]\n\n")

BEFORE: dict[str, bytes] = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half a status line": b"HTTP/1.1 2",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "endless header": _OK + b"X-Long: " + _MEGABYTE,
    "two lengths": _OK + _JSON + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    "a length that is no number": _OK + _JSON + b"Content-Length: many\r\n\r\n{}",
    "a chunk size that is no number": _OK + _SSE + _CHUNKED + b"zz\r\nhello\r\n",
    "a body said to be packed": _OK + _JSON + b"Content-Encoding: gzip\r\n"
    b"Content-Length: 5\r\n\r\nhello",
    "a body that is none": _OK + _JSON + b"Content-Length: 0\r\n\r\n",
    "a list": whole(b"[1, 2, 3]"),
    "a number": whole(b"NaN"),
    "half of the JSON": whole(_ANSWER[:60]),
    "deep JSON": whole(b"[" * 100_000),
    "choices that are none": whole(b'{"id":"1","choices":{"a":1}}'),
    "less than its length": whole(_ANSWER, length=len(_ANSWER) + 10),
}
"""Replies that are none, before a first byte of an answer."""

BEFORE_STREAM: dict[str, bytes] = {
    "an event that is no JSON": streamed(b"data: {choices\n\n"),
    "no event but text": streamed(b"hello\n\nworld\n\n"),
    "a stream without events": streamed(),
    "a chunk cut off": _OK + _SSE + _CHUNKED + b"ff\r\ndata: ",
}

BEGINNING = streamed(event("one "), end=False)
WITHIN: dict[str, bytes] = {
    "no JSON": chunk(b"data: {choices\n\n"),
    "a chunk that is cut off": b"ff\r\ndata: {",
    "a chunk size that is no number": b"zz\r\n",
    "the end of the body": b"0\r\n\r\n",
    "another reply": GOOD,
}
"""What may follow the beginning of a stream."""


@dataclass
class Rogue:
    """The upstream.

    Attributes:
        url: its base URL.
        answer: the bytes for the next requests; GOOD stands for a right reply.
        then: follows a moment later.
        endless: is sent again and again after that, until the reader leaves.
        asked: requests so far.
        left: readers that left an endless answer.
        sent: bytes of it.
    """

    url: str = ""
    answer: bytes = GOOD
    then: bytes = b""
    endless: bytes = b""
    asked: int = 0
    left: int = 0
    sent: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(size)
            self.asked += 1
            right = GOOD_STREAM if b'"stream":true' in body else GOOD
            writer.write(self.answer if self.answer is not GOOD else right)
            await writer.drain()
            if self.then:
                await asyncio.sleep(0.02)
                writer.write(self.then)
                await writer.drain()
            while self.endless:
                writer.write(self.endless)
                self.sent += len(self.endless)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left += 1
        finally:
            writer.close()
            self._open.discard(writer)


@contextlib.asynccontextmanager
async def rogue() -> AsyncIterator[Rogue]:
    """Serve on a free loopback port until the block ends."""
    made = Rogue()
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield made
    finally:
        server.close()
        for writer in list(made._open):
            writer.transport.abort()
        await server.wait_closed()
