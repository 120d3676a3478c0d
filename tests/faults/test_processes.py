"""A real gateway process before real upstreams: killed, full, slow, and left alone."""

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from blindarena.testing import Behaviour, FakeUpstream
from faults.processes import configure, free_port, gateway, running, worker

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
CHAT = "/v1/chat/completions"


async def text_of(http: aiohttp.ClientSession, url: str, *, stream: bool) -> tuple[int, str]:
    """Ask, and read all that comes; whoever hangs fails."""
    async with (
        asyncio.timeout(60),
        http.post(url + CHAT, json=ASK | {"stream": stream}) as reply,
    ):
        return reply.status, await reply.text()


def ending(text: str) -> str:
    """Say how a stream ended."""
    events = text.strip().split("\n\n")
    if events[-1] == "data: [DONE]":
        assert text.count('"finish_reason": "stop"') == 1
        return "done"
    assert "[DONE]" not in text
    assert "error" in json.loads(events[-1].removeprefix("data: "))
    return "error"


@pytest.mark.slow
async def test_a_reader_that_leaves(tmp_path: Path) -> None:
    endless = Behaviour(text="word " * 5000, chunk_size=5, delay_s=0.01)
    async with FakeUpstream(default=endless) as upstream, aiohttp.ClientSession() as http:
        configure(tmp_path, {"one": upstream.url})
        async with running(child := gateway(tmp_path)):
            reply = await http.post(child.url + CHAT, json=ASK | {"stream": True})
            await reply.content.readline()
            reply.close()
            async with asyncio.timeout(5):
                await upstream.wait_for_disconnect()
            assert await child.end(signal.SIGTERM) in (0, -signal.SIGTERM)


async def test_a_worker_that_is_killed_mid_stream(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    workers = [worker(tmp_path, port=port, tokens=40) for port in ports]
    urls = {f"w{i}": f"http://127.0.0.1:{port}/v1" for i, port in enumerate(ports)}
    configure(tmp_path, urls)
    async with (
        running(*workers, child := gateway(tmp_path)),
        aiohttp.ClientSession() as http,
    ):
        streams = [asyncio.create_task(text_of(http, child.url, stream=True)) for _ in range(12)]
        await asyncio.sleep(0.5)
        await workers[0].end()
        after = [text_of(http, child.url, stream=False) for _ in range(12)]
        assert {status for status, _ in await asyncio.gather(*after)} == {200}

        found = await asyncio.gather(*streams)
        assert {status for status, _ in found} == {200}
        ends = Counter(ending(text) for _, text in found)
        assert ends["done"] >= 1
        assert ends["error"] >= 1

        await workers[1].end()
        await workers[0].start()  # the breaker lets one through, and closes
        async with asyncio.timeout(20):
            while (await text_of(http, child.url, stream=False))[0] != 200:
                await asyncio.sleep(0.1)


async def test_a_queue_that_is_full(tmp_path: Path) -> None:
    async with FakeUpstream(default=Behaviour(first_delay_s=0.4)) as upstream:
        configure(tmp_path, {"one": upstream.url}, limits="max_concurrent = 2\nqueue = 3")
        async with running(child := gateway(tmp_path)), aiohttp.ClientSession() as http:
            asked = [text_of(http, child.url, stream=False) for _ in range(12)]
            found = await asyncio.gather(*asked)
            codes = Counter(json.loads(text).get("error", {}).get("code") for _, text in found)

    assert codes == {None: 5, "queue_full": 7}
    assert len(upstream.requests) == 5


@pytest.mark.slow
async def test_a_worker_that_hangs(tmp_path: Path) -> None:
    """A stopped process keeps its connections and answers nothing."""
    ports = [free_port(), free_port()]
    workers = [worker(tmp_path, port=port, tokens=40) for port in ports]
    urls = {f"w{i}": f"http://127.0.0.1:{port}/v1" for i, port in enumerate(ports)}
    configure(tmp_path, urls)
    async with (
        running(*workers, child := gateway(tmp_path)),
        aiohttp.ClientSession() as http,
    ):
        streams = [asyncio.create_task(text_of(http, child.url, stream=True)) for _ in range(12)]
        await asyncio.sleep(0.5)
        workers[0].send(signal.SIGSTOP)
        ends = Counter(ending(text) for _, text in await asyncio.gather(*streams))
        assert ends["done"] >= 1
        assert ends["error"] >= 1  # after 30 s without a token

        # Meanwhile the health checks have taken it out: nobody waits for it.
        async with asyncio.timeout(10):
            after = [text_of(http, child.url, stream=False) for _ in range(20)]
            assert {status for status, _ in await asyncio.gather(*after)} == {200}

        workers[0].send(signal.SIGCONT)
        await workers[1].end()
        async with asyncio.timeout(20):
            while (await text_of(http, child.url, stream=False))[0] != 200:
                await asyncio.sleep(0.1)
