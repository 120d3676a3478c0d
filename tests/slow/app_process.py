"""`blindarena up` as a child process that can be killed and started again."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp

import blindarena
from blindarena.testing.upstream_behaviour import Behaviour

READY_WITHIN_S = 60.0
CONTESTANTS = {
    "Redwood": Behaviour(text="Red answers at once. " * 4),
    "Bluebell": Behaviour(text="Blue answers at once, too. " * 4),
    "Greenfinch": Behaviour(text="word " * 10, chunk_size=5, delay_s=0.02),
    "Goldfish": Behaviour(text="word " * 20, chunk_size=5, delay_s=0.05),  # always mid-stream
    "Greylag": Behaviour(text="I am Claude, made by Anthropic."),  # kept, but not counted
}
CATEGORIES = ("billing", "delivery", "")
PROMPTS = 30
_SERVER = """\
[server]
database = "sqlite:///arena.db"

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
base_url = "{url}"
model = "{name}"
"""
_CONTESTANT = """
[[contestants]]
name = "{name}"
deployment = "{name}"
weight = {weight}
"""
WEIGHTS = {"Goldfish": 0.3, "Greylag": 0.3}


def write_config(folder: Path, *, upstream: str) -> Path:
    """Write a server with an arena of free messages and one of prepared prompts; return its file.

    Args:
        folder: where; an SQLite database lies there too.
        upstream: base URL of the fake upstream.
    """
    (folder / "arenas").mkdir(parents=True)
    deployments = "".join(_DEPLOYMENT.format(name=name, url=upstream) for name in CONTESTANTS)
    contestants = "".join(
        _CONTESTANT.format(name=name, weight=WEIGHTS.get(name, 1.0)) for name in CONTESTANTS
    )
    head = 'title = "{}"\nsampling = "weighted"\nstart_together_s = 0.0\n'
    config = folder / "blindarena.toml"
    config.write_text(_SERVER + deployments)
    (folder / "arenas" / "test.toml").write_text(head.format("Free messages") + contestants)
    (folder / "arenas" / "tickets.toml").write_text(
        head.format("Tickets") + '[prompts]\nfile = "tickets.csv"\n' + contestants
    )
    rows = [f"Ticket {i}?,{CATEGORIES[i % len(CATEGORIES)]}" for i in range(PROMPTS)]
    (folder / "arenas" / "tickets.csv").write_text("\n".join(["prompt,category", *rows, ""]))
    return config


class AppProcess:
    """The server, always at the same port.

    Args:
        config: its `blindarena.toml`; what it prints is gathered in `app.log` beside it.
        database: None takes the SQLite file of the configuration.
        wrapper: a command that runs the server, such as strace.
    """

    def __init__(
        self, config: Path, *, database: str | None = None, wrapper: Sequence[str] = ()
    ) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = config.parent / "app.log"
        command = ["-m", "blindarena", "up", "--config", str(config), "--port", str(self.port)]
        self._command = [*wrapper, sys.executable, *command]
        source = str(Path(blindarena.__file__).parent.parent)
        self._environ = {key: value for key, value in os.environ.items() if "BLINDARENA" not in key}
        self._environ["PYTHONPATH"] = source
        if database is not None:
            self._environ["BLINDARENA_DATABASE_URL"] = database
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was never started"
        return self._process

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the server without waiting for anything."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdout=log, stderr=subprocess.STDOUT
            )

    async def start(self) -> None:
        """Start the server and return once it answers."""
        self.spawn()
        async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession() as http:
            while True:
                assert self.running, f"the server ended while it started:\n{self.log_tail()}"
                try:
                    async with http.get(f"{self.url}/api/health") as reply:
                        if reply.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """Kill it with SIGKILL, at this very moment."""
        assert self.running, f"the server ended by itself:\n{self.log_tail()}"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Stop it as a person would; for the end of a test."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


def _free_port() -> int:
    """Return a port below those that the system gives to outgoing connections.

    The port is free for a second at each restart; no connection of somebody else must take it.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port found")
