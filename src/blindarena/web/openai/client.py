"""Watch the client of one request: it may leave, or stop reading."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, cast

from starlette.types import Message, Receive, Send

STALL_S = 60.0
"""A client that takes nothing for so long, while its buffer is full, is dropped."""
_SOON_S = 0.02
"""A reply that comes sooner, such as an embedding, is not worth a task that watches its client."""


class Client:
    """Ends the handling of a request whose client is gone, with one task and one timer.

    Between `__init__` and `close` the handling task is cancelled when the client leaves or stalls;
    `gone` then says which. Whoever made it catches the CancelledError and calls `forgive`.

    Args:
        receive: of the ASGI server; the body has been read.
        send: of the ASGI server.
        stall_s: how long it may take nothing.
    """

    __slots__ = (
        "_loop",
        "_open",
        "_receive",
        "_send",
        "_since",
        "_stall_s",
        "_task",
        "_timer",
        "_watch",
        "gone",
    )

    def __init__(self, receive: Receive, send: Send, *, stall_s: float) -> None:
        self.gone = ""
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._open = True
        self._since = 0.0
        self._stall_s = stall_s
        self._receive = receive
        self._watch: asyncio.Task[Message] | None = None
        self._timer = self._loop.call_later(_SOON_S, self._begin)

    async def send(self, message: Message) -> None:
        """Send a message of ASGI; waits while the client's buffer is full."""
        self._since = self._loop.time()
        await self._send(message)
        self._since = 0.0

    async def pass_on(self, data: bytes) -> None:
        """Send a piece of a body."""
        self._since = self._loop.time()
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        self._since = 0.0

    def close(self) -> None:
        """Stop watching. No await may stand between leaving the watched code and this."""
        self._open = False
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def forgive(self) -> None:
        """Take back the cancellation that was asked for here."""
        self._task.uncancel()

    def _begin(self) -> None:
        self._timer = self._loop.call_later(self._stall_s, self._look)
        watch = cast("Coroutine[Any, Any, Message]", self._receive())
        self._watch = self._loop.create_task(watch)
        self._watch.add_done_callback(self._left)

    def _left(self, watch: "asyncio.Task[Any]") -> None:
        if self._open and not watch.cancelled() and watch.exception() is None:
            self._end("left")

    def _look(self) -> None:
        waited = self._loop.time() - self._since if self._since else 0.0
        if waited < self._stall_s:
            self._timer = self._loop.call_later(self._stall_s - waited, self._look)
            return
        # uvicorn would keep the connection until the last byte is taken, which may be never. ASGI
        # has no word for dropping it, so we ask uvicorn's own object behind `send`.
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is not None:
            with suppress(OSError):
                transport.abort()
        self._end("stalled")

    def _end(self, why: str) -> None:
        self._open = False
        self.gone = why
        self._task.cancel()
