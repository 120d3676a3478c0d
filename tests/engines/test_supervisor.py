"""The supervisor, against a child that misbehaves in every way it can."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from blindarena.engines.supervisor import Engine, Timing, ignore_status
from blindarena.errors import EngineError

from .helpers import runs, until

CHILD = Path(__file__).with_name("fake_child.py")
QUICK = Timing(
    load=10, poll=0.02, watch=0.05, misses=3, back_off=0.05, back_off_max=0.2, stable=60, grace=0.3
)


class Seen:
    """Every status that was reported."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str | None]] = []

    def __call__(self, status: str, detail: str, base_url: str | None) -> None:
        self.events.append((status, detail, base_url))

    @property
    def statuses(self) -> list[str]:
        return [status for status, _, _ in self.events]

    def details(self, status: str) -> list[str]:
        return [detail for s, detail, _ in self.events if s == status]


@asynccontextmanager
async def engine(
    *arguments: str, timing: Timing = QUICK, log_path: Path | None = None
) -> AsyncIterator[tuple[Engine, Seen]]:
    seen = Seen()
    command = [sys.executable, str(CHILD), *arguments]
    made = Engine(name="fake", command=command, on_status=seen, timing=timing, log_path=log_path)
    await made.start()
    try:
        yield made, seen
    finally:
        await made.stop()
    assert made.pid is None


async def test_reports_ready_only_when_it_answers_and_stops_on_close() -> None:
    begun = time.monotonic()
    async with engine("--slow", "0.2", "--unhealthy-for", "0.3") as (made, seen):
        url = await made.wait_ready(10)
        assert time.monotonic() - begun >= 0.5
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")
        assert seen.events == [("loading", "starting", None), ("ready", "", url)]
        assert made.status == "ready"
        pid = made.pid
        assert pid is not None
        assert runs(pid)
    assert not runs(pid)
    assert seen.events[-1] == ("down", "stopped", None)
    assert "ready" not in seen.statuses[2:]


async def test_restarts_after_kill_and_says_by_what_it_ended() -> None:
    async with engine() as (made, seen):
        first = await made.wait_ready(10)
        assert made.pid is not None
        os.kill(made.pid, signal.SIGKILL)
        await until(lambda: made.starts == 2 and made.status == "ready")
        assert made.base_url is not None
        assert made.base_url != first
        assert any("SIGKILL" in d and "starting again in 0.05 s" in d for d in seen.details("down"))


async def test_crash_loop_backs_off_and_never_gives_up(tmp_path: Path) -> None:
    async with engine("--abort", "--counter", str(tmp_path / "n")) as (made, seen):
        await until(lambda: made.starts >= 5)
    waits = [d.rsplit("starting again in ", 1)[1] for d in seen.details("down") if "again" in d]
    assert waits[:4] == ["0.05 s", "0.1 s", "0.2 s", "0.2 s"]
    third = seen.details("down")[2]
    assert "SIGABRT" in third
    assert "the real cause" in third
    assert "(3 times in a row)" in third


async def test_recovers_after_some_crashes(tmp_path: Path) -> None:
    async with engine("--abort-first", "2", "--counter", str(tmp_path / "n")) as (made, seen):
        await made.wait_ready(10)
        assert made.starts == 3
        assert seen.statuses == ["loading", "down", "loading", "down", "loading", "ready"]


async def test_a_stable_run_resets_the_back_off() -> None:
    timing = Timing(poll=0.02, watch=0.05, back_off=0.05, stable=0.3, grace=0.3)
    async with engine(timing=timing) as (made, seen):
        for start in (1, 2, 3):
            await until(lambda start=start: made.starts == start and made.status == "ready")
            await asyncio.sleep(0.4)
            assert made.pid is not None
            os.kill(made.pid, signal.SIGKILL)
        await until(lambda: made.starts == 4)
    pauses = [d for d in seen.details("down") if "again" in d]
    assert len(pauses) == 3
    assert all(d.endswith("starting again in 0.05 s") for d in pauses)


async def test_its_own_words_become_the_detail() -> None:
    async with engine("--fatal", "no such model; pull it") as (_made, seen):
        await until(lambda: "down" in seen.statuses)
        detail = seen.details("down")[0]
        assert detail.startswith("no such model; pull it (the real cause); starting again in")


@pytest.mark.parametrize("how", [["--silent"], ["--unhealthy-for", "99"]])
async def test_never_ready_is_stopped_and_told(how: list[str]) -> None:
    timing = Timing(load=0.7, poll=0.05, back_off=0.05, grace=0.3)
    async with engine(*how, timing=timing) as (made, seen):
        with pytest.raises(EngineError, match=r"not ready after 0\.2 s \(loading: starting\)"):
            await made.wait_ready(0.2)
        pid = made.pid
        assert pid is not None
        await until(lambda: made.starts == 2)
        assert not runs(pid)
        assert seen.details("down")[0].startswith("not ready after 0.7 s; starting again")


async def test_a_hanging_engine_is_replaced() -> None:
    async with engine("--hang-after", "0.3") as (made, seen):
        await made.wait_ready(10)
        await until(lambda: made.starts == 2)
        assert seen.details("down")[0] == "did not answer 3 health checks in a row"


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    async with engine("--ignore-term") as (made, _):
        await made.wait_ready(10)
        pid = made.pid
        begun = time.monotonic()
    assert pid is not None
    assert not runs(pid)
    assert 0.3 <= time.monotonic() - begun < 5


async def test_close_waits_for_running_requests() -> None:
    async with engine("--busy-for", "0.8") as (made, seen):
        await made.wait_ready(10)
        begun = time.monotonic()
        await made.stop(drain_s=5)
        assert 0.3 < time.monotonic() - begun < 4
        assert seen.details("down")[0] == "draining: no new requests"


async def test_draining_ends_in_time_where_a_request_does_not() -> None:
    async with engine("--busy-for", "99") as (made, seen):
        await made.wait_ready(10)
        begun = time.monotonic()
        assert not await made.drain(0.3)
        assert time.monotonic() - begun < 3
        assert made.pid is not None
        os.kill(made.pid, signal.SIGKILL)
        await asyncio.sleep(0.3)
        assert seen.statuses[2:] == ["down"] * len(seen.statuses[2:]), "it came back"


async def test_close_while_it_loads_and_twice() -> None:
    async with engine("--silent") as (made, _):
        await until(lambda: made.pid is not None)
        pid = made.pid
        assert pid is not None
        await made.stop()
        await made.stop()
        assert not runs(pid)
        with pytest.raises(EngineError, match="already started"):
            await made.start()


async def test_no_such_program() -> None:
    seen = Seen()
    made = Engine(name="none", command=["/no/such/program"], on_status=seen, timing=QUICK)
    await made.start()
    await until(lambda: made.starts == 2)
    await made.stop()
    assert seen.details("down")[0].startswith(
        "cannot start /no/such/program: No such file or directory; starting again"
    )


async def test_a_failing_listener_does_not_stop_the_supervision() -> None:
    def fails(status: str, detail: str, base_url: str | None) -> None:
        raise ValueError(status)

    made = Engine(name="f", command=[sys.executable, str(CHILD)], on_status=fails, timing=QUICK)
    await made.start()
    await made.wait_ready(10)
    await made.stop()
    assert made.status == "down"


async def test_the_log_is_kept_in_memory_and_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    async with engine("--fatal", "over", log_path=path) as (made, seen):
        await until(lambda: "down" in seen.statuses)
        assert "a line of the log" in made.log_tail()
        assert len(made.log_tail(1)) == 1
    assert "a line of the log\n" in path.read_text()


async def test_a_log_that_cannot_be_written_does_not_stop_the_engine(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with engine(log_path=tmp_path / "file" / "x.log") as (made, _):
        await made.wait_ready(10)
        assert "cannot be written" in made.log_tail()[0]


OWNER = f"""
import asyncio, sys
from blindarena.engines.supervisor import Engine, ignore_status
async def main():
    e = Engine(name="x", command=[sys.executable, {str(CHILD)!r}, *sys.argv[2:]],
               on_status=ignore_status)
    await e.start()
    while e.pid is None: await asyncio.sleep(0.01)
    if "--hold-lock" in sys.argv: await asyncio.sleep(1)
    elif "--silent" not in sys.argv: await e.wait_ready(10)
    print(e.pid, flush=True)
    if sys.argv[1] == "exit": sys.exit(0)
    if sys.argv[1] == "raise": raise RuntimeError
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["kill", "term", "int", "exit", "raise"])
@pytest.mark.parametrize("state", [[], ["--silent"], ["--ignore-term"], ["--hold-lock"]])
async def test_no_child_outlives_its_parent(end: str, state: list[str]) -> None:
    signals = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, end, *state],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    with owner, owner.stdout:
        pid = int(owner.stdout.readline())
        if end in signals:
            assert runs(pid)
            owner.send_signal(signals[end])
        owner.wait(20)
    await until(lambda: not runs(pid), seconds=10)


async def test_its_environment_is_not_asked_for_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with engine() as (made, _):
        url = await made.wait_ready(10)
        async with aiohttp.ClientSession() as http, http.get(f"{url}/models") as reply:
            assert reply.status == 200


def test_ignore_status_takes_everything() -> None:
    listener: Callable[[str, str, str | None], None] = ignore_status
    listener("ready", "", None)
