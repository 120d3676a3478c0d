"""Measure how many votes per second one server process acknowledges.

    python benchmarks/bench_votes.py [--votes 600] [--runs 3] [--profile FOLDER]

Budget: 300 on SQLite, 800 on PostgreSQL. A vote counts once its reply is there, which the
server sends after the commit (SQLite: synchronous=FULL; PostgreSQL: fsync and
synchronous_commit on). The battles are played beforehand through the same server, up to the
vote; then keep-alive connections send one vote after another. Each figure is the median of
several runs. `--profile` has py-spy record the server, one file per database.
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
from pathlib import Path
from statistics import median
from time import monotonic

import aiohttp
import uvloop

from rows import Row, save
from served import SLUG, Process, paced_upstream, postgres, serving, write_site
from wire import Connection

CONNECTIONS = (32, 64)
AT_ONCE = 24
OUTCOMES = ("model_a", "model_b", "tie", "both_bad")


async def prepare(url: str, *, battles: int) -> list[bytes]:
    """Play battles up to their vote through the server; return the requests that vote on them."""
    numbers = iter(range(battles))
    found = await asyncio.gather(*(_play(url, numbers) for _ in range(AT_ONCE)))
    return [request for some in found for request in some]


async def _play(url: str, numbers: Iterator[int]) -> list[bytes]:
    """Play battles in one session, one after another."""
    requests = []
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, cookie_jar=jar) as http:
        async with http.get(f"/api/arenas/{SLUG}") as reply:
            consent = {"consent_version": (await reply.json())["consent_version"]}
        async with http.post("/api/session", json=consent) as reply:
            csrf = (await reply.json())["csrf_token"]
            secret = reply.cookies["blindarena_session"].value
        headers = {"X-CSRF-Token": csrf}
        for number in numbers:
            path = f"/api/arenas/{SLUG}/battles"
            async with http.post(path, json={"mode": "battle"}, headers=headers) as reply:
                battle = (await reply.json())["battle_id"]
            turn = {"content": "Say something."}
            async with http.post(
                f"/api/battles/{battle}/turns", json=turn, headers=headers
            ) as reply:
                if b"event: turn_done" not in await reply.read():
                    raise RuntimeError("a battle failed while it was prepared")
            body = json.dumps({"outcome": OUTCOMES[number % 4], "reasons": ["accurate"]}).encode()
            head = (
                f"POST /api/battles/{battle}/vote HTTP/1.1\r\nHost: bench\r\n"
                f"Cookie: blindarena_session={secret}\r\nX-CSRF-Token: {csrf}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            requests.append(head.encode() + body)
    return requests


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
        rounds = options.runs * len(CONNECTIONS)
        file = options.profile / f"votes-{name.lower()}.txt" if options.profile else None
        with (
            paced_upstream("--tokens", "8", "--tokens-per-s", "4000") as upstream,
            serving(write_site(folder, upstream=upstream.url, database=url)) as server,
        ):
            requests = uvloop.run(prepare(server.url, battles=each * rounds + each // 2))
            parts = [requests[i * each : (i + 1) * each] for i in range(rounds + 1)]
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
    parser.add_argument("--votes", type=int, default=600, help="per run")
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
