"""The applications that a server runs for programs: `/v1` beside the pages, or alone."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from blindarena.bootstrap.gateway import GatewayAlone, GatewayDesk
from blindarena.web import metrics
from blindarena.web.openai.app import OpenAIRoutes
from blindarena.web.openai.workers import PREFIX, WorkerRoutes

_JSON: Final = (b"content-type", b"application/json")


class Programs:
    """Everything under `/v1`: models for programs, and the registration of workers."""

    def __init__(self, desk: GatewayDesk) -> None:
        self._models = OpenAIRoutes(desk)
        self._workers = WorkerRoutes(desk.workers) if desk.workers is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request of type http."""
        if self._workers is not None and scope["path"].startswith(PREFIX):
            await self._workers(scope, receive, send)
        else:
            await self._models(scope, receive, send)


class BesidePages:
    """Sends `/v1/...` and `/metrics` past the pages and everything that guards browsers.

    Args:
        desk: of the gateway.
        pages: everything else, and the end of the application.
    """

    def __init__(self, desk: GatewayDesk, pages: ASGIApp) -> None:
        self._programs = Programs(desk)
        self._metrics = desk.metrics
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/"):
            await self._programs(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == metrics.PATH:
            await metrics.serve_metrics(self._metrics, scope, receive, send)
        else:
            await self._pages(scope, receive, send)


class Alone:
    """`/v1`, `/healthz`, `/readyz` and `/metrics`, and nothing else.

    Args:
        gateway: it is closed when the server ends.
    """

    def __init__(self, gateway: GatewayAlone) -> None:
        self._gateway = gateway
        self._programs = Programs(gateway.desk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path == "/healthz":
                await _say(send, 200, b'{"status":"ok"}')
            elif path == "/readyz":
                ready = await self._gateway.ready()
                body = b'{"status":"ready"}' if ready else b'{"status":"not ready"}'
                await _say(send, 200 if ready else 503, body)
            elif path == metrics.PATH:
                await metrics.serve_metrics(self._gateway.desk.metrics, scope, receive, send)
            else:
                await self._programs(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._gateway.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _say(send: Send, status: int, body: bytes) -> None:
    headers = [_JSON, (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
