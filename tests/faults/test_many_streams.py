"""A thousand slow streams at once through one process."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from blindarena.testing import Behaviour, FakeUpstream
from faults.processes import configure, gateway, running

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
STREAMS = 1000
MOST_MB = 400


@pytest.mark.slow
async def test_a_thousand_slow_streams_take_less_than_400_mb(tmp_path: Path) -> None:
    slow = Behaviour(text="word " * 12, chunk_size=5, delay_s=1.5)
    async with (
        FakeUpstream(default=slow, keep_requests=False) as upstream,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
    ):
        configure(tmp_path, {"one": upstream.url})
        async with running(child := gateway(tmp_path)):

            async def one() -> str:
                async with http.post(f"{child.url}/v1/chat/completions", json=ASK) as reply:
                    return await reply.text()

            tasks = [asyncio.create_task(one()) for _ in range(STREAMS)]
            most = at_once = 0.0
            while not all(task.done() for task in tasks):
                most, at_once = max(most, child.rss_mb()), max(at_once, upstream.open)
                await asyncio.sleep(0.2)
            texts = [task.result() for task in tasks]
            assert await child.end(signal.SIGTERM) in (0, -signal.SIGTERM)

    assert at_once == STREAMS
    assert all(text.count("word") == 12 and "[DONE]" in text for text in texts)
    assert most < MOST_MB, f"{most:.0f} MB"
