"""An OpenAI-shaped upstream that keeps to a pace and notes when it sent each token.

    python benchmarks/paced_upstream.py --tokens 100 --tokens-per-s 20

The package's fake upstream gives the same text to all. Here each stream's first token is its
number ("s0042"), the next ones count ("0001 "), all five characters long, and `GET /sent` returns
the times (`time.monotonic`) by stream: so a reader can tell how long each token was under way.
With `--text FILE` every stream is that text, in tokens of `--chars`.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import cast

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def numbered_tokens(stream: int, count: int) -> list[str]:
    """Return the tokens of one numbered stream."""
    return [f"s{stream:04d}", *(f"{number:04d} " for number in range(1, count))]


def event_of(text: str) -> bytes:
    """Write one token as an event of a chat completion, in a chunk of its own."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return _chunk(json.dumps({"object": "chat.completion.chunk", "choices": [choice]}))


def last_events(count: int) -> bytes:
    """Write what follows the last token."""
    usage = {"prompt_tokens": 12, "completion_tokens": count, "total_tokens": 12 + count}
    stop = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    return _chunk(json.dumps(stop)) + _chunk("[DONE]") + b"0\r\n\r\n"


def _chunk(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(event), event)


@dataclass
class Pace:
    """What all streams share."""

    delay_s: float
    count: int
    text: Sequence[str] | None = None
    sent: list[list[float]] = field(default_factory=list)

    def tokens(self, stream: int) -> Sequence[str]:
        """Return the tokens of a stream."""
        return numbered_tokens(stream, self.count) if self.text is None else self.text


class Upstream(asyncio.Protocol):
    """One connection: any POST starts a stream, GET /sent tells the times."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._request = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is not registered

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop sending."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer a request once all of it is there."""
        self._request += data
        head, found, body = self._request.partition(b"\r\n\r\n")
        if not found:
            return
        names = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        size = next((int(value) for name, _, value in names if name == b"content-length"), 0)
        if len(body) < size or self._transport is None:
            return
        self._request = b""
        if head.startswith(b"GET"):
            reply = json.dumps(self._pace.sent).encode()
            ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self._transport.write(ok % len(reply) + reply)
            return
        times: list[float] = []
        events = [event_of(token) for token in self._pace.tokens(len(self._pace.sent))]
        self._pace.sent.append(times)
        self._transport.write(HEAD)
        self._next(events, times, self._loop.time())

    def _next(self, events: list[bytes], times: list[float], due: float) -> None:
        if self._transport is None:
            return
        number = len(times)
        times.append(monotonic())
        if number + 1 == len(events):
            self._transport.write(events[number] + last_events(len(events)))
            return
        self._transport.write(events[number])
        due += self._pace.delay_s
        self._loop.call_at(due, self._next, events, times, due)


async def serve(pace: Pace) -> None:
    """Serve until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(pace), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--tokens-per-s", type=float, default=20.0)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--chars", type=int, default=4)
    options = parser.parse_args()
    pieces = None
    if options.text is not None:
        text, size = options.text.read_text(), options.chars
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
    uvloop.run(serve(Pace(1 / options.tokens_per_s, options.tokens, pieces)))


if __name__ == "__main__":
    main()
