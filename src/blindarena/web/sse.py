"""Server-sent events over one HTTP response."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from blindarena.arena.events import Delta, MessageChanged, SideDone, TurnDone, TurnEvent

KEEP_ALIVE_S = 15.0
_encode = msgspec.json.encode
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def encode_event(event: TurnEvent) -> bytes:
    """Write one event in the wire format of server-sent events."""
    if isinstance(event, Delta):
        return b"event: delta\ndata: %b\n\n" % _encode({"side": event.side, "text": event.text})
    if isinstance(event, SideDone):
        return b"event: side_done\ndata: %b\n\n" % _encode({"side": event.side})
    if isinstance(event, TurnDone):
        return b"event: turn_done\ndata: %b\n\n" % _encode({"turn": event.turn})
    if isinstance(event, MessageChanged):
        changed = {"content": event.content, "replaced": event.replaced}
        return b"event: message_changed\ndata: %b\n\n" % _encode(changed)
    body: dict[str, str] = {} if event.side is None else {"side": event.side}
    body |= {"title": event.title, "detail": event.detail}
    return b"event: error\ndata: %b\n\n" % _encode(body)


class EventStream(Response):
    """Sends batches of events as they come; closes the source when the reader leaves."""

    media_type = "text/event-stream"

    def __init__(self, batches: AsyncIterator[list[TurnEvent]]) -> None:
        super().__init__()
        self._batches = batches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the source ends or the reader leaves."""
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        pump = asyncio.create_task(self._pump(send))
        watch = asyncio.create_task(_left(receive))
        alive = asyncio.create_task(_keep_alive(send))
        try:
            await asyncio.wait({pump, watch}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, watch, alive):
                task.cancel()
            await asyncio.gather(pump, watch, alive, return_exceptions=True)
            close = getattr(self._batches, "aclose", None)
            if close is not None:
                await asyncio.shield(close())
        if pump.done() and not pump.cancelled() and pump.exception() is None:
            await send({"type": "http.response.body", "body": b""})

    async def _pump(self, send: Send) -> None:
        async for batch in self._batches:
            body = b"".join([encode_event(event) for event in batch])
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _keep_alive(send: Send) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE_S)
        await send({"type": "http.response.body", "body": b": alive\n\n", "more_body": True})
