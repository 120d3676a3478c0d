"""A reply that comes in one piece: read to its end, looked at, and completed."""

import asyncio
from typing import Final

import aiohttp
import msgspec

from blindarena.gateway.calls import Call, ReplyUsage
from blindarena.gateway.faults import quote
from blindarena.gateway.posting import Poster
from blindarena.gateway.relay.filling import (
    NOTHING,
    Fields,
    NotAReplyError,
    Template,
    read_object,
)
from blindarena.gateway.relay.usage import read_usage

MAX_REPLY_BYTES: Final = 64 * 2**20
"""Of one reply: 2,048 embeddings of 1,536 numbers are about 60 MB of JSON."""


class WholeReply:
    """A reply of which every byte is here."""

    content_type = "application/json"

    def __init__(self, body: bytes, usage: ReplyUsage | None) -> None:
        self.usage = usage
        self._body = body

    async def read(self) -> bytes:
        """Return all of it, then b""."""
        body, self._body = self._body, b""
        return body

    async def aclose(self) -> None:
        """Do nothing: the connection went back when the body was read."""


async def read_whole(
    response: aiohttp.ClientResponse, call: Call, *, poster: Poster, began: float
) -> WholeReply:
    """Read a reply of status 200 and put in what it lacks.

    Raises:
        ProviderError: it is too long or too late, no JSON, no reply of the endpoint, or an error.
    """
    body = await read_body(response, poster=poster, began=began)
    template = Template(call, stream=False)
    reply = checked(body, template, poster=poster)
    usage = read_usage(reply["usage"]) if "usage" in reply else None
    try:
        if template.missing(reply):
            body = template.fill(reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError) as error:
        raise poster.error("malformed", f"no reply of this endpoint: {error}") from error
    return WholeReply(body, usage)


async def read_body(response: aiohttp.ClientResponse, *, poster: Poster, began: float) -> bytes:
    """Read a body to its end.

    Raises:
        ProviderError: it is too long or too late.
    """
    content = response.content
    if content.is_eof():  # a short reply came together with its headers
        return content.read_nowait()
    total_s = poster.timeouts.total_s
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout_at(began + total_s):
            while piece := await content.readany():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_REPLY_BYTES:
                    what = f"the reply is longer than {MAX_REPLY_BYTES} bytes"
                    raise poster.error("malformed", what)
    except TimeoutError as error:
        raise poster.error("timeout", f"not finished within {total_s:g} s") from error
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def checked(body: bytes, template: Template, *, poster: Poster) -> Fields:
    """Read a reply, or one event, as far as is needed to tell that it is one.

    Raises:
        ProviderError: it is none ("malformed"), or reports an error ("server").
    """
    try:
        reply = read_object(body)
    except NotAReplyError as error:
        start = quote(body[:200].decode("utf-8", "replace"), secret=poster.key)
        raise poster.error("malformed", f"no JSON object but {start!r}") from error
    if "error" in reply and bytes(reply["error"]) not in NOTHING:
        said = quote(body.decode("utf-8", "replace"), secret=poster.key)
        raise poster.error("server", f"the upstream reports: {said}")
    if template.parts not in reply:
        raise poster.error("malformed", f"no reply of this endpoint: it has no {template.parts!r}")
    return reply
