"""Upstreams that fail, and clients that leave or do not read."""

import asyncio
import json
from typing import Any

import pytest

from blindarena.gateway.routing.routes import ModelRoute
from blindarena.testing import Behaviour
from blindarena.testing.fake_upstream import Fault, refused_url
from web.openai.gate import HASTY, KEY, Gate, gate

ASK = {"model": "m1", "messages": [{"role": "user", "content": "Hello"}]}
CHAT = "/v1/chat/completions"
LONG = Behaviour(text="word " * 2000, chunk_size=5, delay_s=0.01)


FAULTS: list[tuple[Fault, int, str]] = [
    ("bad_request", 400, "400"),
    ("unauthorized", 502, "upstream_auth"),
    ("rate_limited", 429, "upstream_rate_limit"),
    ("server_error", 500, "upstream_server"),
    ("reset_before", 502, "upstream_reset"),
    ("hang_before", 504, "upstream_timeout"),
    ("invalid_json", 502, "upstream_malformed"),
    ("html", 502, "upstream_malformed"),
    ("redirect", 502, "upstream_malformed"),
]


@pytest.mark.parametrize("stream", [False, True])
async def test_the_status_keeps_the_upstreams_class(stream: bool) -> None:
    models = {fault: ModelRoute((fault,)) for fault, _, _ in FAULTS}
    upstreams = dict.fromkeys(models, "")
    async with gate(models=models, upstreams=upstreams, retries=0, timeouts=HASTY) as found:
        for fault, status, code in FAULTS:
            behaviour = Behaviour(fault=fault, retry_after="7")
            found.upstream.behaviours[f"up-{fault}"] = behaviour
            reply, said = await found.post(CHAT, ASK | {"model": fault, "stream": stream})

            assert (reply.status, said["error"]["code"]) == (status, code)
            assert reply.headers["x-request-id"].startswith("req_")
            if fault == "rate_limited":
                assert reply.headers["retry-after"] == "7"
            if fault == "bad_request":
                assert said["error"]["message"] == f"{found.upstream.canary}: refused"
            else:
                assert found.upstream.canary not in json.dumps(said)
                assert fault not in said["error"]["message"]
            row = await found.row(len(found.keys.admitted))
            assert (row.status, row.deployment) == (status, fault)
            assert found.keys.admitted[-1].settled == [(0, 0.0)]


async def test_another_deployment_answers_before_the_first_byte() -> None:
    route = ModelRoute(("bad", "good"))
    async with gate(models={"m1": route}, upstreams={"bad": refused_url(), "good": ""}) as found:
        for stream in (False, True, False, True):
            reply, _ = await _text(found, ASK | {"stream": stream})
            assert reply == 200
        assert {row.deployment for row in found.rows} == {"good"}


async def test_a_stream_ends_with_an_error_event() -> None:
    async with gate(timeouts=HASTY) as found:
        faults: list[Fault] = ["reset", "truncated", "hang", "malformed_sse", "error_event"]
        for count, fault in enumerate(faults, start=1):
            found.upstream.default = Behaviour(fault=fault)
            status, text = await _text(found, ASK | {"stream": True})

            assert status == 200
            events = text.strip().split("\n\n")
            assert all(event.startswith(("data: ", ":")) for event in events)
            last = json.loads(events[-1].removeprefix("data: "))
            assert last["error"]["type"] == "api_error"
            assert "[DONE]" not in text
            assert (await found.row(count)).status in (502, 504)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_ends_the_call_upstream(stream: bool) -> None:
    async with gate() as found:
        found.upstream.default = LONG if stream else Behaviour(first_delay_s=30.0)
        reader, writer = await _send(found, ASK | {"stream": stream})
        if stream:
            await reader.readuntil(b"word ")
        else:
            while not found.upstream.requests:
                await asyncio.sleep(0.01)
        writer.close()

        async with asyncio.timeout(3):
            await found.upstream.wait_for_disconnect()
        row = await found.row()
        assert (row.status, row.fault) == (499, "client_left")
        assert (row.completion_tokens is not None) == stream
        assert len(found.keys.admitted[0].settled) == 1
        assert found.router.states()["m1"].in_flight == 0


async def test_a_client_that_does_not_read_is_dropped() -> None:
    async with gate(stall_s=0.3) as found:
        found.upstream.default = Behaviour(text="x" * 30_000_000, chunk_size=100_000)
        _, writer = await _send(found, ASK | {"stream": True}, read_limit=1024)

        row = await found.row()
        assert (row.status, row.fault) == (499, "client_stalled")
        async with asyncio.timeout(3):
            await found.upstream.wait_for_disconnect()
        writer.close()


async def _text(found: Gate, body: dict[str, Any]) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with found.http.post(found.url + CHAT, json=body, headers=headers) as reply:
        return reply.status, (await reply.read()).decode()


async def _send(
    found: Gate, body: dict[str, Any], *, read_limit: int = 2**16
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = found.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=read_limit)
    data = json.dumps(body).encode()
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    writer.write(head.encode() + data)
    await writer.drain()
    return reader, writer
