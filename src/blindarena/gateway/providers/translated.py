"""Replies of one format passed on in another, and an upstream that so speaks two."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from blindarena.errors import ProviderError
from blindarena.gateway.calls import Call, Reply, ReplyUsage, Upstream
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.prices import Price
from blindarena.gateway.sse import SSEParser
from blindarena.gateway.translate.chat_reader import ChatReader
from blindarena.gateway.translate.chat_writer import ChatWriter
from blindarena.gateway.translate.messages_to_chat import chat_fields
from blindarena.gateway.translate.messages_writer import MessagesWriter
from blindarena.gateway.translate.pieces import (
    Ended,
    Piece,
    Reader,
    Refusal,
    Text,
    Thinking,
    ToolArguments,
    Used,
    Writer,
)

_MAX_JSON_BYTES = 32 * 2**20


class Source(Protocol):
    """Bytes of a reply that has begun, as `Reply` gives them."""

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end."""
        ...

    async def aclose(self) -> None:
        """Close it; never raises."""
        ...


def _nothing() -> None:
    """Do nothing."""


class TranslatedReply:
    """A reply that is read in one format and passed on in another.

    A stream must say how it ended: one that breaks off is an error, never a short answer.

    Args:
        source: the upstream's bytes.
        reader: of the upstream's format.
        writer: of the client's format.
        stream: the upstream sends events, and the client gets events.
        deployment: for the text of errors.
        heard: called for each token that comes, for time-outs.
    """

    def __init__(
        self,
        source: Source,
        *,
        reader: Reader,
        writer: Writer,
        stream: bool,
        deployment: str,
        heard: Callable[[], None] = _nothing,
    ) -> None:
        self._source = source
        self._reader = reader
        self._writer = writer
        self._stream = stream
        self._deployment = deployment
        self._heard = heard
        self._parser = SSEParser(max_event_bytes=_MAX_JSON_BYTES)
        self._used: Used | None = None
        self._letters = 0
        self._ended = False
        self._over = False
        self._ready = b""
        self._broken: ProviderError | None = None

    @property
    def content_type(self) -> str:
        """`application/json` or `text/event-stream`."""
        return "text/event-stream" if self._stream else "application/json"

    @property
    def usage(self) -> ReplyUsage | None:
        """What was used, as far as the upstream has said; else what the source estimates."""
        if self._used is not None:
            return self._used.reply_usage() if self._ended else self._used.so_far(self._letters)
        return getattr(self._source, "usage", None)

    async def begin(self) -> None:
        """Wait for the whole reply, or for the first token of a stream.

        Raises:
            ProviderError: it did not come; the source is closed.
        """
        try:
            self._ready = await self.read()
        except BaseException:
            await self._source.aclose()
            raise

    async def read(self) -> bytes:
        """Return the next bytes to pass on, b"" at the end."""
        if self._ready:
            ready, self._ready = self._ready, b""
            return ready
        if self._broken is not None:
            raise self._broken
        with provider_errors(self._deployment):
            while not self._over:
                out = await self._events() if self._stream else await self._whole()
                if out:
                    return out
        if self._broken is not None:
            raise self._broken
        return b""

    async def aclose(self) -> None:
        """Close the upstream's reply."""
        await self._source.aclose()

    async def _events(self) -> bytes:
        """Return what the next bytes say; a failure waits until what came before is passed on."""
        try:
            data = await self._source.read()
        except ProviderError:
            if not self._ended:
                raise
            data = b""  # the answer is whole; only its tail is lost
        out: list[bytes] = []
        try:
            with provider_errors(self._deployment):
                for event in self._parser.feed(data):
                    self._write(self._reader.event(event), out)
                if not data:
                    self._over = True
                    self._finish(out)
        except ProviderError as error:
            if not any(out):
                raise
            self._broken = error
            self._over = True
        return b"".join(out)

    def _finish(self, out: list[bytes]) -> None:
        for event in self._parser.finish():
            with suppress(msgspec.MsgspecError):  # the cut-off end of a broken stream
                self._write(self._reader.event(event), out)
        self._write(self._reader.end(), out)
        if not self._ended:
            raise ProviderError(
                f"{self._deployment}: the stream broke off without saying why",
                fault="reset",
                deployment=self._deployment,
            )
        out.append(self._writer.end())

    def _write(self, pieces: Sequence[Piece], out: list[bytes]) -> None:
        for piece in pieces:
            self._note(piece)
            out.append(self._writer.piece(piece))

    async def _whole(self) -> bytes:
        body = bytearray()
        while data := await self._source.read():
            body += data
            if len(body) > _MAX_JSON_BYTES:
                raise msgspec.ValidationError(f"it is longer than {_MAX_JSON_BYTES} bytes")
        self._over = True
        pieces = self._reader.whole(bytes(body))
        for piece in pieces:
            self._note(piece)
        if not self._ended:
            raise msgspec.ValidationError("a reply that has no answer")
        return self._writer.whole(pieces)

    def _note(self, piece: Piece) -> None:
        if isinstance(piece, Used):
            self._used = piece
            return
        self._heard()
        if isinstance(piece, Text | Thinking | Refusal | ToolArguments):
            self._letters += len(piece.text)
        self._ended |= isinstance(piece, Ended)


def writer_for(call: Call, *, deployment: str) -> Writer:
    """Return the writer of the format that a call's client reads."""
    if call.endpoint == "messages":
        return MessagesWriter(id=call.request_id, model=call.model, deployment=deployment)
    return ChatWriter(
        id=call.request_id,
        model=call.model,
        created=int(time.time()),
        want_usage=call.want_usage,
    )


class TranslatedFromMessages:
    """An OpenAI-format upstream that takes Anthropic-format calls too; others pass unchanged.

    Args:
        upstream: takes endpoint "chat".
        top_k: it knows `top_k`, which OpenAI's own format lacks.
    """

    def __init__(self, upstream: Upstream, *, top_k: bool = False) -> None:
        self._upstream = upstream
        self._top_k = top_k

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._upstream.name

    @property
    def price(self) -> Price:
        """Turns usage and seconds into a cost."""
        return self._upstream.price

    async def send(self, call: Call) -> Reply:
        """Send the request, translated where it must be, and wait until the reply has begun."""
        if call.endpoint != "messages":
            return await self._upstream.send(call)
        reply = await self._upstream.send(as_chat(call, top_k=self._top_k))
        return TranslatedReply(
            reply,
            reader=ChatReader(deployment=self.name, id=call.request_id),
            writer=writer_for(call, deployment=self.name),
            stream=call.stream,
            deployment=self.name,
        )


def as_chat(call: Call, *, top_k: bool = False) -> Call:
    """Return an Anthropic-format call in OpenAI's format.

    Raises:
        GatewayError: 400: it asks for something that the format lacks.
    """
    fields = chat_fields(call.fields, stream=call.stream, top_k=top_k)
    return dataclasses.replace(call, endpoint="chat", fields=fields, want_usage=True)
