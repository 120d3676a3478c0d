"""A real HTTP server on the loopback that speaks the vendors' formats, and fails on demand.

Run alone it prints its URL and serves until it is stopped:

    python -m blindarena.testing.fake_upstream --port 0 --tokens 50 --tokens-per-s 20
"""

import argparse
import asyncio
import secrets
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

from aiohttp import web

from blindarena.domain.chat import Image
from blindarena.testing.fake_vendors import VENDOR_PATHS, asked, heard, vendor_of
from blindarena.testing.ticker import Ticker
from blindarena.testing.upstream_behaviour import (
    STATUS,
    Behaviour,
    Fault,
    completion_events,
    error_body,
    images_in,
    stream_events,
    whole_completion,
    whole_embeddings,
    whole_reply,
)

__all__ = ["Behaviour", "FakeUpstream", "Fault", "ReceivedRequest", "refused_url"]


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as the upstream got it."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]

    @property
    def images(self) -> list[Image]:
        """The pictures of all messages, decoded from their data URIs."""
        return images_in(self.body)


class FakeUpstream:
    """A scriptable upstream on 127.0.0.1; use it with `async with`.

    Args:
        behaviours: by the name of the model that is asked for; may be changed while it runs.
        default: for every other model.
        port: 0 takes a free one.
        keep_requests: remember what was received; a benchmark does not.

    Attributes:
        url: the base URL, to which `/chat/completions` or `/messages` is added.
        gemini_url: the base URL of Gemini's format.
        canary: a word in every header, id and error body that must never reach a voter.
        requests: what was received, in order.
        open: replies that are being sent.
        disconnects: replies whose reader left before their end.
    """

    def __init__(
        self,
        behaviours: Mapping[str, Behaviour] | None = None,
        *,
        default: Behaviour | None = None,
        port: int = 0,
        keep_requests: bool = True,
    ) -> None:
        self.behaviours: dict[str, Behaviour] = dict(behaviours or {})
        self.default = default or Behaviour()
        self.canary = f"canary{secrets.token_hex(6)}"
        self.requests: list[ReceivedRequest] = []
        self.open = 0
        self.disconnects = 0
        self.url = ""
        self.gemini_url = ""
        self._left = asyncio.Event()
        self._port = port
        self._keep = keep_requests

    async def __aenter__(self) -> Self:
        self._ticker = Ticker()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._chat)
        for path in VENDOR_PATHS:
            app.router.add_post(path, self._chat)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        self.gemini_url = f"{self.url}beta"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ticker.close()
        await self._runner.cleanup()

    async def wait_for_disconnect(self, *, count: int = 1) -> None:
        """Wait until this many readers have left early."""
        while self.disconnects < count:
            self._left.clear()
            await self._left.wait()

    async def _models(self, request: web.Request) -> web.Response:
        rows = [{"id": name, "object": "model"} for name in self.behaviours]
        return web.json_response({"object": "list", "data": rows}, headers=self._headers())

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if self._keep:
            received = ReceivedRequest(request.path, dict(request.headers), body)
            self.requests.append(received)
        behaviour = heard(self.behaviours.get(asked(request.path, body)[0], self.default), body)
        self.open += 1
        try:
            return await self._reply(request, behaviour, body)
        except asyncio.CancelledError:
            self.disconnects += 1
            self._left.set()
            raise
        finally:
            self.open -= 1

    async def _reply(
        self, request: web.Request, behaviour: Behaviour, body: Mapping[str, object]
    ) -> web.StreamResponse:
        fault = behaviour.fault
        if fault == "reset_before":
            return _reset(request)
        if fault == "hang_before":
            await asyncio.Event().wait()
        if fault in STATUS:
            return self._refusal(STATUS[fault], behaviour, request.path)
        if fault == "html":
            page = f"<!doctype html><title>{self.canary}</title>"
            return web.Response(text=page, content_type="text/html", headers=self._headers())
        if fault == "invalid_json":
            return self._json(b'{"choices": [' + self.canary.encode())
        if not (asked(request.path, body)[1] and behaviour.streams):
            await asyncio.sleep(behaviour.first_delay_s)
            return self._json(self._whole(request.path, behaviour, body))
        return await self._stream(request, behaviour, body)

    async def _stream(
        self, request: web.Request, behaviour: Behaviour, body: Mapping[str, object]
    ) -> web.StreamResponse:
        options = body.get("stream_options")
        told = isinstance(options, dict) and bool(options.get("include_usage"))
        usage = behaviour.usage == "always" or (behaviour.usage == "asked" and told)
        if (vendor := vendor_of(request.path)) is not None:
            events = vendor.events(behaviour, self.canary)
        elif request.path.endswith("/chat/completions"):
            events = stream_events(behaviour, self.canary, usage=usage, answers=_answers(body))
        else:
            events = completion_events(behaviour, self.canary, usage=usage)
        response = web.StreamResponse(headers=self._headers())
        response.content_type = "text/event-stream"
        response.enable_chunked_encoding()
        await response.prepare(request)
        transport = cast("asyncio.WriteTransport", request.transport)
        if behaviour.first_delay_s:
            await asyncio.sleep(behaviour.first_delay_s)
        if behaviour.delay_s:
            frames = _frames(events)
            await self._ticker.play(transport, frames, delay=behaviour.delay_s)
        else:
            await response.write(b"".join(events))
        match behaviour.fault:
            case "reset":
                await asyncio.sleep(0.02)  # what was sent must be read first: a reset drops it
                return _reset(request)
            case "hang":
                while True:
                    await response.write(b": keep-alive\n\n")
                    await asyncio.sleep(0.05)
        await response.write_eof()
        return response

    def _whole(self, path: str, behaviour: Behaviour, body: Mapping[str, object]) -> bytes:
        if (vendor := vendor_of(path)) is not None:
            return vendor.whole(behaviour, self.canary)
        if path.endswith("/embeddings"):
            texts = body.get("input")
            return whole_embeddings(self.canary, len(texts) if isinstance(texts, list) else 1)
        if path.endswith("/chat/completions"):
            logprobs = bool(body.get("logprobs"))
            return whole_reply(behaviour, self.canary, answers=_answers(body), logprobs=logprobs)
        return whole_completion(behaviour, self.canary)

    def _refusal(self, status: int, behaviour: Behaviour, path: str) -> web.Response:
        headers = self._headers()
        if status == 429 and behaviour.retry_after is not None:
            headers["Retry-After"] = behaviour.retry_after
        if status == 307:
            headers["Location"] = f"{self.url}/elsewhere/{self.canary}"
        vendor = vendor_of(path)
        body = (error_body if vendor is None else vendor.error)(status, self.canary)
        return web.json_response(body, status=status, headers=headers)

    def _json(self, body: bytes) -> web.Response:
        return web.Response(body=body, content_type="application/json", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        names = ("Server", "X-Request-Id", "OpenAI-Organization", "X-Powered-By", "Via")
        return dict.fromkeys(names, self.canary) | {"Set-Cookie": f"upstream={self.canary}"}


def refused_url() -> str:
    """Return a base URL on the loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def _answers(body: Mapping[str, object]) -> int:
    count = body.get("n")
    return count if isinstance(count, int) else 1


def _frames(events: tuple[bytes, ...]) -> list[bytes]:
    """Put each event into one chunk of HTTP's chunked encoding."""
    return [b"%x\r\n%b\r\n" % (len(event), event) for event in events]


def _reset(request: web.Request) -> web.Response:
    """Break the connection with a TCP reset."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _serve(options: argparse.Namespace) -> None:
    words = "".join(f"word{number:04d} " for number in range(options.tokens))
    behaviour = Behaviour(
        text=words,
        chunk_size=9,
        delay_s=1 / options.tokens_per_s if options.tokens_per_s else 0.0,
        first_delay_s=options.first_delay,
    )
    async with FakeUpstream(default=behaviour, port=options.port, keep_requests=False) as upstream:
        print(upstream.url, flush=True)  # noqa: T201 - the benchmark reads this line
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A fake upstream on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--tokens", type=int, default=50, help="events of one answer")
    parser.add_argument("--tokens-per-s", type=float, default=20.0, help="0 sends all at once")
    parser.add_argument("--first-delay", type=float, default=0.0, help="seconds before the first")
    options = parser.parse_args()
    try:
        import uvloop
    except ImportError:
        run = asyncio.run
    else:
        run = uvloop.run
    with suppress(KeyboardInterrupt):
        run(_serve(options))


if __name__ == "__main__":
    main()
