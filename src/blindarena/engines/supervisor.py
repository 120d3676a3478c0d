"""Keep one local engine running: start, watch, start again, drain, stop."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import aiohttp

from blindarena.engines.logs import EngineLog
from blindarena.engines.probes import busy_requests, is_healthy
from blindarena.engines.process import EngineProcess, start_process
from blindarena.errors import EngineError

MAX_DOUBLINGS = 16
"""Of the pause; far beyond any longest pause, and no overflow after a week of failures."""

logger = logging.getLogger(__name__)

EngineStatus = Literal["loading", "ready", "down"]
"""loading: the process runs, the model does not answer yet; down: not running or being stopped."""


class StatusCallback(Protocol):
    """Told every change of an engine's state; `detail` is for the owner, never for voters."""

    def __call__(self, status: EngineStatus, detail: str, base_url: str | None) -> None:
        """Take the new state; `base_url` ends with /v1 and is given only while ready."""
        ...


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a supervisor is, in seconds.

    Attributes:
        load: from the start of the process until it must answer.
        poll: between two questions while it loads.
        watch: between two questions while it is ready.
        misses: so many unanswered questions in a row mean that it hangs.
        back_off, back_off_max: the first pause before starting again, doubled up to the last.
        stable: ready for so long, it begins again with the first pause.
        grace: between asking it to end and ending it by force.
    """

    load: float = 300.0
    poll: float = 0.1
    watch: float = 10.0
    misses: int = 6
    back_off: float = 1.0
    back_off_max: float = 30.0
    stable: float = 60.0
    grace: float = 5.0


class Engine:
    """One child process that serves one model, started again whenever it ends.

    It never gives up: an engine that cannot start reports why and tries again after a pause.

    Args:
        name: for logs and the owner.
        command: program and arguments, see `llamacpp_command`. It must print a `Listening` line
            (`announce.py`), answer GET /health with 200 when it is ready (or GET /v1/models, where
            it has no /health), and end when its standard input closes.
        on_status: called from the event loop at every change; `ignore_status` where nobody asks.
        log_path: file for its output, rotated; None keeps the last lines in memory only.
        timing: patience and pauses.
        env: variables that are added to ours; the place for the engine's key.
        key: what it wants to see before it tells of its requests.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str],
        on_status: StatusCallback,
        log_path: Path | None = None,
        timing: Timing | None = None,
        env: Mapping[str, str] | None = None,
        key: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.status: EngineStatus = "down"
        self.detail = "not started"
        self.base_url: str | None = None
        self.starts = 0
        self._command = tuple(command)
        self._env = env
        self._key = key
        self._on_status = on_status
        self._timing = timing or Timing()
        self._clock = clock
        self._log = EngineLog(log_path)
        self._process: EngineProcess | None = None
        self._http: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._draining = False

    @property
    def pid(self) -> int | None:
        """The process id while one runs."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def log_tail(self, count: int = 50) -> list[str]:
        """Return the last lines of its output, oldest first."""
        return self._log.tail(count)

    async def start(self) -> None:
        """Begin to supervise, in the background; the state is told through `on_status`.

        Raises:
            EngineError: it was started before.
        """
        if self._task is not None or self._draining:
            raise EngineError(f"engine {self.name} was already started")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else None
        self._http = aiohttp.ClientSession(trust_env=False, headers=headers)
        self._task = asyncio.create_task(self._supervise(self._http), name=f"engine {self.name}")

    async def wait_ready(self, timeout_s: float) -> str:
        """Wait until it answers and return its base URL.

        Raises:
            EngineError: it does not within `timeout_s`; the message says what it does instead.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.base_url is None:
                    self._changed.clear()
                    await self._changed.wait()
        if self.base_url is None:
            raise EngineError(
                f"engine {self.name} is not ready after {timeout_s:g} s ({self.status}: "
                f"{self.detail})"
            )
        return self.base_url

    async def busy(self) -> int | None:
        """Return how many requests run or wait; None where it is not ready or does not say."""
        root = self.base_url.removesuffix("/v1") if self.base_url else None
        if root is None or self._http is None:
            return None
        return await busy_requests(self._http, root)

    async def drain(self, timeout_s: float) -> bool:
        """Report "down", so that nobody sends more, and wait for the requests that run.

        It stays "down" from then on.

        Returns:
            Whether all of them ended in time.
        """
        root = self.base_url.removesuffix("/v1") if self.base_url else None
        self._draining = True
        self._report("down", "draining: no new requests")
        if root is None or self._http is None:
            return True
        end = self._clock() + timeout_s
        idle = 0
        while idle < 2:  # one request may still have been on its way when it was first asked
            idle = 0 if await busy_requests(self._http, root) else idle + 1
            if idle == 0 and self._clock() >= end:
                return False
            await asyncio.sleep(self._timing.poll)
        return True

    async def stop(self, *, drain_s: float = 0.0) -> None:
        """Stop the process, after draining for so long at most; a second call does nothing."""
        if drain_s > 0 and self.status == "ready":
            await self.drain(drain_s)
        self._draining = True  # also where nothing is waited for: nothing may come back
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            self._report("down", "stopped")
        if self._http is not None:
            await self._http.close()
        self._log.close()

    async def _supervise(self, http: aiohttp.ClientSession) -> None:
        failures = 0
        while not self._draining:
            try:
                detail, ready_s = await self._run_once(http)
            except Exception as error:
                logger.exception("engine %s: supervision failed", self.name)
                detail, ready_s = f"supervision failed: {error!r}", 0.0
            failures = 1 if ready_s >= self._timing.stable else failures + 1
            doublings = min(failures - 1, MAX_DOUBLINGS)
            pause = min(self._timing.back_off_max, self._timing.back_off * 2**doublings)
            often = f" ({failures} times in a row)" if failures > 1 else ""
            self._report("down", f"{detail}{often}; starting again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _run_once(self, http: aiohttp.ClientSession) -> tuple[str, float]:
        """Run the process until it ends or hangs; say why, and for how long it was ready."""
        self.starts += 1
        self._report("loading", "starting")
        try:
            process = await start_process(self._command, self._log, env=self._env)
        except OSError as error:
            return f"cannot start {self._command[0]}: {error.strerror}", 0.0
        self._process = process
        ready_at: float | None = None
        reason: str | None = None
        try:
            root = await self._until_healthy(process, http)
            if root is None and process.alive:
                reason = f"not ready after {self._timing.load:g} s"
            elif root is not None:
                ready_at = self._clock()
                self._report("ready", "", root)
                reason = await self._while_healthy(process, http, root)
        finally:
            # It may still answer: say first that it must not be asked any more.
            if self.status == "ready":
                self._report("down", reason or ("stopping" if process.alive else "ended"))
            await process.stop(grace_s=self._timing.grace)
            self._process = None
        return (
            reason or process.describe_end(),
            self._clock() - ready_at if ready_at is not None else 0.0,
        )

    async def _until_healthy(
        self, process: EngineProcess, http: aiohttp.ClientSession
    ) -> str | None:
        """Return the server's root once it answers; None where it ended or took too long."""
        end = self._clock() + self._timing.load
        root = await process.listening(self._timing.load)
        while root is not None and self._clock() < end:
            if await is_healthy(http, root):
                return root
            if await process.ended_within(self._timing.poll):
                return None
        return None

    async def _while_healthy(
        self, process: EngineProcess, http: aiohttp.ClientSession, root: str
    ) -> str | None:
        """Watch until the process ends (None) or does not answer any more (the reason)."""
        misses = 0
        while not await process.ended_within(self._timing.watch):
            misses = 0 if await is_healthy(http, root) else misses + 1
            if misses >= self._timing.misses and process.alive:
                return f"did not answer {misses} health checks in a row"
        return None

    def _report(self, status: EngineStatus, detail: str, root: str | None = None) -> None:
        if self._draining and status != "down":
            return
        self.status, self.detail = status, detail
        self.base_url = f"{root}/v1" if root else None
        self._changed.set()
        level = logging.WARNING if status == "down" and not self._draining else logging.INFO
        logger.log(level, "engine %s: %s%s", self.name, status, f" ({detail})" if detail else "")
        try:
            self._on_status(status, detail, self.base_url)
        except Exception:
            logger.exception("engine %s: a listener to its status failed", self.name)


def ignore_status(status: EngineStatus, detail: str, base_url: str | None) -> None:
    """Take a change of state and do nothing."""
