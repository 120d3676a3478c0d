"""Measure how many votes per second one server process acknowledges.

    python benchmarks/bench_votes.py [--votes 1000] [--runs 3] [--profile FOLDER]

Budget: 300 on SQLite, 800 on PostgreSQL. A vote counts once its reply is there, which the server
sends after the commit (SQLite: synchronous=FULL; PostgreSQL: fsync and synchronous_commit on).
The battles are stored beforehand, ready to be voted on, through the same repositories; then
`blindarena up` starts and keep-alive connections send one vote after another. Each figure is the
median of several runs. `--profile` has py-spy record the server, one file per database.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic

import uvloop

from blindarena.arena.answers import answer_of
from blindarena.arena.turns import SideResult
from blindarena.bootstrap import open_app
from blindarena.bootstrap.configured import plan_of
from blindarena.domain.arenas import Contestant
from blindarena.domain.battles import SIDES, Battle, Side, Turn
from blindarena.domain.chat import Finished, Usage
from blindarena.domain.ids import uuid7
from blindarena.settings import load_settings
from blindarena.storage import Database
from rows import Row, save
from served import SLUG, Process, postgres, serving, write_site
from wire import Connection

CONNECTIONS = (32, 64)
SESSIONS = 64
AT_ONCE = 256
OUTCOMES = ("model_a", "model_b", "tie", "both_bad")
TEXT = "A short answer with **one** bold word.\n\n- and\n- a list\n"


async def prepare(config: Path, *, battles: int) -> list[bytes]:
    """Store battles ready to be voted on; return the requests that vote on them."""
    settings = load_settings(config, environ={})
    app = await open_app(plan_of(settings), environ={})
    arena = await app.pool.by_slug(SLUG)
    contestants = await app.pool.contestants(arena)
    seats = []
    for _ in range(SESSIONS):
        session, secret = await app.sessions.consent(None, arena.consent.version)
        voter = await app.sessions.voter(session, arena)
        seats.append((session, secret, voter))
    await app.close()
    database = await Database.open(settings.server.database)
    free = asyncio.Semaphore(AT_ONCE)
    pairs = list(itertools.permutations(contestants, 2))

    async def one(number: int) -> bytes:
        session, secret, voter = seats[number % SESSIONS]
        a, b = pairs[number % len(pairs)]
        battle = Battle(
            id=uuid7(),
            arena_id=arena.id,
            session_id=session.id,
            voter=voter,
            contestant_a=a.id,
            contestant_b=b.id,
            probability=1 / len(pairs),
            policy=arena.sampling,
            consent_version=arena.consent.version,
            created_at=datetime.now(UTC),
        )
        async with free:
            await store(database, battle, {"a": a, "b": b})
        body = json.dumps({"outcome": OUTCOMES[number % 4], "reasons": ["accurate"]}).encode()
        return (
            f"POST /api/battles/{battle.id}/vote HTTP/1.1\r\nHost: bench\r\n"
            f"Cookie: blindarena_session={secret}\r\nX-CSRF-Token: {session.csrf_token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    requests = await asyncio.gather(*map(one, range(battles)))
    await database.close()
    return requests


async def store(database: Database, battle: Battle, sides: dict[Side, Contestant]) -> None:
    """Store a battle with one complete turn."""
    turn = Turn(
        id=uuid7(),
        battle_id=battle.id,
        number=1,
        attempt=1,
        content="Say something.",
        status="streaming",
        created_at=battle.created_at,
    )
    end = Finished("stop", Usage(12, 20, reported=True), 0.2, 1.5, None, None, "one")
    result = SideResult(text=[TEXT], finished=end)
    answers = [answer_of(turn.id, side, sides[side], result) for side in SIDES]
    await database.battles.add(battle)
    await database.battles.start_turn(turn)
    await database.battles.end_turn(turn.id, answers, status="complete", battle_status="votable")


async def votes_per_second(url: str, requests: Sequence[bytes], *, connections: int) -> float:
    """Send all votes over this many connections; return how many per second were acknowledged.

    Raises:
        RuntimeError: one was refused.
    """
    lines = [await Connection.open(url) for _ in range(connections)]
    waiting = iter(requests)

    async def drain(line: Connection) -> None:
        for request in waiting:
            reply = await line.send(request)
            if reply.status != 200:
                raise RuntimeError(f"a vote was refused: {reply.status} {reply.json()}")

    begun = monotonic()
    await asyncio.gather(*map(drain, lines))
    took = monotonic() - begun
    for line in lines:
        line.close()
    return len(requests) / took


@contextlib.contextmanager
def profiled(server: Process, file: Path | None) -> Iterator[None]:
    """Have py-spy record the server until the block ends."""
    program = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    if file is None:
        yield
        return
    options = ["--pid", str(server.pid), "--output", str(file), "--format", "raw", "--threads"]
    recorder = subprocess.Popen([program, "record", "--duration", "600", *options])
    try:
        yield
    finally:
        recorder.send_signal(2)
        recorder.wait()


def measure(name: str, database: str | None, options: argparse.Namespace) -> list[Row]:
    """Measure one database."""
    budget = {"SQLite": ">= 300", "PostgreSQL": ">= 800"}[name]
    each = options.votes
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = database or f"sqlite:///{folder / 'bench.db'}"
        config = write_site(folder, upstream="http://127.0.0.1:9/v1", database=url)
        rounds = options.runs * len(CONNECTIONS)
        requests = uvloop.run(prepare(config, battles=each * rounds + each // 2))
        parts = [requests[i * each : (i + 1) * each] for i in range(rounds + 1)]
        file = options.profile / f"votes-{name.lower()}.txt" if options.profile else None
        with serving(config) as server:
            uvloop.run(votes_per_second(server.url, parts[-1], connections=8))  # warms up
            rates: dict[int, list[float]] = {number: [] for number in CONNECTIONS}
            before = server.cpu_seconds()
            with profiled(server, file):
                for number, part in zip(itertools.cycle(CONNECTIONS), parts[:-1], strict=False):
                    ask = votes_per_second(server.url, part, connections=number)
                    rates[number].append(uvloop.run(ask))
            after = server.cpu_seconds()
    for number in CONNECTIONS:
        what = f"{name}, {number} connections"
        rows.append(Row(what, median(rates[number]), "votes/s", budget))
    if before is not None and after is not None:
        cpu = 1e3 * (after - before) / (each * rounds)
        rows.append(Row(f"{name}: server's CPU per vote", cpu, "ms", None))
    return rows


def main() -> None:
    """Run and write `results/votes.json` and `.md`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--votes", type=int, default=1000, help="per run")
    parser.add_argument("--runs", type=int, default=3, help="per number of connections")
    parser.add_argument("--profile", type=Path, help="folder for py-spy's records")
    options = parser.parse_args()
    if options.profile:
        options.profile.mkdir(parents=True, exist_ok=True)
    rows = measure("SQLite", None, options)
    with postgres() as url:
        rows += measure("PostgreSQL", url, options)
    save("votes", rows)


if __name__ == "__main__":
    main()
