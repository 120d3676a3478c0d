"""Upstreams whose JSON is valid, and still nothing that anybody can use."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from web.openai.gate import gate

CHAT = "/v1/chat/completions"
ASK = {"model": "m1", "messages": [{"role": "user", "content": "Hello"}]}
DEEP = b"[" * 4000 + b"]" * 4000
MANY = int("9" * 400)
ANSWER = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}],
    "usage": {"prompt_tokens": MANY, "completion_tokens": MANY},
}


@pytest.mark.parametrize(
    ("sent", "body", "status", "code"),
    [
        (200, b'{"choices": %b}' % DEEP, 502, "upstream_malformed"),
        (200, b'{"error": %b}' % DEEP, 502, "upstream_malformed"),
        (400, b'{"error": %b}' % DEEP, 400, "upstream_bad_request"),
    ],
)
async def test_json_that_is_nested_too_deeply_is_a_fault_of_the_upstream(
    sent: int, body: bytes, status: int, code: str
) -> None:
    async with _upstream(sent, body) as url, gate(upstreams={"m1": url}, retries=0) as found:
        reply, said = await found.post(CHAT, ASK)

        assert (reply.status, said["error"]["code"]) == (status, code)
        assert found.router.states()["m1"].status.errors


async def test_usage_that_nobody_can_have_is_not_believed() -> None:
    body = json.dumps(ANSWER).encode()
    async with _upstream(200, body) as url, gate(upstreams={"m1": url}) as found:
        reply, _ = await found.post(CHAT, ASK)
        row = await found.row()

        assert reply.status == 200
        assert (row.prompt_tokens, row.completion_tokens, row.cost_usd) == (None, None, None)
        assert found.keys.admitted[0].settled == [(None, None)]


@asynccontextmanager
async def _upstream(status: int, body: bytes) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
