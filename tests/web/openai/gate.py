"""The routes of `/v1` on a loopback port, before a fake upstream."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.domain.usage import UsageRow
from blindarena.errors import GatewayError
from blindarena.gateway.http import Timeouts, open_session
from blindarena.gateway.ports import Estimate
from blindarena.gateway.prices import TokenPrice
from blindarena.gateway.relay.openai_upstream import OpenAIUpstream
from blindarena.gateway.router import Router
from blindarena.gateway.routing.routes import ModelRoute
from blindarena.gateway.telemetry.watch import Watch
from blindarena.settings.gateway import Gateway
from blindarena.testing import FakeUpstream
from blindarena.web.openai.app import OpenAIRoutes

KEY = "ba-test-key"
PATIENT = Timeouts(connect_s=5.0, first_token_s=10.0, idle_s=10.0, total_s=20.0)
HASTY = Timeouts(connect_s=1.0, first_token_s=0.3, idle_s=0.3, total_s=0.5)


@dataclass
class Settled:
    """A request that was let in."""

    key_id: UUID | None
    model: str
    estimate: Estimate
    settled: list[tuple[int | None, float | None]] = field(default_factory=list)

    def settle(self, *, tokens: int | None, cost_usd: float | None) -> None:
        self.settled.append((tokens, cost_usd))


class OneKey:
    """A doorkeeper that knows one key, which may use every model but "secret"."""

    def __init__(self) -> None:
        self.key_id = uuid4()
        self.admitted: list[Settled] = []

    async def admit(self, secret: str | None, *, model: str, estimate: Estimate) -> Settled:
        self._check(secret)
        if model == "secret":
            text = "this key may not use the model 'secret'"
            raise GatewayError(text, status=403, type="permission_error", code="model_not_allowed")
        if model == "limited":
            text = "this key has used its requests of the minute"
            raise GatewayError(
                text, status=429, type="rate_limit_error", code="rate_limited", retry_after_s=11.2
            )
        self.admitted.append(Settled(self.key_id, model, estimate))
        return self.admitted[-1]

    async def allowed(self, secret: str | None) -> frozenset[str] | None:
        self._check(secret)
        return None

    def _check(self, secret: str | None) -> None:
        if secret != KEY:
            text = "the API key is not known"
            raise GatewayError(
                text, status=401, type="authentication_error", code="invalid_api_key"
            )


class Rows(list[UsageRow]):
    """A sink that keeps what it is given."""

    def add(self, row: UsageRow) -> None:
        self.append(row)


@dataclass
class Gate:
    """The gateway of a test."""

    url: str
    upstream: FakeUpstream
    router: Router
    keys: OneKey
    rows: Rows
    http: aiohttp.ClientSession

    async def post(
        self, path: str, body: Any = None, *, data: bytes | BytesIO | None = None, **headers: str
    ) -> tuple[aiohttp.ClientResponse, Any]:
        """Send a request with the key; return the reply and what its JSON says."""
        given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"data": data} if data is not None else {"json": body}
        async with self.http.post(self.url + path, headers=given, **sent) as reply:
            return reply, await reply.json()

    async def row(self, count: int = 1) -> UsageRow:
        """Wait for a request to be accounted for."""
        async with asyncio.timeout(5):
            while len(self.rows) < count:
                await asyncio.sleep(0.005)
        return self.rows[-1]


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on a loopback port, a free one for 0; give its address."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio sets no TCP_NODELAY
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=1,
        ws="none",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@contextlib.asynccontextmanager
async def gate(
    *,
    models: Mapping[str, ModelRoute] | None = None,
    upstreams: Mapping[str, str] | None = None,
    stall_s: float = 60.0,
    timeouts: Timeouts = PATIENT,
    watch: Watch | None = None,
    **settings: Any,
) -> AsyncIterator[Gate]:
    """Serve `/v1` before a fake upstream.

    Args:
        models: of the router; without, each deployment is one.
        upstreams: base URL by deployment; without, "m1" is the fake upstream.
        stall_s: see `OpenAIRoutes`.
        timeouts: of the upstreams.
        watch: is told of every request.
        settings: of `[gateway]`.
    """
    async with FakeUpstream() as upstream, open_session() as http:
        gateway = Gateway(**settings)
        router = Router(
            jitter_s=0.0,
            retries=gateway.retries,
            failures_to_open=gateway.failures_to_open,
            open_s=gateway.open_s,
        )
        for name, url in (upstreams or {"m1": upstream.url}).items():
            put_up = OpenAIUpstream(
                name=name,
                http=http,
                base_url=url or upstream.url,
                model=f"up-{name}",
                price=TokenPrice(1.0, 2.0),
                key="sk-upstream-key",
                timeouts=timeouts,
            )
            router.put_upstream(name, put_up)
        if models:
            router.set_models(models)
        keys, rows = OneKey(), Rows()
        desk = GatewayDesk(router, keys, rows, gateway, watch=watch or Watch())
        routes = OpenAIRoutes(desk, stall_s=stall_s)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await routes(scope, receive, send)

        async with listening(app) as url, aiohttp.ClientSession() as client:
            yield Gate(url, upstream, router, keys, rows, client)
