"""Pass one reply on to its client, and account for it whatever becomes of it."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Final
from uuid import UUID

from starlette.types import Receive, Send

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.domain.chat import Usage
from blindarena.domain.usage import UsageRow
from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.calls import Call, Relayed, ReplyUsage
from blindarena.gateway.ports import Admission
from blindarena.gateway.prices import cost_usd
from blindarena.web.openai.client import Client
from blindarena.web.openai.errors import error_body, error_event, headers_of, refusal_of

log = logging.getLogger("blindarena.gateway")

CLIENT_LEFT: Final = 499
_OURS: Final = GatewayError(
    "the gateway failed; its log says why", status=500, type="api_error", code="internal"
)
_STOPPING: Final = GatewayError(
    "the gateway is being stopped; send the request again",
    status=503,
    type="overloaded_error",
    code="stopping",
)
_LAST_WORD_S: Final = 0.5
_MOST_TOKENS: Final = 10**12
_EVENTS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]


@dataclass(slots=True)
class Exchange:
    """One request that was let in, and what has become of it so far.

    Attributes:
        began: when it came, by `perf_counter`.
        status: what the client got.
        started: the head of the reply is sent.
    """

    id: UUID
    began: float
    call: Call
    admission: Admission
    relayed: Relayed | None = None
    status: int = 500
    started: bool = False
    ttft_s: float | None = None
    fault: str | None = None
    deployment: str | None = None
    error: ProviderError | None = None

    @property
    def anthropic(self) -> bool:
        """Say whether the client speaks Anthropic's format."""
        return self.call.endpoint == "messages"


async def answer(
    desk: GatewayDesk, exchange: Exchange, receive: Receive, send: Send, *, stall_s: float
) -> None:
    """Relay the call and send the reply; a cancellation, as of a server that stops, ends it."""
    client = Client(receive, send, stall_s=stall_s)
    try:
        try:
            refusal = await _relay(desk, exchange, client)
        except Exception:  # a fault of ours; the client is told in the format's own shape
            log.exception("%s failed", exchange.call.request_id)
            exchange.fault = "internal"
            refusal = _OURS
        if refusal is not None:
            await refuse(exchange, refusal, client.send)
    except asyncio.CancelledError:
        client.close()
        if client.gone:
            exchange.status, exchange.fault = CLIENT_LEFT, f"client_{client.gone}"
        else:
            await _stopped(exchange, send)
        client.forgive()  # nothing is left to do; raised, it would be a traceback in the log
    finally:
        client.close()
        await _settle(desk, exchange)


async def _stopped(exchange: Exchange, send: Send) -> None:
    """Tell the client that the server ends, and waits no longer for this reply."""
    exchange.fault = _STOPPING.code
    with suppress(Exception):  # it may have left, or not read: then it is told nothing
        async with asyncio.timeout(_LAST_WORD_S):
            await refuse(exchange, _STOPPING, send)


async def _relay(desk: GatewayDesk, exchange: Exchange, client: Client) -> GatewayError | None:
    """Pass the reply on to its end; a failure is returned, to be told to the client."""
    try:
        relayed = exchange.relayed = await desk.router.relay(exchange.call)
        exchange.deployment = relayed.deployment
        reply = relayed.reply
        piece = await reply.read()
        exchange.ttft_s = perf_counter() - exchange.began
        if reply.content_type == "application/json":
            await _send_whole(exchange, piece, client)
            return None
        await _start(exchange, client.send, 200, list(_EVENTS))
        while piece:
            await client.pass_on(piece)
            piece = await reply.read()
    except ProviderError as error:
        exchange.error = error
        exchange.fault = error.fault
        exchange.deployment = error.deployment or exchange.deployment
        return refusal_of(error)
    except GatewayError as error:
        exchange.fault = error.code
        return error
    exchange.status = 200
    await client.send({"type": "http.response.body", "body": b"", "more_body": False})
    return None


async def _send_whole(exchange: Exchange, body: bytes, client: Client) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    exchange.status = 200
    await _start(exchange, client.send, 200, headers)
    await client.send({"type": "http.response.body", "body": body})


async def _start(
    exchange: Exchange, send: Send, status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    exchange.started = True
    request_id = exchange.call.request_id.encode()
    headers.append((b"x-request-id", request_id))
    if exchange.anthropic:
        headers.append((b"request-id", request_id))  # the name that Anthropic's SDK reads
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def refuse(exchange: Exchange, error: GatewayError, send: Send) -> None:
    """Tell the client what went wrong: as a reply, or as the last event of one that had begun."""
    request_id = exchange.call.request_id
    exchange.status = error.status
    if exchange.started:
        event = error_event(error, anthropic=exchange.anthropic, request_id=request_id)
        await send({"type": "http.response.body", "body": event, "more_body": False})
        return
    body = error_body(error, anthropic=exchange.anthropic, request_id=request_id)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *headers_of(error),
    ]
    await _start(exchange, send, error.status, headers)
    await send({"type": "http.response.body", "body": body})


def _believed(usage: ReplyUsage | None) -> ReplyUsage | None:
    """Return what an upstream reports; None for numbers that nobody can have used."""
    if usage is None or max(usage.prompt_tokens, usage.completion_tokens) > _MOST_TOKENS:
        return None
    return usage


async def _settle(desk: GatewayDesk, exchange: Exchange) -> None:
    """Close the upstream, give its place back, and write down what was used."""
    relayed = exchange.relayed
    usage: ReplyUsage | None = None
    if relayed is not None:
        usage = _believed(relayed.reply.usage)
        await relayed.reply.aclose()
        relayed.end(exchange.error)
    seconds = perf_counter() - exchange.began
    tokens: int | None
    cost: float | None
    if usage is not None and relayed is not None:
        tokens = usage.prompt_tokens + usage.completion_tokens
        counted = Usage(usage.prompt_tokens, usage.completion_tokens, reported=usage.reported)
        cost = cost_usd(relayed.price, counted, seconds, cached_tokens=usage.cached_tokens)
    elif relayed is None and exchange.fault != _STOPPING.code and exchange.status != CLIENT_LEFT:
        # nobody has answered, nor was anybody cut off
        tokens, cost = 0, 0.0
    else:
        tokens = cost = None
    exchange.admission.settle(tokens=tokens, cost_usd=cost)
    call = exchange.call
    row = UsageRow(
        id=exchange.id,
        at=datetime.now(UTC),
        request_id=call.request_id,
        key_id=exchange.admission.key_id,
        endpoint=call.endpoint,
        model=call.model,
        deployment=exchange.deployment,
        stream=call.stream,
        prompt_tokens=usage.prompt_tokens if usage else tokens,
        completion_tokens=usage.completion_tokens if usage else tokens,
        cached_tokens=usage.cached_tokens if usage else 0,
        reported=usage.reported if usage else True,
        cost_usd=cost,
        ttft_s=exchange.ttft_s,
        seconds=seconds,
        status=exchange.status,
        fault=exchange.fault,
    )
    desk.usage.add(row)
    desk.watch.ended(row)
    if call.trace is not None:
        call.trace.end(row)
