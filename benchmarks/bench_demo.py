"""Measure how soon `blindarena demo` can be voted in when it is started again.

    python benchmarks/bench_demo.py [--runs 5]

Budget: 5 s until a battle can be started in the replay arena. The first start fills the database
(1.67 million published votes, tickets, answers) and is reported beside it; the next ones find it
filled. Then what Python imports before it can serve: the modules' own time by package, from
`python -X importtime` (which slows imports down; the sum without it stands beside). A model file
that has been pulled is loaded in the background, as for any user. `make demo` itself, cold and
again, is measured by `bench_install.py`, and `blindarena up` by `bench_startup.py`.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import uvloop

from rows import Row, save
from served import Process, running
from wire import Connection, Voter

IMPORT = "import blindarena.cli.server"
LOADING_S = 60


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process."""

    printed: float
    healthy: float
    votable: float
    cpu: float | None
    live: float | None


async def watch(server: Process, begun: float) -> Start:
    """Ask a server that has just printed its address."""
    url = server.url
    printed = monotonic() - begun
    connection = await Connection.open(url)
    reply = await connection.ask("GET", "/api/health")
    if reply.status != 200:
        raise RuntimeError(f"/api/health: {reply.status}")
    healthy = monotonic() - begun
    arenas = (await connection.ask("GET", "/api/arenas")).json()["arenas"]
    slug = next(a["slug"] for a in arenas if a["kind"] == "replay")
    voter = await Voter.open(url, slug=slug)
    await voter.start_battle(slug=slug)
    votable = monotonic() - begun
    cpu = server.cpu_seconds()
    live = None
    while monotonic() - begun < LOADING_S:
        arenas = (await connection.ask("GET", "/api/arenas")).json()["arenas"]
        [one] = [a for a in arenas if a["kind"] == "live"]
        if one["status"] == "ready":
            live = monotonic() - begun
        if one["status"] != "loading" or "fetching" in one["status_detail"]:
            break
        sleep(0.05)
    voter.close()
    connection.close()
    return Start(printed, healthy, votable, cpu, live)


def start_demo(folder: Path) -> Start:
    """Start the demo, watch it, stop it."""
    words = ["-m", "blindarena", "demo", "--port", "0", "--data-dir", str(folder)]
    begun = monotonic()
    with running(words, says=r"Vote at\s+(http://\S+)") as process:
        return uvloop.run(watch(process, begun))


def import_seconds() -> tuple[float, float]:
    """Return what importing the server adds to an empty Python: wall and CPU time, in seconds."""

    def timed(code: str) -> tuple[float, float]:
        begun, before = monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        wall, after = monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    full = [timed(IMPORT) for _ in range(5)]
    empty = [timed("pass") for _ in range(5)]
    wall, cpu = (median(one[i] for one in full) - median(one[i] for one in empty) for i in range(2))
    return wall, cpu


def imported_packages() -> list[tuple[str, float]]:
    """Return the milliseconds that the modules of each package took for themselves."""
    words = [sys.executable, "-X", "importtime", "-c", IMPORT]
    report = subprocess.run(words, check=True, capture_output=True, text=True).stderr
    own: defaultdict[str, float] = defaultdict(float)
    for micro, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", report):
        own[name.partition(".")[0].lstrip("_")] += int(micro) / 1e3
    return sorted(own.items(), key=lambda pair: -pair[1])


def main() -> None:
    """Run and write `results/demo.json` and `.md`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        first = start_demo(Path(temporary))
        again = [start_demo(Path(temporary)) for _ in range(runs)]
    demo = "`blindarena demo`"
    rows = [
        Row(f"{demo}, first start, until a battle can be started", first.votable, "s", None),
        Row(f"{demo}, again: address printed", median(s.printed for s in again), "s", None),
        Row(f"{demo}, again: /api/health answers", median(s.healthy for s in again), "s", "<= 5"),
        Row(f"{demo}, again: a battle started", median(s.votable for s in again), "s", "<= 5"),
    ]
    if known := [start.cpu for start in again if start.cpu is not None]:
        rows.append(Row(f"{demo}, again: CPU time by then", median(known), "s", None))
    if live := [start.live for start in again if start.live is not None]:
        rows.append(Row(f"{demo}, again: the local model answers", median(live), "s", None))
    wall, cpu = import_seconds()
    rows.append(Row("importing the server", wall, "s", None))
    rows.append(Row("importing the server, CPU time", cpu, "s", None))
    for name, milliseconds in imported_packages()[:8]:
        rows.append(Row(f"of which modules of `{name}`", milliseconds, "ms", None))
    save("demo", rows)


if __name__ == "__main__":
    main()
