"""The real application behind a real uvicorn: in a thread, or as a child process to be killed."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from blindarena.bootstrap import App, Plan
from blindarena.bootstrap.demo import plan_demo
from blindarena.testing.fake_upstream import FakeUpstream
from web.server import serving

MakePlan = Callable[[FakeUpstream], Awaitable[Plan]]
T = TypeVar("T")
_START_S = 60.0


class Served:
    """A running application with the fake upstream that answers its live arenas.

    Attributes:
        url: where its pages are.
        password: the owner's, as it is printed at the first start.
        upstream: its behaviours may be changed while it runs.
    """

    def __init__(self, make: MakePlan, *, models_dir: Path) -> None:
        self.url = ""
        self.password = ""
        self.app: App
        self.upstream: FakeUpstream
        self._make = make
        self._models_dir = models_dir
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="served", daemon=True)

    def start(self) -> None:
        """Serve; returns once the port answers."""
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise TimeoutError(f"the server did not start within {_START_S} s")
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End the server and wait for that."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_START_S)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something with the application, in its own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        # No model file lies there, so that no test starts a real engine by chance.
        environ = {"BLINDARENA_MODELS_DIR": str(self._models_dir)}
        async with FakeUpstream() as self.upstream:
            plan = await self._make(self.upstream)
            async with serving(plan, environ=environ) as server:
                self.app, self.url = server.app, server.url
                self.password = await server.app.sessions.first_password() or ""
                self._ready.set()
                await self._end.wait()


@contextlib.contextmanager
def served(make: MakePlan, folder: Path) -> Iterator[Served]:
    """Serve a plan until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Served(make, models_dir=folder / "models")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def served_demo(folder: Path) -> Iterator[Served]:
    """Serve what `blindarena demo` serves, but fetch no model."""

    async def make(_: FakeUpstream) -> Plan:
        plan = await plan_demo(data_dir=folder, host="127.0.0.1", port=0, model=None, environ={})
        return replace(plan, pull=False)

    with served(make, folder) as server:
        yield server


class Child:
    """`blindarena up` as a child process, which can be killed and started again at its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; returns once it answers."""
        command = [sys.executable, "-m", "blindarena", "up", "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--config", str(self.folder / "blindarena.toml")],
                stdout=log,
                stderr=log,
                env={**os.environ, "NO_COLOR": "1"},
            )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"the server did not start:\n{said}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the process at once, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/health", timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False
