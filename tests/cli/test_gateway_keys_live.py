"""Keys and usage with the real command, from outside: limits, revocation, SIGTERM."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from blindarena.testing import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

CONFIG = """\
[server]
port = 0
database = "sqlite:///test.db"

[deployments.small]
provider = "openai-compatible"
base_url = "{url}"
model = "red"
input_price = 1000.0
output_price = 1000.0

[models.small]
deployments = ["small"]
"""


async def command(folder: Path, *words: str) -> str:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "blindarena", *words, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    assert running.returncode == 0
    return said.decode()


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "blindarena", "gateway", cwd=folder,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert running.stdout is not None
        line = (await running.stdout.readline()).decode()
        found = re.search(r"http://\S+/v1", line)
        assert found, line
        yield found.group(), running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def ask(http: aiohttp.ClientSession, url: str, secret: str) -> tuple[int, str, str | None]:
    body = {"model": "small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 10}
    async with http.post(
        f"{url}/chat/completions", json=body, headers={"Authorization": f"Bearer {secret}"}
    ) as reply:
        return reply.status, await reply.text(), reply.headers.get("Retry-After")


@pytest.mark.slow
async def test_keys_while_the_gateway_runs_and_usage_after_sigterm(tmp_path: Path) -> None:
    async with FakeUpstream({"red": Behaviour(text="Red says hello.")}) as upstream:
        (tmp_path / "blindarena.toml").write_text(CONFIG.format(url=upstream.url))
        async with gateway(tmp_path) as (url, running), aiohttp.ClientSession() as http:
            plain = json.loads(await command(tmp_path, "keys", "create", "--name", "a", "--json"))
            words = ("keys", "create", "--name", "b", "--rpm", "1000", "--usd-per-day", "0.5")
            limited = (await command(tmp_path, *words)).strip()

            assert (await ask(http, url, "ba-wrong"))[0] == 401
            replies = [await ask(http, url, plain["secret"]) for _ in range(20)]
            assert {status for status, _, _ in replies} == {200}
            while (last := await ask(http, url, limited))[0] == 200:
                replies.append(last)
            assert last[0] == 429
            assert json.loads(last[1])["error"]["code"] == "insufficient_quota"
            assert int(last[2] or 0) >= 1

            await command(tmp_path, "keys", "revoke", "a")
            async with asyncio.timeout(20):
                while (await ask(http, url, plain["secret"]))[0] != 401:
                    replies.append((200, "", None))
                    await asyncio.sleep(0.2)

            running.send_signal(signal.SIGTERM)
            assert await running.wait() in (0, -signal.SIGTERM)  # uvicorn sends itself the signal

    with sqlite3.connect(tmp_path / "test.db") as database:
        answered, dollars = database.execute(
            "SELECT count(*), sum(cost_usd) FROM usage WHERE status = 200"
        ).fetchone()
        (spent,) = database.execute(
            "SELECT sum(spent) FROM key_counters WHERE kind = 'day'"
        ).fetchone()
        per_key = dict(
            database.execute(
                "SELECT name, sum(cost_usd) FROM usage JOIN api_keys ON api_keys.id = key_id "
                "GROUP BY name"
            ).fetchall()
        )
    assert answered == len(replies)
    assert 0 < spent <= 500_000_000
    assert per_key["b"] == pytest.approx(spent / 1e9)
    assert dollars == pytest.approx(sum(per_key.values()))
