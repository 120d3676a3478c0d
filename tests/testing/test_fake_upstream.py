"""The fake upstream, seen by plain HTTP and by OpenAI's own client where it is installed."""

import asyncio
import json
import subprocess
import sys
import time

import aiohttp
import pytest

from blindarena.testing import Behaviour, FakeUpstream

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
STREAM = BODY | {"stream": True, "stream_options": {"include_usage": True}}


async def read(url: str, body: dict[str, object]) -> tuple[list[str], str]:
    """Return the data lines and the whole head and body."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/chat/completions", json=body) as r,
    ):
        text = await r.text()
        return [line[6:] for line in text.splitlines() if line.startswith("data: ")], text + str(r)


@pytest.mark.parametrize("delay", [0.0, 0.002])
async def test_streams_what_openai_streams(delay: float) -> None:
    behaviour = Behaviour(text="Hello there", chunk_size=4, delay_s=delay)
    async with FakeUpstream({"m": behaviour}) as upstream:
        lines, everything = await read(upstream.url, STREAM)

    *chunks, done = lines
    parsed = [json.loads(chunk) for chunk in chunks]
    assert done == "[DONE]"
    assert [c["choices"][0]["delta"].get("content") for c in parsed[:-1]] == [
        "", "Hell", "o th", "ere", None,
    ]  # fmt: skip
    assert parsed[-2]["choices"][0]["finish_reason"] == "stop"
    assert parsed[-1]["usage"]["completion_tokens"] == 3
    assert everything.count(upstream.canary) > 10


async def test_usage_only_where_it_is_asked_for() -> None:
    async with FakeUpstream() as upstream:
        lines, _ = await read(upstream.url, BODY | {"stream": True})

    assert not any("usage" in line for line in lines)


async def test_answers_without_a_stream() -> None:
    async with FakeUpstream(default=Behaviour(text="Whole.")) as upstream:
        _, everything = await read(upstream.url, BODY)

    assert '"content": "Whole."' in everything
    assert upstream.canary in everything
    assert upstream.requests[0].body == BODY


async def test_the_pace_is_kept_by_many_streams() -> None:
    behaviour = Behaviour(text="x" * 20, chunk_size=1, delay_s=0.02)
    async with FakeUpstream(default=behaviour) as upstream:
        began = time.perf_counter()
        replies = await asyncio.gather(*(read(upstream.url, STREAM) for _ in range(60)))
        seconds = time.perf_counter() - began

    assert {len(lines) for lines, _ in replies} == {24}
    assert seconds > 0.02 * 22


async def test_openais_client_reads_it() -> None:
    openai = pytest.importorskip("openai")
    async with FakeUpstream(default=Behaviour(text="Hello there", chunk_size=3)) as upstream:
        client = openai.AsyncOpenAI(base_url=upstream.url, api_key="k")
        stream = await client.chat.completions.create(**STREAM)
        text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
        whole = await client.chat.completions.create(**BODY)
        await client.close()

    assert text == "Hello there"
    assert whole.choices[0].message.content == "Hello there"
    assert whole.usage.total_tokens == 16


async def test_serves_alone_and_prints_its_url() -> None:
    command = [sys.executable, "-m", "blindarena.testing.fake_upstream"]
    command += ["--port", "0", "--tokens", "5", "--tokens-per-s", "500"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = (await asyncio.to_thread(server.stdout.readline)).strip()
            replies = await asyncio.gather(*(read(url, STREAM) for _ in range(20)))
        finally:
            server.terminate()

    assert {len(lines) for lines, _ in replies} == {5 + 4}
