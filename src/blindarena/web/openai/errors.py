"""Tell a program what went wrong: in OpenAI's shape, or in Anthropic's on /v1/messages."""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from blindarena.errors import GatewayError, GatewayErrorType, ProviderError, ProviderFault

_STATUS: Final[Mapping[ProviderFault, int]] = {
    "refused": 502,
    "reset": 502,
    "malformed": 502,
    "empty": 502,
    # Our own key was refused. A 401 would tell the client that its key is wrong.
    "auth": 502,
    "timeout": 504,
    "rate_limit": 429,
    "unavailable": 503,
}
_WORDS: Final[Mapping[ProviderFault, str]] = {
    "refused": "the model's server cannot be reached",
    "reset": "the model's server broke off the answer",
    "malformed": "the model's server sent something that is no answer",
    "empty": "the model's server sent no answer",
    "auth": "the model's server does not take the gateway's key; its owner must put that right",
    "timeout": "the model's server did not answer in time",
    "rate_limit": "the model's server has too many requests at the moment; try again later",
    "unavailable": "no deployment of the model is ready; try again later",
    "server": "the model's server failed",
    "bad_request": "the model's server refuses the request",
    "declined": "the provider's filter refuses the request",
}


class _Said(msgspec.Struct):
    message: str | None = None
    param: str | None = None
    code: str | int | None = None


class _SaidError(msgspec.Struct):
    error: _Said | str | None = None
    message: str | None = None  # vLLM up to 0.9 and SGLang have no object around it
    detail: str | None = None


_decode_said = msgspec.json.Decoder(_SaidError).decode
_encode = msgspec.json.Encoder().encode


def refusal_of(error: ProviderError) -> GatewayError:
    """Turn an upstream's failure into what the client is told, which names no deployment.

    The status keeps the upstream's class. Where the upstream refused the request itself, its own
    words are told, for they say what to change.
    """
    fault = error.fault
    status = _STATUS.get(fault)
    if status is None:
        floor = 500 if fault == "server" else 400
        known = error.status is not None and floor <= error.status < floor + 100
        status = error.status if known and error.status else (502 if fault == "server" else 400)
    message, code, param = _WORDS[fault], f"upstream_{fault}", None
    if fault in ("bad_request", "declined"):
        said = _said(error.said)
        if said.message:
            message = said.message
        param = said.param
        code = str(said.code) if said.code else code
        if fault == "declined":
            code = "content_filter"
    return GatewayError(
        message,
        status=status,
        type=_type_of(status),
        code=code,
        param=param,
        retry_after_s=error.retry_after_s,
    )


def error_body(error: GatewayError, *, anthropic: bool, request_id: str) -> bytes:
    """Write an error as the format's own JSON object."""
    if anthropic:
        kind = "request_too_large" if error.status == 413 else error.type
        inner: dict[str, object] = {"type": kind, "message": str(error)}
        return _encode({"type": "error", "error": inner, "request_id": request_id})
    inner = {
        "message": str(error),
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    return _encode({"error": inner})


def error_event(error: GatewayError, *, anthropic: bool, request_id: str) -> bytes:
    """Write an error as the last event of a stream that had begun.

    No [DONE] follows: a reader that waits for it must not take a part of an answer for all of it.
    """
    body = error_body(error, anthropic=anthropic, request_id=request_id)
    return (b"event: error\n" if anthropic else b"") + b"data: " + body + b"\n\n"


def headers_of(error: GatewayError) -> list[tuple[bytes, bytes]]:
    """Return the headers that an error brings along."""
    if error.retry_after_s is None:
        return []
    return [(b"retry-after", b"%d" % max(1, math.ceil(error.retry_after_s)))]


def _type_of(status: int) -> GatewayErrorType:
    if status == 404:
        return "not_found_error"
    if status == 429:
        return "rate_limit_error"
    if status in (503, 529):
        return "overloaded_error"
    return "invalid_request_error" if status < 500 else "api_error"


def _said(body: bytes) -> _Said:
    """Read an upstream's error, in the shapes that are about."""
    try:
        found = _decode_said(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Said()
    if isinstance(found.error, _Said):
        return found.error
    return _Said(found.error or found.message or found.detail)
