"""The real llama.cpp with the real model, served, joined, and asked through the gateway."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Engine, ignore_status
from blindarena.engines.threads import available_cores, thread_budget
from blindarena.storage import Database
from bootstrap.test_serving import ask, database, serving, text_of
from bootstrap.worker_stand import gateway
from real_model import real_model

__all__ = ["database", "real_model"]
pytestmark = pytest.mark.engine
SEEDED: dict[str, Any] = {"seed": 7, "temperature": 0.9, "max_tokens": 24}


async def _directly(model: Path) -> str:
    """Ask llama.cpp itself."""
    threads = thread_budget(available_cores(), 1)  # the same sums in the same order
    engine = Engine(
        name="direct",
        command=llamacpp_command(model, alias="small", threads=threads),
        on_status=ignore_status,
    )
    await engine.start()
    try:
        url = f"{await engine.wait_ready(60)}/chat/completions"
        body = {"messages": [{"role": "user", "content": "Say hello."}], **SEEDED}
        async with aiohttp.ClientSession() as http, http.post(url, json=body) as reply:
            return str((await reply.json())["choices"][0]["message"]["content"])
    finally:
        await engine.stop()


async def test_the_same_seed_gives_the_same_text_as_llama_cpp_itself(
    real_model: Path, database: Database, tmp_path: Path
) -> None:
    expected = await _directly(real_model)
    worker: dict[str, Any] = {
        "model": str(real_model),
        "engine": "llamacpp",
        "command": "",
        "name": "small",
        "worker": "small@real",
    }
    async with gateway(database, tmp_path) as (url, router), serving(join=url, **worker) as served:
        await served.says("joined")

        status, whole = await ask(url, "small", **SEEDED)
        _, events = await ask(url, "small", stream=True, **SEEDED)
        # Two slots: two answers at the same time, and neither is lost when it stops meanwhile.
        both = [asyncio.create_task(ask(url, "small", stream=True, **SEEDED)) for _ in range(2)]
        while router.states()["small@real"].in_flight < 2:
            await asyncio.sleep(0.01)
        served.stop()
        last = await asyncio.gather(*both)
        ended = await served.ends()

    assert len(expected) > 10
    assert (status, json.loads(whole)["choices"][0]["message"]["content"]) == (200, expected)
    assert text_of(events) == expected
    assert all(text.rstrip().endswith("data: [DONE]") for _, text in last)
    assert ended == 0
