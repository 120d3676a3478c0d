"""Read a request of `/v1`: its headers, and a body within its limit."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from starlette.types import Receive, Scope

from blindarena.errors import GatewayError
from blindarena.web.openai.client import STALL_S

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")
"""Long enough to be found again, and nothing that could break a line of a log."""

_HOST: Final = re.compile(r"https?://(\[[^]]*\]|[^:/]*)")
_HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class ClientLeftError(Exception):
    """The client closed its connection before it had sent all of the request."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a request say.

    Attributes:
        secret: the key, as Bearer or x-api-key.
        json: the body is said to be JSON.
        length: of the body, in bytes; 0 where it is not said.
    """

    secret: str | None
    json: bool
    length: int


def read_head(scope: Scope) -> Head:
    """Read the headers that matter here."""
    bearer = api_key = None
    is_json = False
    length = 0
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[:7].lower() == b"bearer ":
                bearer = value[7:].strip().decode("latin-1")
        elif name == b"x-api-key":
            api_key = value.strip().decode("latin-1")
        elif name == b"content-type":
            is_json = value.partition(b";")[0].strip().lower() == b"application/json"
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    return Head(bearer or api_key or None, is_json, length)


def read_request_id(scope: Scope) -> str | None:
    """Return the client's own X-Request-Id; None where it sent none, or one that is not sane."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return value.decode() if _REQUEST_ID.fullmatch(value) else None
    return None


def read_page(scope: Scope) -> str | None:
    """Return the origin of the web page that asks, as browsers tell it; None for a program.

    One of this machine is taken for a program: whoever serves pages here may as well ask itself.
    """
    for name, value in scope["headers"]:
        if name == b"origin":
            origin: str = value.decode("latin-1")
            host = _HOST.match(origin)
            return None if host is not None and host[1].lower() in _HERE else origin
    return None


def read_trace(scope: Scope) -> dict[str, str]:
    """Return the headers of W3C's trace context, as far as they were sent."""
    return {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (b"traceparent", b"tracestate")
    }


async def read_body(
    receive: Receive, *, length: int, limit: int, stall_s: float = STALL_S
) -> bytes:
    """Read the whole body.

    Args:
        receive: of the ASGI server.
        length: as the client said it.
        limit: in bytes.
        stall_s: how long the client may send nothing of it.

    Raises:
        GatewayError: 413, it is longer than `limit` bytes; 408, it stopped coming.
        ClientLeftError: it will not come.
    """
    if length > limit:
        _too_large(limit)
    try:
        return await _read(receive, limit=limit, stall_s=stall_s)
    except TimeoutError:
        raise GatewayError(
            f"nothing of the body came for {stall_s:g} s; send the request again",
            status=408,
            type="invalid_request_error",
            code="request_timeout",
        ) from None


async def _read(receive: Receive, *, limit: int, stall_s: float) -> bytes:
    async with asyncio.timeout(stall_s):
        message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientLeftError
    first: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(first) > limit:
            _too_large(limit)
        return first
    pieces = [first]
    size = len(first)
    while message.get("more_body"):
        if size > limit:
            _too_large(limit)
        async with asyncio.timeout(stall_s):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
    if size > limit:
        _too_large(limit)
    return b"".join(pieces)


def _too_large(limit: int) -> NoReturn:
    raise GatewayError(
        f"the body is larger than {limit} bytes; send less, or raise gateway.max_body_mb",
        status=413,
        type="invalid_request_error",
        code="request_too_large",
    )
