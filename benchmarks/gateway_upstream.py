"""An upstream that costs little: it answers whole replies at once and paces streams.

    python benchmarks/gateway_upstream.py --tokens 50 --delay-ms 4

It speaks OpenAI's chat completions, and the protocol of FastChat's workers, so that FastChat's
server has it for a worker. Every token is the text "tok-en ".
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import uvloop

TOKEN = "tok-en "
MODEL = "bench"
_STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def chunk(data: bytes) -> bytes:
    """Write one chunk of HTTP's chunked encoding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(data: object) -> bytes:
    """Write a reply of JSON, with its headers."""
    body = json.dumps(data).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def _event(choices: list[Any], **more: object) -> bytes:
    around = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": MODEL,
        "choices": choices,
    }
    return b"data: " + json.dumps(around | more, separators=(",", ":")).encode() + b"\n\n"


def _choice(delta: dict[str, str], finish: str | None = None) -> list[Any]:
    return [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]


@dataclass(frozen=True)
class Stream:
    """A stream's parts: what is sent one after another, and what follows the last of them."""

    parts: Sequence[bytes]
    end: bytes


@dataclass(frozen=True)
class Answers:
    """Everything that is ever sent, written once."""

    delay_s: float
    replies: dict[bytes, bytes]
    plain: Stream
    told: Stream
    fastchat: Stream

    @classmethod
    def of(cls, tokens: int, delay_s: float) -> "Answers":
        """Write all replies."""
        usage = {"prompt_tokens": 12, "completion_tokens": tokens, "total_tokens": 12 + tokens}
        text = TOKEN * tokens
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        completion = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1767225600,
            "model": MODEL,
            "choices": [choice],
            "usage": usage,
        }
        models = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
        template = {
            "name": "one_shot",
            "system_template": "{system_message}",
            "system_message": "",
            "roles": ["Human", "Assistant"],
            "messages": [],
            "offset": 0,
            "sep_style": 1,
            "sep": "\n",
            "sep2": None,
            "stop_str": None,
            "stop_token_ids": None,
        }
        replies = {
            b"/v1/chat/completions": completion,
            b"/v1/models": models,
            b"/health": {},
            b"/worker_get_status": {"model_names": [MODEL], "speed": 1, "queue_length": 0},
            b"/worker_get_conv_template": {"conv": template},
            b"/model_details": {"context_length": 100_000},
            b"/count_token": {"count": 12, "error_code": 0},
            b"/worker_generate": {"text": text, "error_code": 0, "usage": usage},
        }
        first = _event(_choice({"role": "assistant", "content": TOKEN}))
        parts = [chunk(first)] + [chunk(_event(_choice({"content": TOKEN})))] * (tokens - 1)
        stop, done = chunk(_event(_choice({}, "stop"))), chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
        said = [
            {"text": TOKEN * n, "error_code": 0, "usage": usage, "finish_reason": None}
            for n in range(1, tokens + 1)
        ]
        fastchat = [chunk(json.dumps(one).encode() + b"\0") for one in said]
        last = chunk(json.dumps(said[-1] | {"finish_reason": "stop"}).encode() + b"\0")
        return cls(
            delay_s,
            {path: whole(data) for path, data in replies.items()},
            Stream(parts, stop + done),
            Stream(parts, stop + chunk(_event([], usage=usage)) + done),
            Stream(fastchat, last + b"0\r\n\r\n"),
        )


class Upstream(asyncio.Protocol):
    """One connection."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
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
        request = self._request = self._request + data if self._request else data
        end = request.find(b"\r\n\r\n") + 4
        if end < 4 or self._transport is None:
            return
        head = request[:end].lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
        if len(request) < end + size:
            return
        self._request = b""
        path = request.split(b" ", 2)[1]
        body = request[end:]
        answers = self._answers
        if path == b"/worker_generate_stream":
            self._begin(answers.fastchat)
        elif b'"stream":true' in body or b'"stream": true' in body:
            told = b'"include_usage":true' in body or b'"include_usage": true' in body
            self._begin(answers.told if told else answers.plain)
        else:
            self._transport.write(answers.replies[path])

    def _begin(self, stream: Stream) -> None:
        assert self._transport is not None
        self._transport.write(_STREAM + stream.parts[0])
        due = self._loop.time() + self._answers.delay_s
        self._loop.call_at(due, self._next, stream, 1, due)

    def _next(self, stream: Stream, number: int, due: float) -> None:
        if self._transport is None:
            return
        if number + 1 == len(stream.parts):
            self._transport.write(stream.parts[number] + stream.end)
            return
        self._transport.write(stream.parts[number])
        due += self._answers.delay_s
        self._loop.call_at(due, self._next, stream, number + 1, due)


async def serve(answers: Answers) -> None:
    """Serve until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(answers), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=50)
    parser.add_argument("--delay-ms", type=float, default=4.0)
    options = parser.parse_args()
    uvloop.run(serve(Answers.of(options.tokens, options.delay_ms / 1e3)))


if __name__ == "__main__":
    main()
