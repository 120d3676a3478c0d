"""Calls as the routes make them, and replies read to their end."""

import json
from typing import Any

import msgspec

from blindarena.domain.usage import Endpoint
from blindarena.gateway.calls import Call, Reply


def call_of(
    endpoint: Endpoint = "chat",
    *,
    stream: bool = False,
    want_usage: bool = False,
    cap: int | None = 64,
    **fields: Any,
) -> Call:
    body: dict[str, Any] = {"model": "asked"} | fields
    if endpoint == "chat":
        body |= {"messages": [{"role": "user", "content": "Hello"}]}
    raw = msgspec.json.decode(json.dumps(body), type=dict[str, msgspec.Raw])
    return Call(endpoint, "asked", raw, stream, "req_1", want_usage, cap)


async def read(reply: Reply) -> bytes:
    """Read a reply to its end and close it."""
    pieces = []
    try:
        while piece := await reply.read():
            pieces.append(piece)
    finally:
        await reply.aclose()
    return b"".join(pieces)


def events_of(body: bytes) -> list[Any]:
    """Return the data of all events but [DONE], which must be the last."""
    *events, done, rest = body.replace(b"\r\n", b"\n").split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    return [json.loads(event.removeprefix(b"data: ")) for event in events]
