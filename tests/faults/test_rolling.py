"""Two gateway processes on one port and one database, restarted one after the other under load."""

import asyncio
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from blindarena.testing import Behaviour, FakeUpstream
from faults.processes import Child, configure, free_port, gateway, running

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
TRIES = 4


class Asking:
    """Clients that ask on and on, each trying a failed request again.

    Attributes:
        answered: requests with a whole answer.
        tried_again: attempts that had no answer at all.
        broken: replies that began and did not end; a client cannot try these again.
        lost: requests without an answer after the last attempt.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/chat/completions"
        self.answered = 0
        self.tried_again: Counter[str] = Counter()
        self.broken: list[str] = []
        self.lost = 0
        self.over = False

    async def client(self, *, stream: bool) -> None:
        """Ask until it is over."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as http:
            while not self.over:
                for _ in range(TRIES):
                    if await self._once(http, stream=stream):
                        self.answered += 1
                        break
                    await asyncio.sleep(0.05)
                else:
                    self.lost += 1

    async def _once(self, http: aiohttp.ClientSession, *, stream: bool) -> bool:
        begun = False
        try:
            async with http.post(self._url, json=ASK | {"stream": stream}) as reply:
                if reply.status != 200:
                    self.tried_again[str(reply.status)] += 1
                    return False
                begun = True
                text = await reply.text()
        except (aiohttp.ClientError, OSError) as error:
            if begun:
                self.broken.append(repr(error))
            self.tried_again[type(error).__name__] += 1
            return False
        if stream and "[DONE]" not in text:
            self.broken.append(text[-200:])
        return True


async def restart(old: Child, new: Child) -> None:
    """Start a process anew, as a rolling deployment does: the new one serves first."""
    await new.start()
    assert await old.end(signal.SIGTERM) in (0, -signal.SIGTERM)


@pytest.mark.slow
async def test_a_rolling_restart_loses_no_request(tmp_path: Path) -> None:
    behaviour = Behaviour(text="word " * 20, chunk_size=5, delay_s=0.03, first_delay_s=0.05)
    port = free_port()
    words = ("--port", str(port), "--reuse-port")
    first, second, third, fourth = (gateway(tmp_path, *words) for _ in range(4))
    async with FakeUpstream(default=behaviour, keep_requests=False) as upstream:
        configure(tmp_path, {"one": upstream.url, "two": upstream.url}, port=port)
        async with running(first, second):
            asking = Asking(first.url)
            clients = [
                asyncio.create_task(asking.client(stream=bool(number % 2))) for number in range(16)
            ]
            await asyncio.sleep(1.0)
            try:
                await restart(first, third)
                await restart(second, fourth)
                await asyncio.sleep(1.0)
                asking.over = True
                await asyncio.gather(*clients)
            finally:
                for child in (third, fourth):
                    if child.url:
                        await child.end(signal.SIGTERM)

    assert (asking.lost, asking.broken) == (0, [])
    assert asking.answered > 100
    with sqlite3.connect(tmp_path / "test.db") as database:
        (rows,) = database.execute("SELECT count(*) FROM usage WHERE status = 200").fetchone()
    assert rows == asking.answered
