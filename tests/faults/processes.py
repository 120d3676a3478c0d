"""Real processes: gateways and workers that can be killed, stopped and started again."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import blindarena

_SERVER = """\
[server]
port = {port}
database = "{database}"

[gateway]
require_key = false
health_interval_s = 0.5
failures_to_open = 3
open_s = 1.0
drain_s = 20.0
{gateway}

[models.m]
deployments = {names}
"""
_DEPLOYMENT = """
[deployments.{name}]
provider = "openai-compatible"
base_url = "{url}"
model = "m"
{limits}
"""


class Child:
    """A Python process that prints its address.

    Args:
        words: what follows `python`.
        cwd: where it runs.
        says: what it prints once it serves; the first group is the address.
    """

    def __init__(self, words: Sequence[str], *, cwd: Path, says: str = r"(http://\S+)") -> None:
        self._words = words
        self._cwd = cwd
        self._says = says
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[bytes] | None = None
        self.url = ""

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it was never started"
        return self._process

    async def start(self) -> None:
        """Start it and return once it serves."""
        source = str(Path(blindarena.__file__).parent.parent)
        environ = {key: value for key, value in os.environ.items() if "BLINDARENA" not in key}
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._words,
            cwd=self._cwd,
            env={**environ, "PYTHONPATH": source, "PYTHONUNBUFFERED": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        said = ""
        while not (found := re.search(self._says, said)):
            line = await process.stdout.readline()
            assert line, f"{self._words} ended early:\n{said}"
            said += line.decode()
        self.url = found[1]
        self._reading = asyncio.create_task(process.stdout.read())  # it must never block

    def send(self, what: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(what)

    async def end(self, what: signal.Signals = signal.SIGKILL) -> int:
        """End it with a signal and return its exit status."""
        with suppress(ProcessLookupError):
            self.send(what)
        status = await self.process.wait()
        if self._reading is not None:
            await self._reading
        return status

    def rss_mb(self) -> float:
        """Return its memory, in units of a million bytes; Linux only."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found
        return int(found[1]) * 1024 / 1e6


@asynccontextmanager
async def running(*children: Child) -> AsyncIterator[None]:
    """Start children one after another; kill what is left of them in the end."""
    started = []
    try:
        for child in children:
            started.append(child)
            await child.start()
        yield
    finally:
        for child in started:
            if child._process is not None and child.process.returncode is None:
                await child.end()


def worker(folder: Path, *, port: int, tokens: int = 20, tokens_per_s: float = 20.0) -> Child:
    """Return a worker, always at the same port."""
    words = ["-m", "blindarena.testing.fake_upstream", "--port", str(port)]
    words += ["--tokens", str(tokens), "--tokens-per-s", str(tokens_per_s)]
    return Child(words, cwd=folder)


def gateway(folder: Path, *words: str) -> Child:
    """Return a gateway on the configuration of a folder."""
    command = ["-m", "blindarena", "gateway", *words]
    return Child(command, cwd=folder, says=r"gateway: (http://\S+)/v1")


def configure(
    folder: Path,
    urls: Mapping[str, str],
    *,
    port: int = 0,
    database: str = "sqlite:///test.db",
    limits: str = "",
    more: str = "",
) -> None:
    """Write `blindarena.toml` for the model "m".

    Args:
        folder: where.
        urls: base URL by deployment.
        port: 0 takes a free one.
        database: its address.
        limits: further lines of each deployment.
        more: further lines of `[gateway]`.
    """
    head = _SERVER.format(port=port, database=database, gateway=more, names=list(urls))
    tables = (_DEPLOYMENT.format(name=n, url=u, limits=limits) for n, u in urls.items())
    (folder / "blindarena.toml").write_text(head + "".join(tables))


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
