"""Measure how long commands and servers take to start.

    python benchmarks/bench_startup.py

Budgets: `blindarena --help` within 0.3 s; a restart of `blindarena up` within 3 s.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rows import Row, save

RUNS = 10
CONFIG = """
[deployments.one]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "one"
[deployments.two]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "two"
"""
ARENA = """
title = "Startup"
[[contestants]]
name = "one"
deployment = "one"
[[contestants]]
name = "two"
deployment = "two"
"""


def time_command(*words: str) -> float:
    """Return the median wall time of a command, in seconds."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def time_up(folder: Path) -> float:
    """Return how long `blindarena up` takes until /api/health answers, in seconds."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "blindarena", "up"],
        cwd=folder,
        env={**os.environ, "BLINDARENA_PORT": "0", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"Vote at\s+(http://\S+)", line):
                urllib.request.urlopen(f"{found[1]}/api/health", timeout=30).close()
                return time.perf_counter() - begun
        raise RuntimeError("`blindarena up` ended before it served anything")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def main() -> None:
    """Run all and write `results/startup.json` and `.md`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "arenas").mkdir()
        (folder / "blindarena.toml").write_text(CONFIG)
        (folder / "arenas" / "startup.toml").write_text(ARENA)
        first = time_up(folder)
        restart = statistics.median(time_up(folder) for _ in range(3))
    save(
        "startup",
        [
            Row("`python -c pass`", time_command("-c", "pass"), "s", None),
            Row("`import blindarena`", time_command("-c", "import blindarena"), "s", None),
            Row("`blindarena --help`", time_command("-m", "blindarena", "--help"), "s", "<= 0.3"),
            Row("`blindarena up`, first start, until it answers", first, "s", None),
            Row("`blindarena up`, restart, until it answers", restart, "s", "<= 3"),
        ],
    )


if __name__ == "__main__":
    main()
