"""A server of files on loopback, laid out as a mirror and as a Hugging Face hub, with faults."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def blob_of(data: bytes) -> str:
    """Git's id of a file, by `git hash-object`'s rule."""
    return hashlib.sha1(b"blob " + str(len(data)).encode() + b"\x00" + data).hexdigest()


@dataclass
class FakeFiles:
    """Serves `files` by their paths; `requests` records what was asked.

    Attributes:
        about: of each dataset, what the hub's API says.
        cut: of each download in turn, after how many bytes the connection breaks.
        statuses: of each request in turn, in place of an answer; 200 answers.
        moved: from a path to the address it is redirected to.
        etag: None sends none, so that nothing can be gone on with.
        ranges: whether parts are served.
        wrong_part: the part that is sent begins somewhere else.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    etag: str | None = '"one"'
    ranges: bool = True
    wrong_part: bool = False
    requests: list[web.Request] = field(default_factory=list)
    url: str = ""

    def publish(self, repo: str, name: str, data: bytes, *, lfs: bool, **wrong: str) -> None:
        """Put a file into a dataset; `wrong` replaces what the hub says of it."""
        about = self.about.setdefault(repo, {"sha": COMMIT, "siblings": []})
        row: dict[str, Any] = {"rfilename": name, "blobId": blob_of(data)}
        if lfs:
            row["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        about["siblings"].append(row | wrong)
        self.files[f"/datasets/{repo}/resolve/{COMMIT}/{name}"] = data

    def ranges_asked(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.requests]

    async def api(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        found = self.about.get(request.match_info["repo"])
        return web.Response(status=404) if found is None else web.json_response(found)

    async def file(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return web.Response(status=status)
        if target := self.moved.get(request.path):
            raise web.HTTPFound(target)
        data = self.files.get(request.path)
        if data is None:
            return web.Response(status=404)
        start, status = 0, 200
        asked = request.headers.get("Range")
        if self.ranges and asked and request.headers.get("If-Range") == self.etag:
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
        reply = web.StreamResponse(status=status)
        if self.etag is not None:
            reply.headers["ETag"] = self.etag
        if status == 206:
            begin = start - 1 if self.wrong_part else start
            reply.headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        reply.content_length = len(data) - start
        await reply.prepare(request)
        end = start + self.cut.pop(0) if self.cut else len(data)
        await reply.write(data[start:end])
        if end < len(data):
            assert request.transport is not None
            request.transport.close()
        return reply


@asynccontextmanager
async def serve(files: FakeFiles) -> AsyncIterator[FakeFiles]:
    app = web.Application()
    app.router.add_get("/api/datasets/{repo:.+}", files.api)
    app.router.add_get("/{path:.*}", files.file)
    async with TestServer(app) as server:
        files.url = f"http://127.0.0.1:{server.port}"
        yield files
