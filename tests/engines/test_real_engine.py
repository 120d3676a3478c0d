"""The real thing: SmolLM2 in llama.cpp, killed in every way."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Engine, ignore_status
from blindarena.errors import ConfigError

from .helpers import runs, until

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
LOAD_S = 120


@asynccontextmanager
async def engine(model: Path, *, slots: int = 2, context: int = 1024) -> AsyncIterator[Engine]:
    command = llamacpp_command(model, alias="smol", threads=1, slots=slots, context=context)
    made = Engine(name="smol", command=command, on_status=ignore_status)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def chat(
    url: str, prompt: str, *, seed: int = 7, max_tokens: int = 24
) -> tuple[str, dict[str, int]]:
    """Stream an answer; return its text and the usage of the last chunk."""
    body = {
        "model": "smol",
        "messages": [{"role": "user", "content": prompt}],
        "seed": seed,
        "max_tokens": max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    text, usage, ended = "", {}, False
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/chat/completions", json=body) as reply,
    ):
        assert reply.status == 200, await reply.text()
        async for line in reply.content:
            if not line.startswith(b"data:"):
                continue
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                ended = True
                continue
            chunk = json.loads(data)
            usage = chunk.get("usage") or usage
            for choice in chunk["choices"]:
                text += choice["delta"].get("content") or ""
    assert ended
    return text, usage


async def test_answers_stream_with_seed_and_usage(real_model: Path) -> None:
    async with engine(real_model) as made:
        url = await made.wait_ready(LOAD_S)
        first, usage = await chat(url, "Name a colour.")
        again, _ = await chat(url, "Name a colour.")
        other, _ = await chat(url, "Name a colour.", seed=8)
        assert first.strip()
        assert first == again
        assert first != other
        assert usage["prompt_tokens"] > 5
        assert 0 < usage["completion_tokens"] <= 24
        both = await asyncio.gather(chat(url, "Say A.", seed=1), chat(url, "Say B.", seed=2))
        assert all(text for text, _ in both)


async def test_shows_nothing_of_the_machine_and_of_other_prompts(real_model: Path) -> None:
    async with engine(real_model) as made:
        url = await made.wait_ready(LOAD_S)
        await chat(url, "The secret word is heliotrope.")
        root = url.removesuffix("/v1")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{url}/models", headers={"Origin": "http://evil"}) as reply:
                assert str(real_model) not in await reply.text()
                assert not reply.headers.get("Access-Control-Allow-Origin")
            async with http.get(f"{root}/slots") as reply:
                assert reply.status == 501
        assert "heliotrope" not in "\n".join(made.log_tail(500))


async def test_an_answer_always_ends(real_model: Path) -> None:
    """Without max_tokens llama.cpp itself knows no end."""
    async with engine(real_model, context=256) as made:
        url = await made.wait_ready(LOAD_S)
        body = {"prompt": "1 2 3 4 5 6", "ignore_eos": True}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/completions", json=body) as reply,
        ):
            data = await reply.json()
        assert reply.status == 200
        assert data["choices"][0]["finish_reason"] == "length"
        assert data["usage"]["completion_tokens"] <= 256


async def test_a_killed_engine_comes_back(real_model: Path) -> None:
    async with engine(real_model) as made:
        url = await made.wait_ready(LOAD_S)
        assert made.pid is not None
        os.kill(made.pid, signal.SIGKILL)
        await until(lambda: made.starts == 2 and made.status == "ready", seconds=LOAD_S)
        assert made.base_url is not None
        assert made.base_url != url
        text, _ = await chat(made.base_url, "Say hello.")
        assert text


async def test_stopping_lets_a_running_answer_end(real_model: Path) -> None:
    async with engine(real_model) as made:
        url = await made.wait_ready(LOAD_S)
        answer = asyncio.create_task(chat(url, "Tell a long story.", max_tokens=80))
        await asyncio.sleep(0.3)
        assert not answer.done(), "too quick to test"
        await made.stop(drain_s=60)
        text, usage = await answer
        assert text
        assert usage["completion_tokens"] > 20


OWNER = """
import asyncio, sys
from pathlib import Path
from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Engine, ignore_status
async def main():
    command = llamacpp_command(Path(sys.argv[1]), alias="smol", threads=1)
    engine = Engine(name="smol", command=command, on_status=ignore_status)
    await engine.start()
    while engine.pid is None: await asyncio.sleep(0.01)
    if sys.argv[2] == "ready": await engine.wait_ready(120)
    else: await asyncio.sleep(float(sys.argv[2]))
    print(engine.pid, flush=True)
    await asyncio.sleep(120)
asyncio.run(main())
"""


@pytest.mark.parametrize("when", ["ready", "0", "0.25"])
async def test_kill_9_of_the_parent_takes_the_engine_along(when: str, real_model: Path) -> None:
    """Also before it is ready: while C++ loads the model, no Python thread of the child runs."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(real_model), when],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    with owner, owner.stdout:
        pid = int(owner.stdout.readline())
        if when == "ready":
            assert runs(pid)
        owner.kill()
    begun = time.monotonic()
    await until(lambda: not runs(pid), seconds=10)
    assert time.monotonic() - begun < 5


async def test_a_damaged_model_is_told_with_its_cause(real_model: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    with real_model.open("rb") as whole:
        short.write_bytes(whole.read(500_000))
    async with engine(short) as made:
        await until(lambda: "starting again" in made.detail, seconds=LOAD_S)
        assert made.detail.startswith(f"llama.cpp could not load {short} with 2 slots of 1024")
        # llama.cpp's threads write at once: on a busy machine its first line may be cut by another.
        assert "gguf_init_from_reader" in made.detail or "Failed to init server" in made.detail
        assert "\n" not in made.detail


async def test_a_missing_model_is_told(tmp_path: Path) -> None:
    async with engine(tmp_path / "none.gguf") as made:
        await until(lambda: "starting again" in made.detail)
        assert "No such file or directory; give a .gguf file" in made.detail


def test_numbers_out_of_range() -> None:
    for numbers in ({"slots": 0}, {"slots": 33}, {"context": 10}, {"threads": 0}):
        with pytest.raises(ConfigError, match=f"{next(iter(numbers))} is "):
            llamacpp_command(Path("m.gguf"), **{"alias": "m", "threads": 1, **numbers})
