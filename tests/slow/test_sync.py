"""That a commit waits for the disk: what `kill -9` can't show, because the system lives on."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import aiohttp
import psutil
import pytest
from sqlalchemy import Connection

from blindarena.storage import Database
from blindarena.testing.fake_upstream import FakeUpstream

from .app_process import CONTESTANTS, AppProcess, write_config
from .postgres_process import PostgresProcess

FULL = 2


async def test_the_connection_that_writes_is_in_wal_mode_and_waits_for_the_disk(
    tmp_path: Path,
) -> None:
    def settings(connection: Connection) -> tuple[object, object]:
        journal, synchronous = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        )
        return journal, synchronous

    database = await Database.open(f"sqlite:///{tmp_path / 'sync.db'}")
    try:
        assert await database._runner.write(settings) == ("wal", FULL)
    finally:
        await database.close()


@pytest.mark.postgres
async def test_postgresql_as_tested_waits_for_the_disk(server: PostgresProcess) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    database = await Database.open(server.url)
    try:
        shown = await database._runner.write(
            lambda c: [c.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
        )
    finally:
        await database.close()
    assert shown == ["on", "on", "on"]


@pytest.mark.slow
async def test_the_log_is_on_the_disk_before_the_vote_is_acknowledged(
    tmp_path: Path, require: Callable[[str], NoReturn]
) -> None:
    """The system calls of the real server: write to the log, fdatasync, only then the reply."""
    trace = tmp_path / "trace"
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-qq", "true"], capture_output=True).returncode:
        require("strace is not here, or may not trace")
    traced = "pwrite64,write,writev,fsync,fdatasync,sendto,sendmsg"
    wrapper = (strace, "-f", "-y", "-s", "4000", "-e", f"trace={traced}", "-o", str(trace))
    async with FakeUpstream(CONTESTANTS, keep_requests=False) as upstream:
        app = AppProcess(
            write_config(tmp_path / "site", upstream=upstream.url), wrapper=(*wrapper, "--")
        )
        try:
            await app.start()
            await _vote(app.url)
        finally:
            for child in psutil.Process(app.process.pid).children():
                child.terminate()  # strace itself would not hear it
            app.close()
    calls = _ended_calls(trace.read_text(errors="replace").splitlines())
    reply = next(i for i, call in enumerate(calls) if r"\"outcome\":\"both_bad\"" in call)
    turn_done = next(i for i, call in enumerate(calls) if r"\"turn\":1" in call)
    log = [
        (i, call.split("(")[0])
        for i, call in enumerate(calls[turn_done:reply], turn_done)
        if "arena.db-wal>" in call
    ]
    assert [name for _, name in log][-2:] == ["pwrite64", "fdatasync"], log


def _ended_calls(lines: Sequence[str]) -> list[str]:
    """Return the calls of all threads in the order in which they ended."""
    begun: dict[str, str] = {}
    ended = []
    for line in lines:
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call
        elif call.startswith("<..."):
            ended.append(begun.pop(thread, "") + call)
        else:
            ended.append(call)
    return ended


async def _vote(url: str) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, cookie_jar=jar, raise_for_status=True) as http:
        async with http.get("/api/arenas/test") as reply:
            terms = {"consent_version": (await reply.json())["consent_version"]}
        async with http.post("/api/session", json=terms) as reply:
            headers = {"X-CSRF-Token": (await reply.json())["csrf_token"]}
        async with http.post("/api/arenas/test/battles", json={}, headers=headers) as reply:
            battle = (await reply.json())["battle_id"]
        path = f"/api/battles/{battle}"
        async with http.post(f"{path}/turns", json={"content": "Hi"}, headers=headers) as reply:
            assert "turn_done" in await reply.text()
        vote = {"outcome": "both_bad"}
        async with http.post(f"{path}/vote", json=vote, headers=headers) as reply:
            assert (await reply.json())["outcome"] == "both_bad"
