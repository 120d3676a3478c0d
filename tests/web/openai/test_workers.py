"""The routes under `/v1/workers`: nothing changes without the token."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from starlette.types import Receive, Scope, Send

from blindarena.gateway.router import Router
from blindarena.testing.memory import MemoryDatabase
from blindarena.web.openai.workers import WorkerRoutes
from bootstrap.worker_stand import TOKEN, Clock, desk
from web.openai.gate import listening

BODY: dict[str, Any] = {
    "id": str(uuid4()),
    "name": "small@one",
    "model": "small",
    "base_url": "http://127.0.0.1:9/v1",
}


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
async def url(database: MemoryDatabase, tmp_path: Path) -> AsyncIterator[str]:
    workers = desk(database, Router(), tmp_path, Clock())
    routes = WorkerRoutes(workers)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await routes(scope, receive, send)

    async with listening(app) as address:
        yield address
    await workers.close()


async def _post(
    url: str, what: str, body: object, token: str | None = TOKEN
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/v1/workers/{what}", json=body, headers=headers) as reply,
    ):
        return reply.status, await reply.json()


async def test_a_worker_joins_beats_and_leaves(url: str, database: MemoryDatabase) -> None:
    assert await _post(url, "join", BODY) == (200, {"heartbeat_s": 3.0})
    beat = {"id": BODY["id"], "state": "ready", "busy": 3}
    assert await _post(url, "heartbeat", beat) == (200, {"heartbeat_s": 3.0, "in_flight": 0})
    assert [w.busy for w in await database.workers.all()] == [3]
    assert await _post(url, "leave", {"id": BODY["id"]}) == (200, {})
    assert await database.workers.all() == []


@pytest.mark.parametrize("token", [None, "", "not-the-worker-token"])
@pytest.mark.parametrize("what", ["join", "heartbeat", "leave", "other"])
async def test_without_the_token_nothing_changes(
    url: str, database: MemoryDatabase, what: str, token: str | None
) -> None:
    await _post(url, "join", BODY)
    before = await database.workers.all()
    body = BODY | {"state": "draining", "base_url": "http://127.0.0.1:1/v1"}

    status, told = await _post(url, what, body, token)

    assert (status, told["error"]["code"]) == (401, "invalid_worker_token")
    assert await database.workers.all() == before


@pytest.mark.parametrize(
    ("what", "body", "status", "words"),
    [
        ("join", [], 400, "object"),
        ("join", {k: v for k, v in BODY.items() if k != "base_url"}, 400, "base_url"),
        ("join", BODY | {"slots": -1}, 400, "slots"),
        ("join", BODY | {"base_url": "ftp://h"}, 400, "http"),
        ("join", BODY | {"name": "fixed"}, 409, "configured"),
        ("join", BODY | {"engine": "x" * 70_000}, 413, "larger"),
        ("heartbeat", {"id": BODY["id"], "state": "asleep"}, 400, "asleep"),
        ("heartbeat", {"id": str(uuid4()), "state": "ready"}, 404, "join again"),
        ("other", {}, 404, "there is no"),
    ],
)
async def test_what_is_wrong_is_said(
    url: str, database: MemoryDatabase, what: str, body: object, status: int, words: str
) -> None:
    got, told = await _post(url, what, body)

    assert (got, words in told["error"]["message"]) == (status, True)
    assert await database.workers.all() == []


async def test_only_post_is_taken(url: str) -> None:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        http.get(f"{url}/v1/workers/join") as reply,
    ):
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")
