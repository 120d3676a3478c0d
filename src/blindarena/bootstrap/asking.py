"""One tiny request to one deployment: does it answer, how fast, and at what cost?"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from uuid import uuid4

import msgspec

from blindarena.domain.chat import Usage
from blindarena.domain.usage import OWNER_KEY, UsageRow
from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.calls import Call, ReplyUsage, Upstream
from blindarena.gateway.prices import cost_usd

ASK_S = 60.0
_QUESTION = "Reply with the word OK."
_MOST_TOKENS = 16
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one tiny request.

    Attributes:
        text: the answer's first 300 characters; None where there was an error.
        seconds: until all of it was there, or until it failed.
        error: for the owner only: it may name the provider and its words.
    """

    deployment: str
    text: str | None
    seconds: float
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    error: str | None


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_read_completion = msgspec.json.Decoder(_Completion).decode


async def ask_upstream(upstream: Upstream, name: str, *, at: datetime) -> tuple[Asked, UsageRow]:
    """Ask past places, breaker and counts; every failure is told, none raised.

    Args:
        upstream: takes the request.
        name: the deployment.
        at: the time, in UTC.

    Returns:
        What came of it, and the row of usage, under the owner's page.
    """
    call = _question(name)
    began = perf_counter()
    text, error, fault, status = None, None, None, 200
    usage: ReplyUsage | None = None
    try:
        async with asyncio.timeout(ASK_S):
            text, usage = await _answer(upstream, call)
    except TimeoutError:
        error, fault, status = f"no answer within {ASK_S:g} s", "timeout", 504
    except ProviderError as failed:
        error, fault, status = str(failed), failed.fault, failed.status or 502
    except GatewayError as refused:
        error, fault, status = str(refused), refused.code, refused.status
    seconds = perf_counter() - began
    cost = _cost(upstream, usage, seconds)
    nothing = None if error is None or fault == "timeout" else 0  # a refused request costs nothing
    row = UsageRow(
        id=uuid4(),
        at=at,
        request_id=call.request_id,
        key_id=OWNER_KEY,
        endpoint="chat",
        model=name,
        deployment=name,
        stream=False,
        prompt_tokens=usage.prompt_tokens if usage else nothing,
        completion_tokens=usage.completion_tokens if usage else nothing,
        cached_tokens=usage.cached_tokens if usage else 0,
        reported=usage.reported if usage else True,
        cost_usd=nothing if usage is None else cost,
        ttft_s=None,
        seconds=seconds,
        status=status,
        fault=fault,
    )
    asked = Asked(
        deployment=name,
        text=text,
        seconds=seconds,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cost_usd=cost,
        error=error,
    )
    return asked, row


def _question(model: str) -> Call:
    fields = {
        "model": model,
        "messages": [{"role": "user", "content": _QUESTION}],
        "max_tokens": _MOST_TOKENS,
    }
    return Call(
        endpoint="chat",
        model=model,
        fields={name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()},
        stream=False,
        request_id=f"ask_{uuid4().hex}",
        max_tokens=_MOST_TOKENS,
    )


async def _answer(upstream: Upstream, call: Call) -> tuple[str, ReplyUsage | None]:
    """Read the whole reply.

    Raises:
        ProviderError, GatewayError: there is none.
    """
    reply = await upstream.send(call)
    try:
        pieces = []
        while piece := await reply.read():
            pieces.append(piece)
        return _text(b"".join(pieces)), reply.usage
    finally:
        await reply.aclose()


def _text(body: bytes) -> str:
    """Return the answer; a reply that we cannot read was an answer all the same."""
    try:
        said = _read_completion(body).choices
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return body[:_MOST_TEXT].decode("utf-8", "replace")
    return (said[0].message.content or "")[:_MOST_TEXT] if said else ""


def _cost(upstream: Upstream, usage: ReplyUsage | None, seconds: float) -> float | None:
    if usage is None:
        return None
    counted = Usage(usage.prompt_tokens, usage.completion_tokens, reported=usage.reported)
    return cost_usd(upstream.price, counted, seconds, cached_tokens=usage.cached_tokens)
