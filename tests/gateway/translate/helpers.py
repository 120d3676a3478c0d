"""Readers and writers put together, as the gateway does, without a network."""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from blindarena.gateway.providers.translated import TranslatedReply
from blindarena.gateway.translate.chat_writer import ChatWriter
from blindarena.gateway.translate.messages_writer import MessagesWriter
from blindarena.gateway.translate.pieces import Reader, Writer

DATA = Path(__file__).resolve().parents[2] / "data" / "formats"


def golden(name: str) -> Any:
    """One file of pairs."""
    return json.loads((DATA / name).read_text("utf-8"))


def fields(body: Mapping[str, object]) -> dict[str, msgspec.Raw]:
    """A body as a Call has it."""
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.items()}


def chat_writer() -> ChatWriter:
    return ChatWriter(id="r", model="shown", created=1, want_usage=True)


def messages_writer() -> MessagesWriter:
    return MessagesWriter(id="r", model="shown", deployment="d")


class Chunks:
    """Bytes that come in these pieces."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = [chunk for chunk in chunks if chunk]
        self.closed = False

    async def read(self) -> bytes:
        return self._chunks.pop(0) if self._chunks else b""

    async def aclose(self) -> None:
        self.closed = True


async def streamed(chunks: Sequence[bytes], *, reader: Reader, writer: Writer) -> bytes:
    """A whole stream as it is passed on."""
    reply = TranslatedReply(
        Chunks(chunks), reader=reader, writer=writer, stream=True, deployment="d"
    )
    out = b""
    while data := await reply.read():
        out += data
    return out


def events(stream: bytes) -> list[dict[str, Any]]:
    """The JSON of each event."""
    found = [line[6:] for line in stream.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(data) for data in found if data != b"[DONE]"]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The bytes, cut at these places."""
    borders = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(borders)]
