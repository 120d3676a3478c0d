"""A reply in Anthropic's format passed on as bytes; only usage is read from it."""

from typing import Final

import msgspec

from blindarena.errors import ProviderError
from blindarena.gateway.calls import ReplyUsage
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.providers.timed_body import TimedBody
from blindarena.gateway.relay.whole import WholeReply
from blindarena.gateway.sse import SSEEvent
from blindarena.gateway.translate.messages_reader import MessagesReader
from blindarena.gateway.translate.pieces import Ended, Used

_MAX_BYTES: Final = 32 * 2**20
_DELTA: Final = b"content_block_delta"
_AROUND_BYTES: Final = 120
"""Of the event around a bit of text."""
_QUIET: Final = (_DELTA, b"content_block_start", b"content_block_stop")
"""Events that say nothing about usage, and are not parsed."""


class RelayedEvents:
    """A stream, cut only between events, so that an error can be put after any piece.

    Args:
        source: the upstream's bytes.
        deployment: for the text of errors.
    """

    content_type = "text/event-stream"

    def __init__(self, source: TimedBody, *, deployment: str) -> None:
        self._used: Used | None = None
        self._letters = 0
        self._source = source
        self._deployment = deployment
        self._reader = MessagesReader(deployment=deployment)
        self._rest = b""
        self._ready = b""
        self._begun = False  # a block of content has begun, or the answer ended
        self._ended = False
        self._over = False
        self._broken: ProviderError | None = None

    @property
    def usage(self) -> ReplyUsage | None:
        """What was used, as far as the upstream has said."""
        used = self._used
        if used is None:
            return None
        return used.reply_usage() if self._ended else used.so_far(self._letters)

    async def begin(self) -> None:
        """Wait until the answer begins: an error before may be cured by another deployment."""
        ready: list[bytes] = []
        while not self._begun and not self._over:
            ready.append(await self._next())
        self._ready = b"".join(ready)

    async def read(self) -> bytes:
        """Return the next whole events, b"" at the end."""
        if self._ready:
            ready, self._ready = self._ready, b""
            return ready
        while not self._over:
            if out := await self._next():
                return out
        return b""

    async def aclose(self) -> None:
        """Give the connection back, or close it."""
        await self._source.aclose()

    async def _next(self) -> bytes:
        if self._broken is not None:
            raise self._broken
        try:
            data = await self._source.read()
        except ProviderError:
            if not self._ended:
                raise
            data = b""  # the answer is whole; only its tail is lost
        if not data:
            self._over = True
            if not self._ended:
                raise self._error("the stream broke off without saying why")
            return b""
        data = self._rest + data
        if b"\r\n" in data:
            data = data.replace(b"\r\n", b"\n")
        cut = data.rfind(b"\n\n") + 2
        self._rest = data[cut:] if cut > 1 else data
        if len(self._rest) > _MAX_BYTES:
            raise self._error(f"one event is longer than {_MAX_BYTES} bytes")
        return self._look(data[:cut]) if cut > 1 else b""

    def _look(self, data: bytes) -> bytes:
        """Look at whole events and return what is passed on of them."""
        passed: list[bytes] = []
        try:
            for block in data.split(b"\n\n"):
                if block:
                    self._event(block)
                    passed.append(block + b"\n\n")
        except ProviderError as error:
            if not passed or not self._begun:
                raise
            self._broken = error
        return b"".join(passed)

    def _event(self, block: bytes) -> None:
        head, _, rest = block.partition(b"\n")
        kind = head.removeprefix(b"event:").strip()
        if kind in _QUIET:
            self._begun = True
            self._source.heard()
            if kind == _DELTA:
                self._letters += max(1, len(block) - _AROUND_BYTES)
            return
        data = rest.partition(b"data:")[2] or head.partition(b"data:")[2]
        if not data.strip():
            return
        with provider_errors(self._deployment):
            for piece in self._reader.event(SSEEvent("message", data)):
                if isinstance(piece, Used):
                    self._used = piece
                elif isinstance(piece, Ended):
                    self._begun = self._ended = True

    def _error(self, what: str) -> ProviderError:
        text = f"{self._deployment}: {what}"
        return ProviderError(text, fault="reset", deployment=self._deployment)


async def relay_events(source: TimedBody, *, deployment: str) -> RelayedEvents:
    """Wait for the first token of a stream.

    Raises:
        ProviderError: it did not come.
    """
    reply = RelayedEvents(source, deployment=deployment)
    try:
        await reply.begin()
    except BaseException:
        await source.aclose()
        raise
    return reply


async def relay_whole(source: TimedBody, *, deployment: str) -> WholeReply:
    """Read a whole reply.

    Raises:
        ProviderError: it broke off, or is none.
    """
    body = bytearray()
    try:
        with provider_errors(deployment):
            while data := await source.read():
                body += data
                if len(body) > _MAX_BYTES:
                    raise msgspec.ValidationError(f"the reply is longer than {_MAX_BYTES} bytes")
            pieces = MessagesReader(deployment=deployment).whole(bytes(body))
            if not any(isinstance(piece, Ended) for piece in pieces):
                raise msgspec.ValidationError("a reply that has no answer")
    finally:
        await source.aclose()
    used = [piece for piece in pieces if isinstance(piece, Used)]
    return WholeReply(bytes(body), used[-1].reply_usage() if used else None)
