"""Ask an upstream one tiny question, as one reply or as a stream, and say how it went."""

import asyncio
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import uuid4

import msgspec

from blindarena.domain.chat import Usage
from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.calls import Call, Upstream
from blindarena.gateway.prices import cost_usd

QUESTION: Final = "Say the word yes."
MAX_TOKENS: Final = 32
"""Enough for one word, also where a model thinks a little first."""
PATIENCE_S: Final = 60.0


class _Said(msgspec.Struct):
    message: str


class _SaidError(msgspec.Struct):
    error: _Said


_decode_said = msgspec.json.Decoder(_SaidError).decode


@dataclass(frozen=True, slots=True)
class Probed:
    """How an upstream answered.

    Attributes:
        first_s: until the first event of a stream.
        cost_usd: None where the price or the tokens are unknown.
        error: in plain words; None where it answered.
    """

    name: str
    stream: bool
    seconds: float
    first_s: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    error: str | None = None


async def probe(upstream: Upstream, *, stream: bool, patience_s: float = PATIENCE_S) -> Probed:
    """Ask for real; a failure is a result.

    Args:
        upstream: who is asked.
        stream: as a stream.
        patience_s: longest wait for the whole answer.
    """
    name = upstream.name
    began = perf_counter()
    first_s: float | None = None
    try:
        async with asyncio.timeout(patience_s):
            reply = await upstream.send(_question(name, stream=stream))
            try:
                size = 0
                while piece := await reply.read():
                    if stream and first_s is None:
                        first_s = perf_counter() - began
                    size += len(piece)
                usage = reply.usage
            finally:
                await reply.aclose()
    except TimeoutError:
        return Probed(name, stream, perf_counter() - began, error=f"no answer in {patience_s:g} s")
    except ProviderError as error:
        return Probed(name, stream, perf_counter() - began, first_s, error=_words(error, name))
    except GatewayError as error:
        return Probed(name, stream, perf_counter() - began, first_s, error=str(error))
    seconds = perf_counter() - began
    if not size:
        return Probed(name, stream, seconds, error="an empty reply")
    if usage is None:
        return Probed(name, stream, seconds, first_s)
    counted = Usage(usage.prompt_tokens, usage.completion_tokens, reported=usage.reported)
    return Probed(
        name=name,
        stream=stream,
        seconds=seconds,
        first_s=first_s,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost_usd=cost_usd(upstream.price, counted, seconds, cached_tokens=usage.cached_tokens),
    )


def _words(error: ProviderError, name: str) -> str:
    """Say what is wrong: what to look at, and the upstream's own sentence where it sent one."""
    if error.fault == "refused":
        return "it cannot be reached; is it running, and is its address right?"
    try:
        said = _decode_said(error.said).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return str(error).removeprefix(f"{name}: ")
    return f"HTTP {error.status}: {said}" + ("; look at the key" if error.fault == "auth" else "")


def _question(model: str, *, stream: bool) -> Call:
    fields: dict[str, object] = {
        "model": model,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": MAX_TOKENS,
    }
    if stream:
        fields["stream"] = True
    return Call(
        endpoint="chat",
        model=model,
        fields={name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()},
        stream=stream,
        request_id=f"probe_{uuid4().hex}",
        max_tokens=MAX_TOKENS,
    )
