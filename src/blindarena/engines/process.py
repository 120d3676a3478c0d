"""One run of an engine's process: its output, its end, and how it is stopped."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from blindarena.engines.announce import Fatal, Listening, from_line
from blindarena.engines.logs import EngineLog

READ_SIZE = 1 << 16
MAX_LINE = 1 << 16
SHOWN = 200
_ERROR = re.compile(r"[\d.]+ E (.*)")
"""An error in llama.cpp's log; the first one is the cause of the others."""


class EngineProcess:
    """A started child process; made by `start_process`.

    Its standard input stays open as long as this process lives and is never written to: the
    child ends when it closes.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: EngineLog) -> None:
        self._process = process
        self._log = log
        self._fatal: str | None = None
        self._last_line = ""
        self._first_error = ""
        self._listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._readers = [
            asyncio.create_task(self._read(stream))
            for stream in (process.stdout, process.stderr)
            if stream is not None
        ]
        self._ended = asyncio.create_task(process.wait())

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.done()

    async def listening(self, timeout_s: float) -> str | None:
        """Wait until it says where it listens; None where it ended or the time is over."""
        either: list[asyncio.Future[Any]] = [self._listening, self._ended]
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        return self._listening.result() if self._listening.done() else None

    async def ended_within(self, seconds: float) -> bool:
        """Wait so long at most; say whether it has ended."""
        await asyncio.wait([self._ended], timeout=seconds)
        return self._ended.done()

    async def stop(self, *, grace_s: float) -> None:
        """End it: politely, then by force; returns when it is gone and its output is read."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            if not await self.ended_within(grace_s):
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
        await asyncio.wait([self._ended])
        # A grandchild may hold the pipes open: do not wait for their end for ever.
        await asyncio.wait(self._readers, timeout=1.0)
        for reader in self._readers:
            reader.cancel()
        await asyncio.wait(self._readers)
        self._listening.cancel()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def describe_end(self) -> str:
        """Say why it ended, in one line; its own words where it had any."""
        if self._fatal is not None:
            return f"{self._fatal} ({self._first_error})" if self._first_error else self._fatal
        code = self._process.returncode
        if code is not None and code < 0:
            how = f"ended by {_signal_name(-code)}"
        else:
            how = f"ended with status {code}"
        words = self._first_error or self._last_line
        return f"{how}; its log says: {words}" if words else how

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in _lines(stream):
            event = from_line(line)
            if isinstance(event, Listening):
                if not self._listening.done():
                    self._listening.set_result(event.url)
            elif isinstance(event, Fatal):
                self._fatal = event.detail
            else:
                self._last_line = line[:SHOWN] or self._last_line
                if not self._first_error and (error := _ERROR.match(line)):
                    self._first_error = " ".join(error[1].split())[:SHOWN]
            self._log.add(line)


async def start_process(
    command: Sequence[str], log: EngineLog, *, env: Mapping[str, str] | None = None
) -> EngineProcess:
    """Start a command in a session of its own, with `env` added to our variables.

    Of its own, so that Ctrl-C in a terminal reaches this process only, which then lets running
    answers end before it stops the engine.

    Raises:
        OSError: there is no such program, or it may not be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=None if env is None else {**os.environ, **env},
    )
    return EngineProcess(process, log)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield lines without their end; a very long one comes in pieces."""
    rest = b""
    while data := await stream.read(READ_SIZE):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
        if len(rest) > MAX_LINE:
            yield rest.decode(errors="replace")
            rest = b""
    if rest:
        yield rest.decode(errors="replace")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
