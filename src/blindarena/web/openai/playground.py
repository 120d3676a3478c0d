"""The owner's playground: a chat that takes the way of `/v1`, and is told with what it used."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Final
from uuid import UUID, uuid4

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.domain.usage import OWNER_KEY, UsageRow
from blindarena.gateway.ports import UsageSink
from blindarena.web.openai.answering import Exchange, answer
from blindarena.web.openai.client import STALL_S
from blindarena.web.openai.parsing import parse

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_USED: Final = (
    "request_id",
    "deployment",
    "prompt_tokens",
    "completion_tokens",
    "reported",
    "cost_usd",
    "ttft_s",
    "seconds",
    "status",
    "fault",
)
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class OwnerAdmission:
    """Lets the owner in, without limits; what is used stands in usage under the owner's page."""

    key_id: UUID = OWNER_KEY

    def settle(self, *, tokens: int | None, cost_usd: float | None) -> None:
        """Nothing was reserved."""


class _Kept:
    """Passes a row of usage on, and keeps it."""

    def __init__(self, sink: UsageSink) -> None:
        self._sink = sink
        self.row: UsageRow | None = None

    def add(self, row: UsageRow) -> None:
        self.row = row
        self._sink.add(row)


class PlaygroundReply(Response):
    """One chat as server-sent events.

    What the gateway streams passes unchanged (unnamed events, as of /v1). A reply in one piece is
    the event "reply", an error before the first byte "failed"; last comes "used". A reader that
    leaves ends the call upstream, as under /v1.

    Args:
        desk: of the gateway.
        body: in OpenAI's format.

    Raises:
        GatewayError: the body is not what a chat must be.
    """

    media_type = "text/event-stream"

    def __init__(self, desk: GatewayDesk, body: Mapping[str, object]) -> None:
        super().__init__()
        number = uuid4()
        asked = parse(
            "chat",
            _encode(body),
            request_id=f"req_{number.hex}",
            max_tokens=desk.settings.max_tokens,
            by_prefix=desk.by_prefix,
        )
        self._usage = _Kept(desk.usage)
        self._desk = replace(desk, usage=self._usage)
        self._exchange = Exchange(number, perf_counter(), asked.call, OwnerAdmission())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        events = _AsEvents(send)
        await answer(self._desk, self._exchange, receive, events, stall_s=STALL_S)
        row = self._usage.row
        if row is not None and events.open:
            facts = asdict(row)
            await events.end(b"used", _encode({name: facts[name] for name in _USED}))


class _AsEvents:
    """Turns the reply of `/v1` into events, whatever it is, and leaves room for one more."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._name = b""
        self._whole = bytearray()
        self.open = False

    async def __call__(self, message: Message) -> None:
        """Take what `/v1` sends."""
        if message["type"] == "http.response.start":
            streamed = any(
                value.startswith(b"text/event-stream") for _, value in message["headers"]
            )
            if not streamed:
                self._name = b"reply" if message["status"] < 400 else b"failed"
            self.open = True
            await self._send({"type": message["type"], "status": 200, "headers": list(_HEADERS)})
            return
        body: bytes = message.get("body", b"")
        if self._name:
            self._whole += body
            if not message.get("more_body"):
                await self._pass(_event(self._name, bytes(self._whole)))
        elif body:
            await self._pass(body)

    async def end(self, name: bytes, data: bytes) -> None:
        """Send the last event."""
        await self._send({"type": "http.response.body", "body": _event(name, data)})

    async def _pass(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})


def _event(name: bytes, data: bytes) -> bytes:
    """Write an event; JSON that spans lines needs `data: ` before each."""
    lines = b"\n".join(b"data: " + line for line in data.splitlines())
    return b"event: %b\n%b\n\n" % (name, lines)
