"""`/v1/workers/...`: workers join, tell that they live, and leave; with the worker token only."""

import logging
from typing import Annotated, Final, Literal
from uuid import UUID, uuid4

import msgspec
from msgspec import Meta, Struct
from starlette.types import Receive, Scope, Send

from blindarena.bootstrap.workers import Joining, WorkerDesk
from blindarena.errors import BlindArenaError, GatewayError
from blindarena.web.openai.errors import error_body
from blindarena.web.openai.requests import ClientLeftError, read_body, read_head

log = logging.getLogger("blindarena.workers")
PREFIX: Final = "/v1/workers/"
_LIMIT = 64 * 1024
_Text = Annotated[str, Meta(max_length=2000)]
_State = Literal["ready", "loading", "draining"]


class _Join(Struct):
    id: UUID
    name: _Text
    model: _Text
    base_url: _Text
    key: Annotated[str, Meta(max_length=8000)] = ""
    engine: Annotated[str, Meta(max_length=40)] = ""
    slots: Annotated[int, Meta(ge=0, le=100_000)] = 0
    cost_per_hour: Annotated[float, Meta(ge=0, le=1e6)] | None = None
    state: _State = "loading"


class _Beat(Struct):
    id: UUID
    state: _State
    busy: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class _Leave(Struct):
    id: UUID


class WorkerRoutes:
    """Answers everything under `/v1/workers/`."""

    def __init__(self, desk: WorkerDesk) -> None:
        self._desk = desk
        self._join = msgspec.json.Decoder(_Join).decode
        self._beat = msgspec.json.Decoder(_Beat).decode
        self._leave = msgspec.json.Decoder(_Leave).decode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request of type http."""
        status, headers = 200, []
        try:
            body = msgspec.json.encode(await self._answer(scope, receive))
        except ClientLeftError:
            return
        except GatewayError as error:
            status = error.status
            body = error_body(error, anthropic=False, request_id=f"req_{uuid4().hex}")
            if status in (408, 413):  # the rest of the body is not read
                headers.append((b"connection", b"close"))
            if status == 405:
                headers.append((b"allow", b"POST"))
        except BlindArenaError as error:  # the database, or the master key
            log.warning("a worker could not be served: %s", error)
            failed = GatewayError(
                "the registry of workers does not answer; try again",
                status=503,
                type="overloaded_error",
                code="registry_unavailable",
            )
            status, body = 503, error_body(failed, anthropic=False, request_id="")
        headers += [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> dict[str, object]:
        head = read_head(scope)
        self._desk.check(head.secret)
        what = scope["path"].removeprefix(PREFIX)
        if what not in ("join", "heartbeat", "leave"):
            raise GatewayError(
                f"there is no {scope['path']!r:.200}",
                status=404,
                type="not_found_error",
                code="unknown_url",
            )
        if scope["method"] != "POST":
            raise GatewayError(
                "use POST", status=405, type="invalid_request_error", code="method_not_allowed"
            )
        body = await read_body(receive, length=head.length, limit=_LIMIT)
        try:
            if what == "join":
                joining = self._join(body)
                await self._desk.join(Joining(**msgspec.structs.asdict(joining)))
                return {"heartbeat_s": self._desk.heartbeat_s}
            if what == "heartbeat":
                beat = self._beat(body)
                in_flight = await self._desk.beat(beat.id, state=beat.state, busy=beat.busy)
                return {"heartbeat_s": self._desk.heartbeat_s, "in_flight": in_flight}
            await self._desk.leave(self._leave(body).id)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise GatewayError(
                f"the body is not as it should be: {error}",
                status=400,
                type="invalid_request_error",
                code="invalid_value",
            ) from error
        return {}
