"""Takes what requests used and writes it in batches, beside the requests and not before them.

Rows wait in memory for at most `interval` seconds. Where the database does not answer they wait
longer, up to `bound` of them; more go to a file in the data folder, from which they are read once
it answers again, and at the next start. Every row has its id, so that writing it twice is
harmless. A process that is killed outright loses the rows of its last interval, no others.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from blindarena.domain.usage import UsageRow
from blindarena.errors import StorageError
from blindarena.gateway.usage_file import UsageFile

log = logging.getLogger("blindarena.gateway")

BATCH = 500
BOUND = 20_000
INTERVAL_S = 1.0
_SPILL = 1_000
_SLOWEST_S = 15.0


class UsageStore(Protocol):
    """Where rows go in the end."""

    async def add(self, rows: Sequence[UsageRow]) -> list[UsageRow]:
        """Store rows once each; return those that cannot be stored.

        Raises:
            StorageError: the database cannot be reached.
        """
        ...


class UsageLog:
    """A UsageSink; `open` begins to write, `close` writes what is left.

    Args:
        store: where rows go.
        file: takes what the database does not.
        batch: most rows of one write.
        bound: most rows that wait in memory.
        interval: seconds between two writes.
        patience: seconds that `close` gives the database, before the rest goes to the file.
    """

    def __init__(
        self,
        store: UsageStore,
        *,
        file: UsageFile,
        batch: int = BATCH,
        bound: int = BOUND,
        interval: float = INTERVAL_S,
        patience: float = 3.0,
    ) -> None:
        self._store = store
        self._file = file
        self._batch = batch
        self._bound = bound
        self._interval = interval
        self._patience = patience
        self._rows: deque[UsageRow] = deque()
        self._writing: list[UsageRow] = []
        self._full = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._spilled = False
        self._closed = False
        self.lost = 0
        self.spilled = 0

    @property
    def waiting(self) -> int:
        """How many rows are in memory."""
        return len(self._rows) + len(self._writing)

    def add(self, row: UsageRow) -> None:
        """Keep a row to be written; never waits, never fails."""
        if self._closed:  # of a request that was cut off as the process ended
            self._spill([row])
            return
        rows = self._rows
        rows.append(row)
        if len(rows) >= self._batch:
            self._full.set()
            if len(rows) > self._bound:
                self._spill([rows.popleft() for _ in range(min(_SPILL, len(rows)))])

    def open(self) -> None:
        """Begin to write, at first what an earlier run left in files."""
        self._spilled = bool(self._file.waiting())
        self._closed = False
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Write what is left: to the database, else to the file."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        try:
            async with asyncio.timeout(self._patience):
                while self._rows or self._writing:
                    await self._write()
        except (StorageError, TimeoutError) as error:
            log.error("usage: %d rows go to a file, for the next start: %r", self.waiting, error)
        rest = [*self._writing, *self._rows]
        self._writing = []
        self._rows.clear()
        self._closed = True
        if rest:
            self._spill(rest)

    async def _run(self) -> None:
        pause = self._interval
        while True:
            if pause > self._interval:
                await asyncio.sleep(pause)
            elif len(self._rows) < self._batch:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        self._full.clear()
                        await self._full.wait()
            try:
                await self._write()
                if self._spilled:
                    await self._read_back()
                pause = self._interval
            except StorageError as error:
                log.error("usage cannot be written, %d rows wait: %s", self.waiting, error)
                pause = min(_SLOWEST_S, pause * 2)
            except Exception:
                log.exception("usage cannot be written, %d rows wait", self.waiting)
                pause = min(_SLOWEST_S, pause * 2)

    async def _write(self) -> None:
        """Write one batch; what fails, or is cut off, is written again with the next."""
        while len(self._writing) < self._batch and self._rows:
            self._writing.append(self._rows.popleft())
        if self._writing:
            refused = await self._store.add(self._writing)
            self._writing = []
            self._refused(refused)

    async def _read_back(self) -> None:
        for found in self._file.waiting():
            path = self._file.claim(found)
            if path is None:
                continue
            rows, size = await asyncio.to_thread(self._file.read, path)
            for start in range(0, len(rows), self._batch):
                self._refused(await self._store.add(rows[start : start + self._batch]))
            if await asyncio.to_thread(self._file.remove, path, size):
                log.info("usage: wrote %d rows that were in %s", len(rows), path.name)
        self._spilled = bool(self._file.waiting())

    def _refused(self, rows: Sequence[UsageRow]) -> None:
        for row in rows:
            self.lost += 1
            log.error("usage: no database can hold this row: %s", row)

    def _spill(self, rows: Sequence[UsageRow]) -> None:
        try:
            self._file.append(rows)
            self.spilled += len(rows)
            self._spilled = True
        except OSError as error:
            self.lost += len(rows)
            log.error("usage: %d rows are lost, neither database nor disk: %s", len(rows), error)
