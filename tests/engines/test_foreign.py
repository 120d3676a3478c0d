"""vLLM, SGLang and servers of one's own, with a stand-in that takes their published options."""

import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from blindarena.engines.foreign import (
    ForeignKind,
    Wanted,
    foreign_launch,
    is_loopback,
    new_key,
    own_arguments,
    root_url,
    sglang_arguments,
    takes_key,
    vllm_arguments,
)
from blindarena.engines.logs import EngineLog
from blindarena.engines.probes import count_busy
from blindarena.engines.process import start_process
from blindarena.engines.supervisor import Engine, Timing, ignore_status
from blindarena.errors import ConfigError
from engines.fake_engine import published
from engines.helpers import runs, until

FAKE = Path(__file__).with_name("fake_engine.py")
TIMING = Timing(load=20, poll=0.02, watch=0.05, misses=100, back_off=0.05, grace=2)
FULL = Wanted("org/model", "small", host="::1", port=0, max_concurrent=8, context=4096)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `vllm` on PATH and a `sglang` where Python finds it; both are the fake engine."""
    program = tmp_path / "bin" / "vllm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} vllm "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    package = tmp_path / "lib" / "sglang"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "launch_server.py").write_text(
        "import os, sys\n"
        f"os.execv(sys.executable, [sys.executable, {str(FAKE)!r}, 'sglang', *sys.argv[1:]])\n"
    )
    paths = [os.environ.get("PYTHONPATH", ""), str(package.parent), str(FAKE.parents[1])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@asynccontextmanager
async def _running(kind: ForeignKind, wanted: Wanted) -> AsyncIterator[tuple[Engine, str]]:
    launch = foreign_launch(kind, wanted, key=new_key())
    engine = Engine(
        name="e",
        command=launch.command,
        on_status=ignore_status,
        timing=TIMING,
        env=launch.env,
        key=launch.key,
    )
    await engine.start()
    try:
        yield engine, launch.key or ""
    finally:
        await engine.stop()


async def _ask(base_url: str, key: str | None, model: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    url = f"{base_url}/chat/completions"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json=body, headers=headers) as reply,
    ):
        return reply.status, await reply.text()


OWN = f"{sys.executable} {FAKE} own --port {{port}} --api-key {{key}}"


@pytest.mark.parametrize("kind", ["vllm", "sglang", "command"])
async def test_each_kind_starts_answers_with_its_key_and_stops(
    kind: ForeignKind, stand_in: Path
) -> None:
    wanted = Wanted("org/model", "own", max_concurrent=8, context=4096, command=OWN)
    async with _running(kind, wanted) as (engine, key):
        base_url = await engine.wait_ready(20)
        pid = engine.pid

        assert (await _ask(base_url, None, "own"))[0] == 401
        status, text = await _ask(base_url, key, "own")
        assert (status, "word0" in text) == (200, True)
        # A server of one's own has no metrics: it does not say how busy it is.
        assert await engine.busy() == (None if kind == "command" else 0)

    assert pid is not None
    assert not runs(pid)


async def test_kill_9_of_the_server_is_noticed_and_nothing_of_it_stays(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = stand_in / "pids"
    monkeypatch.setenv("FAKE_ENGINE_CHILD", str(pids))
    async with _running("vllm", Wanted("m", "m")) as (engine, _):
        await engine.wait_ready(20)
        server, helper = map(int, pids.read_text().split())
        os.kill(server, 9)

        await until(lambda: engine.starts == 2)
        await engine.wait_ready(20)
        await until(lambda: not runs(helper))

    for pid in map(int, pids.read_text().split()):
        await until(lambda pid=pid: not runs(pid))  # type: ignore[misc]


async def test_a_typo_in_an_extra_argument_is_told(stand_in: Path) -> None:
    async with _running("vllm", Wanted("m", "m", args=("--max-modle-len", "1"))) as (engine, _):
        await until(lambda: "--max-modle-len" in engine.detail)


async def test_a_missing_program_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    async with _running("vllm", Wanted("m", "m")) as (engine, _):
        await until(lambda: "pip install vllm" in engine.detail)


async def test_a_host_that_is_not_ours_is_told() -> None:
    async with _running("vllm", Wanted("m", "m", host="192.0.2.1")) as (engine, _):
        await until(lambda: "cannot listen at 192.0.2.1" in engine.detail)


@pytest.mark.parametrize(
    ("kind", "arguments"), [("vllm", vllm_arguments), ("sglang", sglang_arguments)]
)
def test_every_option_is_one_that_the_engine_publishes(
    kind: str, arguments: Callable[[Wanted], list[str]]
) -> None:
    used = {word for word in arguments(FULL) if word.startswith("--")}

    assert used
    assert used <= published(kind)


@pytest.mark.parametrize("kind", ["vllm", "sglang", "command"])
def test_the_supervised_command_holds_no_key(kind: ForeignKind) -> None:
    launch = foreign_launch(kind, Wanted("m", "m", command="serve {port} {key}"), key="s3cret")

    assert "s3cret" not in " ".join(launch.command)
    assert "s3cret" not in repr(launch)
    assert "s3cret" in launch.env.values()


def test_a_command_is_split_without_a_shell_and_filled() -> None:
    command = "serve '{model}' -c '{\"a\": 1}' {host}:{port} --as {name}; rm"
    wanted = Wanted("my model", "small", command=command, args=("-v",))

    assert own_arguments(wanted) == [
        "serve",
        "my model",
        "-c",
        '{"a": 1}',
        "127.0.0.1:{port}",
        "--as",
        "small;",
        "rm",
        "-v",
    ]


@pytest.mark.parametrize(
    ("command", "words"),
    [("", "empty"), ("serve --port 1", "no {port}"), ("serve '{port}", "close the quote")],
)
def test_an_unusable_command_is_one_clear_line(command: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        own_arguments(Wanted("m", "m", command=command))


def test_where_a_key_can_go() -> None:
    assert takes_key("serve --key {key}")
    assert takes_key("sh -c 'serve --key $BLINDARENA_ENGINE_KEY'")
    assert not takes_key("serve {port}")


@pytest.mark.parametrize(
    ("host", "loopback", "root"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:1"),
        ("::1", True, "http://[::1]:1"),
        ("0.0.0.0", False, "http://127.0.0.1:1"),
        ("::", False, "http://[::1]:1"),
        ("10.0.0.5", False, "http://10.0.0.5:1"),
    ],
)
def test_hosts(host: str, loopback: bool, root: str) -> None:
    assert is_loopback(host) is loopback
    assert root_url(host, 1) == root


@pytest.mark.parametrize(
    ("text", "busy"),
    [
        ("llamacpp:requests_processing 2\nllamacpp:requests_deferred 1\n", 3),
        ('vllm:num_requests_running{engine="0"} 4.0\nvllm:num_requests_waiting{engine="0"} 1.0', 5),
        ('vllm:num_requests_waiting_by_reason{reason="capacity"} 7.0\n', None),
        ('# HELP x\nsglang:num_running_reqs{tp_rank="0"} 1e+01\nsglang:num_queue_reqs{} 0.0\n', 10),
        ("python_info 1\n", None),
    ],
)
def test_load_is_read_from_each_engines_metrics(text: str, busy: int | None) -> None:
    assert count_busy(text) == busy


async def test_it_ends_when_its_supervisor_is_gone(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However that ended: all that is left to see is the end of standard input."""
    pids = stand_in / "pids"
    monkeypatch.setenv("FAKE_ENGINE_CHILD", str(pids))
    launch = foreign_launch("vllm", Wanted("m", "m"), key=None)
    process = await start_process(launch.command, EngineLog(None), env=launch.env)
    await until(pids.exists)
    await until(lambda: pids.read_text().endswith("\n"))

    assert process._process.stdin is not None
    process._process.stdin.close()

    for pid in map(int, pids.read_text().split()):
        await until(lambda pid=pid: not runs(pid))  # type: ignore[misc]
    await process.stop(grace_s=5)
