"""Kill, start again, look for every acknowledged vote; as often as told."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from blindarena.testing.fake_upstream import FakeUpstream

from .app_process import CONTESTANTS, AppProcess, write_config
from .postgres_process import VICTIMS, PostgresProcess
from .stored import Stored, faults, read_dead_sqlite, read_postgres, read_sqlite, sqlite_faults
from .voters import HANG_S, Site, crowd

SEED = int(os.environ.get("BLINDARENA_KILL_SEED", "20240814"))
SHORTEST_S, LONGEST_S = 0.05, 1.5
"""Bounds of the time under load before a kill, where the server starts in `USUAL_START_S`."""
USUAL_START_S = 2.0
WHILE_STARTING = 0.1
"""Share of the kills that hit the server while it starts."""


@dataclass
class Figures:
    """What one run found; its JSON goes into the report."""

    database: str
    kills: Counter[str] = field(default_factory=Counter)
    votes: int = 0
    acknowledged: int = 0
    acknowledged_later: int = 0
    lost: int = 0
    doubled: int = 0
    sent_more_than_once: int = 0
    battles: int = 0
    interrupted_found: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    slowest_request_s: float = 0.0
    slowest_restart_s: float = 0.0
    wall_s: float = 0.0

    def report(self) -> None:
        """Print the figures, and append them to the file BLINDARENA_KILL_REPORT names."""
        line = json.dumps(vars(self))
        print(line)
        if path := os.environ.get("BLINDARENA_KILL_REPORT"):
            with Path(path).open("a") as file:
                file.write(line + "\n")


def kills(default: int) -> int:
    """Return how often to kill: BLINDARENA_KILLS wins, for a short run."""
    return int(os.environ.get("BLINDARENA_KILLS", default))


async def kill_app(folder: Path, *, times: int, postgres: PostgresProcess | None = None) -> Figures:
    """Kill the application under load, on SQLite or on the PostgreSQL server given."""
    figures = Figures("postgresql" if postgres else "sqlite")
    began = time.monotonic()
    rng = random.Random(SEED)
    file = folder / "site" / "arena.db"

    async def read() -> Stored:
        return await _read_server(postgres) if postgres else read_sqlite(file)

    async def read_dead() -> Stored:
        if postgres is None:
            return read_dead_sqlite(file)
        await postgres.quiet()
        return await _read_server(postgres)

    async with _app(folder / "site", database=postgres.url if postgres else None) as app:
        site = Site(app.url)
        await _kill_while_starting(app, figures, rng)  # on an empty database: in the migration
        slowness = await _start(app, figures)
        async with _crowd(site, rng) as load:
            while figures.kills.total() < times:
                site.up.set()
                await load.keep_up(rng.uniform(SHORTEST_S, LONGEST_S) * slowness)
                site.up.clear()
                app.kill()
                figures.kills["under load"] += 1
                left = (await read_dead()).streaming
                figures.interrupted_found += len(left)
                while figures.kills.total() < times and rng.random() < WHILE_STARTING:
                    await _kill_while_starting(app, figures, rng)
                slowness = await _start(app, figures)
                stored = await read()
                assert not stored.streaming, "a battle still streams after the restart"
                wrong = {
                    battle: (stored.battles[battle], stored.last_turns[battle])
                    for battle in left
                    if stored.battles[battle] not in ("waiting", "votable")
                    or stored.last_turns[battle] != "interrupted"
                }
                assert not wrong, f"not reported interrupted: {wrong}"
                _check(stored, site)
            site.up.set()
            await load.end()
        stored = await read()
        _check_all(stored, site)
        await _check_boards(app, stored)
        app.close()
        assert "Traceback" not in app.log.read_text(), app.log_tail()
        assert postgres or not sqlite_faults(file)
    return _finished(figures, site, stored, began)


async def kill_postgres(folder: Path, server: PostgresProcess, *, times: int) -> Figures:
    """Kill processes of PostgreSQL under load; the application has to get over it by itself."""
    figures = Figures("postgresql")
    began = time.monotonic()
    rng = random.Random(SEED)
    async with _app(folder / "site", database=server.url) as app:
        await _start(app, figures)
        site = Site(app.url, steady=True)
        site.up.set()
        async with _crowd(site, rng) as load:
            while figures.kills.total() < times:
                await load.keep_up(rng.uniform(SHORTEST_S, LONGEST_S))
                victim = VICTIMS[figures.kills.total() % len(VICTIMS)]
                acknowledged = len(site.acknowledged)
                server.kill(victim, rng=rng)
                figures.kills[victim] += 1
                if victim != "backend":
                    await load.keep_up(rng.uniform(0, 0.5))
                await server.start()
                since = time.monotonic()
                await _wait(partial(_healthy, app), "the server is not healthy again")
                await _wait(
                    partial(_more_votes, site, than=acknowledged),
                    "no vote is acknowledged any more",
                )
                figures.slowest_restart_s = max(figures.slowest_restart_s, time.monotonic() - since)
                load.check()
                before = site.acknowledged
                stored = await _read_server(server)
                _check(stored, site, acknowledged=before)
            await load.end()
        assert app.running, f"the application ended:\n{app.log_tail()}"
        stored = await _read_server(server)
        _check_all(stored, site)
        await _check_boards(app, stored)
        app.close()
        assert "Traceback" not in app.log.read_text(), app.log_tail()
    return _finished(figures, site, stored, began)


class _Load:
    """The voters' tasks."""

    def __init__(self, site: Site, tasks: list[asyncio.Task[None]]) -> None:
        self._site = site
        self._tasks = tasks

    def check(self) -> None:
        """Fail as soon as a voter saw something that must not happen."""
        for task in self._tasks:
            if task.done():
                task.result()
        assert not self._site.faults, self._site.faults

    async def keep_up(self, seconds: float) -> None:
        """Let them vote for so long."""
        await asyncio.sleep(seconds)
        self.check()

    async def end(self) -> None:
        """Let them finish what they began."""
        self._site.stopping = True
        async with asyncio.timeout(120):
            await asyncio.gather(*self._tasks)
        self.check()


@asynccontextmanager
async def _crowd(site: Site, rng: random.Random) -> AsyncIterator[_Load]:
    tasks = [asyncio.create_task(voter.run()) for voter in crowd(site, rng=rng)]
    try:
        yield _Load(site, tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _app(folder: Path, *, database: str | None) -> AsyncIterator[AppProcess]:
    """Give the application, not started yet, with its upstream in this process."""
    async with FakeUpstream(CONTESTANTS, keep_requests=False) as upstream:
        app = AppProcess(write_config(folder, upstream=upstream.url), database=database)
        try:
            yield app
        finally:
            app.close()


async def _start(app: AppProcess, figures: Figures) -> float:
    """Start the server; return how slow this machine is just now, 1 to 5."""
    began = time.monotonic()
    await app.start()
    seconds = time.monotonic() - began
    figures.slowest_restart_s = max(figures.slowest_restart_s, seconds)
    return min(max(seconds / USUAL_START_S, 1.0), 5.0)


async def _kill_while_starting(app: AppProcess, figures: Figures, rng: random.Random) -> None:
    app.spawn()
    await asyncio.sleep(rng.uniform(0.3, 2.5))
    app.kill()
    figures.kills["while starting"] += 1


def _check(stored: Stored, site: Site, *, acknowledged: dict[Any, str] | None = None) -> None:
    """Check the votes; `acknowledged` is what was before a reading under load."""
    known = site.acknowledged if acknowledged is None else acknowledged
    found = faults(stored, acknowledged=known, sent=site.sent)
    assert not found, found[:20]


def _check_all(stored: Stored, site: Site) -> None:
    """Check the votes, and that nobody's battle was left without one."""
    _check(stored, site)
    assert not stored.streaming
    unfinished = {b: stored.battles.get(b) for b in site.opened if stored.battles.get(b) != "voted"}
    assert not unfinished, f"stuck: {unfinished}"
    assert set(site.acknowledged) == {vote.battle for vote in stored.votes} == site.opened


async def _check_boards(app: AppProcess, stored: Stored) -> None:
    """Check that the boards say how many votes count."""
    async with aiohttp.ClientSession() as http:
        for slug in ("test", "tickets"):
            async with http.get(f"{app.url}/api/arenas/{slug}/leaderboard") as reply:
                board = await reply.json()
            assert board["n"] == stored.counted(slug) > 0
            all_votes = sum(vote.arena == stored.arenas[slug] for vote in stored.votes)
            assert board["n"] + sum(board["excluded"].values()) == all_votes


async def _healthy(app: AppProcess) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{app.url}/api/health") as reply:
        return reply.status == 200


async def _more_votes(site: Site, *, than: int) -> bool:
    return len(site.acknowledged) > than


async def _wait(condition: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    try:
        async with asyncio.timeout(HANG_S):
            while not await condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{otherwise}, after {HANG_S} s") from None


async def _read_server(server: PostgresProcess) -> Stored:
    connection = await server.connect()
    try:
        return await read_postgres(connection)
    finally:
        await connection.close()


def _finished(figures: Figures, site: Site, stored: Stored, began: float) -> Figures:
    how = Counter(ballot.acknowledged for ballot in site.ballots.values())
    present = Counter(vote.battle for vote in stored.votes)
    figures.votes = len(stored.votes)
    figures.acknowledged = how["200"] + how["later"]
    figures.acknowledged_later = how["later"]
    figures.lost = len(site.acknowledged.keys() - present.keys())
    figures.doubled = sum(n > 1 for n in present.values())
    figures.sent_more_than_once = sum(ballot.tries > 1 for ballot in site.ballots.values())
    figures.battles = len(stored.battles)
    figures.tally = site.tally
    figures.slowest_request_s = round(site.slowest, 3)
    figures.slowest_restart_s = round(figures.slowest_restart_s, 3)
    figures.wall_s = round(time.monotonic() - began, 1)
    figures.report()
    return figures
