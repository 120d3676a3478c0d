"""TCP_NODELAY on both sides: without it a small write waits for the acknowledgement of the last."""

import asyncio
import socket
import statistics
from itertools import pairwise
from pathlib import Path

import aiohttp

from blindarena.gateway.http import open_session
from blindarena.testing import Behaviour, FakeUpstream
from faults.processes import configure, gateway, running

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "stream": True}


async def test_no_stream_shows_a_step_of_40_ms(tmp_path: Path) -> None:
    """With Nagle's algorithm each stream but a connection's first would stall once, for 40 ms.

    It would stall after its headers, as the client acknowledges them late once the connection has
    gone back and forth.
    """
    short = Behaviour(text="word " * 8, chunk_size=5, delay_s=0.005)
    async with FakeUpstream(default=short) as upstream, aiohttp.ClientSession() as http:
        configure(tmp_path, {"one": upstream.url})
        async with running(child := gateway(tmp_path)):
            longest = [await longest_gap(http, child.url) for _ in range(9)]

    assert statistics.median(longest) < 0.035  # a busy machine makes one or another longer


async def longest_gap(http: aiohttp.ClientSession, url: str) -> float:
    """Stream once; return the longest time without a token, from sending the request on."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with http.post(f"{url}/v1/chat/completions", json=ASK) as reply:
        times = [loop.time() async for line in reply.content if b"word" in line]
    assert len(times) == 8
    return max(after - before for before, after in pairwise([begun, *times]))


async def test_connections_to_upstreams_do_not_wait() -> None:
    async with (
        FakeUpstream(default=Behaviour(delay_s=0.05)) as upstream,
        open_session() as http,
        http.post(f"{upstream.url}/chat/completions", json=ASK) as reply,
    ):
        assert reply.connection is not None
        assert reply.connection.transport is not None
        sock = reply.connection.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
