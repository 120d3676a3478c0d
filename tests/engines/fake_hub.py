"""A Hugging Face hub on loopback, with faults on request."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """Serves `files` of the repository org/repo; `requests` records what was asked.

    Attributes:
        cut: of each download in turn, after how many bytes the connection breaks.
        redirect: given the path, where the content lies instead.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    promised: dict[str, str] = field(default_factory=dict)
    no_lfs: bool = False
    ranges: bool = True
    status: int = 200
    api_body: bytes | None = None
    token: str | None = None
    cut: list[int] = field(default_factory=list)
    redirect: Callable[[str], str] | None = None
    requests: list[web.Request] = field(default_factory=list)
    url: str = ""

    def downloads(self) -> list[web.Request]:
        return [r for r in self.requests if r.path.startswith(("/org/", "/cdn/"))]

    async def api(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if self.status != 200:
            return web.Response(status=self.status)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        if request.match_info["repo"] != "org/repo":
            return web.Response(status=404)
        if self.api_body is not None:
            return web.Response(body=self.api_body)
        siblings: list[dict[str, object]] = []
        for name, content in self.files.items():
            sha = self.promised.get(name) or hashlib.sha256(content).hexdigest()
            lfs = {"sha256": sha, "size": len(content)}
            siblings.append({"rfilename": name, **({} if self.no_lfs else {"lfs": lfs})})
        return web.json_response({"sha": COMMIT, "siblings": siblings})

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.redirect is not None:
            raise web.HTTPFound(self.redirect(request.match_info["name"]))
        if request.match_info["commit"] != COMMIT:
            return web.Response(status=404)
        return await self.content(request)

    async def cdn(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.content(request)

    async def content(self, request: web.Request) -> web.StreamResponse:
        content = self.files[request.match_info["name"]]
        start, status = 0, 200
        if self.ranges and (asked := request.headers.get("Range")):
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
        reply = web.StreamResponse(status=status)
        reply.content_length = len(content) - start
        await reply.prepare(request)
        end = start + self.cut.pop(0) if self.cut else len(content)
        await reply.write(content[start:end])
        if end < len(content):
            assert request.transport is not None
            request.transport.close()
        return reply


@asynccontextmanager
async def serve(hub: FakeHub) -> AsyncIterator[FakeHub]:
    app = web.Application()
    app.router.add_get("/api/models/{repo:.+}", hub.api)
    app.router.add_get("/org/repo/resolve/{commit}/{name:.+}", hub.resolve)
    app.router.add_get("/cdn/{name:.+}", hub.cdn)
    async with TestServer(app) as server:
        hub.url = f"http://127.0.0.1:{server.port}"
        yield hub
