"""`blindarena serve`: it starts an engine, joins, drains, and comes back."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from blindarena.bootstrap.serving import serve
from blindarena.bootstrap.serving_options import Serving, model_name, worker_name
from blindarena.cli import app
from blindarena.errors import ConfigError, EngineError
from blindarena.storage import Database
from bootstrap.worker_stand import TOKEN, gateway
from engines.helpers import runs, until
from sqlite import prepare
from web.openai.gate import KEY

TESTS = Path(__file__).parents[1]
FAKE = TESTS / "engines" / "fake_engine.py"
COMMAND = f"{sys.executable} {FAKE} own --port {{port}} --api-key {{key}}"
VLLM = f"{sys.executable} {FAKE} vllm serve {{model}} --served-model-name {{name}} --port {{port}}"


class Served:
    """What a running `blindarena serve` says, and how it ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stop: Callable[[], None] = lambda: None
        self.ended: asyncio.Task[int] | None = None

    async def says(self, words: str, *, count: int = 1) -> str:
        """Wait until so many lines hold these words; return the last of them."""
        found: list[str] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                while len(found) < count:
                    await asyncio.sleep(0.02)
                    found = [line for line in self.lines if words in line]
        assert len(found) >= count, f"{words!r} not in:\n" + "\n".join(self.lines)
        return found[-1]

    async def ends(self) -> int:
        """Wait for its end and return its exit status."""
        assert self.ended is not None
        async with asyncio.timeout(30):
            return await self.ended


@contextlib.asynccontextmanager
async def process(*arguments: str, env: Mapping[str, str]) -> AsyncIterator[Served]:
    """Run the command in a process of its own; kill it where the test leaves it running."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "blindarena",
        "serve",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "BLINDARENA_WORKER_TOKEN": TOKEN, **env},
    )
    served = Served()

    async def read() -> int:
        assert started.stdout is not None
        async for line in started.stdout:
            served.lines.append(line.decode().rstrip())
        return await started.wait()

    served.stop, served.ended = started.terminate, asyncio.create_task(read())
    try:
        yield served
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await served.ends()


@contextlib.asynccontextmanager
async def serving(*, command: str = COMMAND, **options: Any) -> AsyncIterator[Served]:
    """Run what the command runs, in this process."""
    served, stop = Served(), asyncio.Event()
    asked = {"model": "m", "engine": "command", "name": "own", "worker": "own@here"}
    asked |= {"command": command, "token": TOKEN, **options}
    run = serve(Serving(**asked), environ=os.environ, say=served.lines.append, stop=stop)
    served.stop, served.ended = stop.set, asyncio.create_task(run)
    try:
        yield served
    finally:
        stop.set()
        await asyncio.gather(served.ended, return_exceptions=True)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    prepare(url)
    opened = await Database.open(url)
    await opened.migrate()
    yield opened
    await opened.close()


async def ask(url: str, model: str, *, stream: bool = False, **more: object) -> tuple[int, str]:
    """Ask the gateway; return status and body."""
    body = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], **more}
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{url}/v1/chat/completions", json=body | {"stream": stream}) as reply,
    ):
        return reply.status, await reply.text()


def text_of(events: str) -> str:
    """Return the text of a stream's events."""
    rows = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: {")]
    assert not any("error" in row for row in rows), events
    deltas = [choice["delta"] for row in rows for choice in row["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.mark.slow
async def test_sigterm_during_a_stream_loses_nothing(database: Database, tmp_path: Path) -> None:
    slow = {"FAKE_ENGINE_DELAY_S": "0.02", "FAKE_ENGINE_WORDS": "60"}
    join = ["--engine", "command", "--command", COMMAND, "--name", "own", "--slots", "2"]
    async with gateway(database, tmp_path) as (url, router):
        async with process("m", *join, "--join", url, env=slow) as served:
            await served.says("joined")
            answer = asyncio.create_task(ask(url, "own", stream=True))
            [name] = router.routes()["own"].deployments
            await until(lambda: router.states()[name].in_flight == 1)

            served.stop()
            await until(lambda: router.states()[name].draining)
            refused, _ = await ask(url, "own")
            status, events = await answer

            assert (refused, status) == (503, 200)
            assert text_of(events).split() == [f"word{n}" for n in range(60)]
            assert events.rstrip().endswith("data: [DONE]")
            assert await served.ends() == 0
            assert TOKEN not in "\n".join(served.lines)
        await until(lambda: router.models() == [])


async def test_kill_9_of_the_engine_ends_the_stream_with_an_error_and_it_comes_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    monkeypatch.setenv("FAKE_ENGINE_DELAY_S", "0.05")
    monkeypatch.setenv("FAKE_ENGINE_WORDS", "200")
    monkeypatch.setenv("FAKE_ENGINE_CHILD", str(pids))
    async with gateway(database, tmp_path) as (url, router):
        async with serving(command=VLLM + " --api-key {key}", join=url) as served:
            await served.says("joined")
            answer = asyncio.create_task(ask(url, "own", stream=True))
            [name] = router.routes()["own"].deployments
            await until(lambda: router.states()[name].in_flight == 1)
            await asyncio.sleep(0.3)  # the stream has begun
            server, _ = map(int, pids.read_text().split())
            os.kill(server, 9)

            status, events = await answer
            last = [line for line in events.splitlines() if line][-1]
            assert (status, "error" in json.loads(last.removeprefix("data: "))) == (200, True)
            await served.says("joined again")
            await until(lambda: router.states()[name].status.status == "ready")
            status, _ = await ask(url, "own", max_tokens=2)
            assert status == 200
            started = [int(pid) for pid in pids.read_text().split()]
        assert len(started) == 4
        for pid in started:
            await until(lambda pid=pid: not runs(pid))  # type: ignore[misc]


async def test_it_joins_again_when_the_gateway_knows_it_no_more(
    database: Database, tmp_path: Path
) -> None:
    async with gateway(database, tmp_path) as (url, router), serving(join=url) as served:
        await served.says("joined")
        [worker] = await database.workers.all()
        await database.workers.leave(worker.id)

        await served.says("joined again")
        assert (await ask(url, "own"))[0] == 200
        assert router.routes()["own"].deployments == ("own@here",)


async def test_it_waits_for_a_gateway_that_is_not_there_yet(
    database: Database, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with serving(join=f"http://127.0.0.1:{port}") as served:
        await served.says("does not answer")
        async with gateway(database, tmp_path, port=port) as (url, _):
            await served.says("joined")
            assert (await ask(url, "own"))[0] == 200
        await served.says("does not answer", count=2)
        async with gateway(database, tmp_path, port=port) as (url, _):
            # The registry is in the database: the new gateway knows the worker at once.
            assert (await ask(url, "own"))[0] == 200
        assert len([line for line in served.lines if "does not answer" in line]) == 2


async def test_a_wrong_token_ends_it_with_a_reason(database: Database, tmp_path: Path) -> None:
    async with gateway(database, tmp_path) as (url, router):
        async with serving(join=url, token="another-token-altogether") as served:
            with pytest.raises(EngineError, match="not the worker token") as caught:
                await served.ends()
        assert "another-token" not in "\n".join([*served.lines, str(caught.value)])
        assert router.models() == []


async def test_an_engine_that_never_starts_ends_it_with_its_words() -> None:
    async with serving(command="no-such-program {port}") as served:
        with pytest.raises(EngineError, match="cannot start no-such-program"):
            await served.ends()


async def test_without_a_gateway_it_serves_alone_and_asks_for_its_key() -> None:
    async with serving(key="k1") as served:
        line = await served.says("answers at")
        url = next(word for word in line.split() if word.startswith("http"))
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{url}/models") as reply:
                assert reply.status == 401
            async with http.get(f"{url}/models", headers={"Authorization": "Bearer k1"}) as reply:
                assert reply.status == 200
        served.stop()
        assert await served.ends() == 0


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("smollm2-135m", "smollm2-135m"),
        ("Qwen/Qwen3-8B", "Qwen3-8B"),
        ("org/repo:file.gguf", "repo"),
        ("/models/My model.Q4.gguf", "My-model.Q4"),
        ("///", "model"),
    ],
)
def test_a_model_is_called_by_its_last_part(model: str, name: str) -> None:
    assert model_name(model) == name
    assert worker_name(name).startswith(f"{name}@")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--engine", "vlm"], "llamacpp, vllm, sglang, command"),
        (["--engine", "command"], "go together"),
        (["--", "--verbose"], "no extra arguments"),
        (["--host", "0.0.0.0"], "--key-env"),
        (["--key-env", "UNSET_KEY"], "not set"),
        (["--join", "http://10.0.0.9:8000", "--token", "t"], "cannot reach"),
        (["--join", "gateway:8000"], "http"),
        (["--join", "http://127.0.0.1:1", "--token-env", "UNSET_TOKEN"], "worker token"),
        (
            [
                "--engine",
                "command",
                "--command",
                "s {port}",
                "--host",
                "10.0.0.1",
                "--join",
                "http://h",
            ],
            "{key}",
        ),
    ],
)
def test_what_cannot_work_is_told_before_anything_starts(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BLINDARENA_WORKER_TOKEN", raising=False)
    result = CliRunner().invoke(app, ["serve", "m", *arguments])

    assert isinstance(result.exception, ConfigError)
    assert words in str(result.exception)
