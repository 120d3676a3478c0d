"""The routes of `/v1` as one plain ASGI application."""

import asyncio
import logging
import time
from collections.abc import Mapping
from time import perf_counter
from typing import Final
from uuid import UUID, uuid4

import msgspec
from starlette.types import Receive, Scope, Send

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.domain.chat import Usage
from blindarena.domain.usage import Endpoint
from blindarena.errors import GatewayError
from blindarena.gateway.ports import Estimate
from blindarena.gateway.prices import cost_usd
from blindarena.web.openai.answering import Exchange, answer
from blindarena.web.openai.client import STALL_S
from blindarena.web.openai.counting import read_question
from blindarena.web.openai.errors import error_body, headers_of
from blindarena.web.openai.parsing import Asked, parse
from blindarena.web.openai.requests import (
    ClientLeftError,
    read_body,
    read_head,
    read_page,
    read_request_id,
    read_trace,
)

log = logging.getLogger("blindarena.gateway")

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/embeddings": "embeddings",
    "/v1/messages": "messages",
}
MODELS: Final = "/v1/models"
COUNT: Final = "/v1/messages/count_tokens"
_SMALL_BYTES: Final = 2**16
_ANSWER_S: Final = 60.0
"""How long an answer is taken to last in a reservation, where an hour has a price."""


class OpenAIRoutes:
    """Answers everything under `/v1`.

    Args:
        desk: router, keys, usage and settings.
        stall_s: how long a client may take nothing of its reply.
    """

    def __init__(self, desk: GatewayDesk, *, stall_s: float = STALL_S) -> None:
        self._desk = desk
        self._stall_s = stall_s
        self._limit = desk.settings.max_body_mb * 2**20
        self._max_tokens = desk.settings.max_tokens
        self._require_key = desk.settings.require_key
        self._for_this_machine = not (desk.settings.require_key or desk.settings.allow_open)
        self._since = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request of type http."""
        began = perf_counter()
        path: str = scope["path"]
        endpoint = ENDPOINTS.get(path)
        number = uuid4()
        request_id = read_request_id(scope) or f"req_{number.hex}"
        try:
            if endpoint is None:
                body = await self._listed(scope, receive, path)
                await _reply(send, 200, body, request_id, head=scope["method"] == "HEAD")
                return
            exchange = await self._admitted(scope, receive, endpoint, began, number, request_id)
        except GatewayError as error:
            self._desk.watch.refused(
                endpoint=endpoint or ("models" if path.startswith(MODELS) else "other"),
                status=error.status,
                code=error.code,
                request_id=request_id,
                at=time.time(),
                seconds=perf_counter() - began,
            )
            anthropic = path.startswith("/v1/messages") or _asks_anthropic(scope)
            body = error_body(error, anthropic=anthropic, request_id=request_id)
            headers = headers_of(error)
            if anthropic:
                headers.append((b"request-id", request_id.encode()))
            if error.status == 405:
                headers.append((b"allow", b"POST" if endpoint or path == COUNT else b"GET, HEAD"))
            if error.status in (408, 413):  # the rest of the body is not read
                headers.append((b"connection", b"close"))
            await _reply(
                send, error.status, body, request_id, headers, head=scope["method"] == "HEAD"
            )
            return
        except ClientLeftError:
            return
        await answer(self._desk, exchange, receive, send, stall_s=self._stall_s)

    async def _admitted(
        self,
        scope: Scope,
        receive: Receive,
        endpoint: Endpoint,
        began: float,
        number: UUID,
        request_id: str,
    ) -> Exchange:
        """Read a request and let it in.

        Raises:
            GatewayError: it is not let in.
            ClientLeftError: it did not come whole.
        """
        if scope["method"] != "POST":
            raise _wrong_method(scope, "POST")
        head = read_head(scope)
        if self._require_key and head.secret is None:
            raise _no_key()
        if self._for_this_machine and (page := read_page(scope)) is not None:
            raise _from_page(page)
        if not head.json:
            raise GatewayError(
                "the header Content-Type must say application/json",
                status=415,
                type="invalid_request_error",
                code="unsupported_media_type",
            )
        if not 0 < head.length <= _SMALL_BYTES:  # nobody without a key shall fill our memory
            await self._desk.doorkeeper.allowed(head.secret)
        body = await read_body(
            receive, length=head.length, limit=self._limit, stall_s=self._stall_s
        )
        asked = parse(
            endpoint,
            body,
            request_id=request_id,
            max_tokens=self._max_tokens,
            by_prefix=self._desk.by_prefix,
        )
        call = asked.call
        admission = await self._desk.doorkeeper.admit(
            head.secret, model=call.model, estimate=self._estimate(asked)
        )
        tracing = self._desk.watch.tracing
        if tracing is not None:
            tracing.begin(call, read_trace(scope), began=began)
        return Exchange(number, began, call, admission)

    def _estimate(self, asked: Asked) -> Estimate:
        """Return the most that a call may use, at the dearest deployment that may answer."""
        prompt, completion = asked.prompt_tokens, asked.completion_tokens
        usage = Usage(prompt, completion, reported=False)
        dearest: float | None = 0.0
        for price in self._desk.router.dearest(asked.call.model):
            cost = cost_usd(price, usage, _ANSWER_S)
            dearest = None if cost is None or dearest is None else max(dearest, cost)
        return Estimate(prompt + completion, dearest)

    async def _listed(self, scope: Scope, receive: Receive, path: str) -> bytes:
        """Return the list of models, or one of them; or the tokens of a request."""
        if path == COUNT:
            return await self._counted(scope, receive)
        if path != MODELS and not path.startswith(MODELS + "/"):
            raise GatewayError(
                f"there is no {path!r:.200}",
                status=404,
                type="not_found_error",
                code="unknown_url",
            )
        if scope["method"] not in ("GET", "HEAD"):
            raise _wrong_method(scope, "GET")
        head = read_head(scope)
        if self._require_key and head.secret is None:
            raise _no_key()
        allowed = await self._desk.doorkeeper.allowed(head.secret)
        names = [n for n in self._desk.router.models() if allowed is None or n in allowed]
        anthropic = _asks_anthropic(scope)
        if path == MODELS:
            rows = [self._row(name, anthropic) for name in names]
            if not anthropic:
                return msgspec.json.encode({"object": "list", "data": rows})
            ends = {
                "first_id": names[0] if names else None,
                "last_id": names[-1] if names else None,
            }
            return msgspec.json.encode({"data": rows, "has_more": False} | ends)
        name = path.removeprefix(MODELS + "/")
        if name not in names:
            raise _no_model(name)
        return msgspec.json.encode(self._row(name, anthropic))

    async def _counted(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise _wrong_method(scope, "POST")
        head = read_head(scope)
        allowed = await self._desk.doorkeeper.allowed(head.secret)
        body = await read_body(
            receive, length=head.length, limit=self._limit, stall_s=self._stall_s
        )
        if len(body) <= _SMALL_BYTES:
            model, tokens = read_question(body)
        else:  # counting megabytes takes long enough to hold up all others
            model, tokens = await asyncio.to_thread(read_question, body)
        if model not in self._desk.router.models() or (
            allowed is not None and model not in allowed
        ):
            raise _no_model(model)
        return msgspec.json.encode({"input_tokens": tokens})

    def _row(self, name: str, anthropic: bool) -> dict[str, object]:
        if anthropic:
            since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._since))
            return {"type": "model", "id": name, "display_name": name, "created_at": since}
        return {"id": name, "object": "model", "created": self._since, "owned_by": "blindarena"}


async def _reply(
    send: Send,
    status: int,
    body: bytes,
    request_id: str,
    headers: list[tuple[bytes, bytes]] | None = None,
    *,
    head: bool = False,
) -> None:
    all_headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode()),
        *(headers or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


def _asks_anthropic(scope: Scope) -> bool:
    """Say whether a route that both formats share is asked by Anthropic's SDK."""
    return any(name == b"anthropic-version" for name, _ in scope["headers"])


def _no_model(name: str) -> GatewayError:
    return GatewayError(
        f"the model {name!r:.200} does not exist",
        status=404,
        type="not_found_error",
        code="model_not_found",
        param="model",
    )


def _no_key() -> GatewayError:
    return GatewayError(
        "no API key; send the header Authorization: Bearer KEY",
        status=401,
        type="authentication_error",
        code="invalid_api_key",
    )


def _from_page(origin: str) -> GatewayError:
    """Answer a browser that a page elsewhere has led here, under a name of its own (rebinding)."""
    return GatewayError(
        f"a web page of {origin!r:.200} asks, and this gateway asks nobody for a key: it answers "
        "programs of this machine only; see gateway.require_key and gateway.allow_open",
        status=403,
        type="permission_error",
        code="foreign_origin",
    )


def _wrong_method(scope: Scope, allowed: str) -> GatewayError:
    return GatewayError(
        f"{scope['method']!s:.20} is not allowed here; use {allowed}",
        status=405,
        type="invalid_request_error",
        code="method_not_allowed",
    )
