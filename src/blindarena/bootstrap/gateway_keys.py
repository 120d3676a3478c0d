"""Keys, limits and usage of the gateway: opened with the application, written out at its end."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from blindarena.domain.ids import uuid7
from blindarena.errors import StorageError
from blindarena.gateway.limits.doorkeeper import KeyDoorkeeper
from blindarena.gateway.ports import Doorkeeper, UsageSink
from blindarena.gateway.usage_file import UsageFile
from blindarena.gateway.usage_log import UsageLog
from blindarena.settings.gateway import Gateway
from blindarena.storage.database import Database

log = logging.getLogger("blindarena.gateway")

TICK_S = 1.0
_HOUR = 3600


class KeyringDesk:
    """Who may use the gateway, and what was used.

    Args:
        settings: `[gateway]`.
        database: open, and migrated before `open`.
        folder: for usage that the database does not take.
        now: the time, in UTC.
        clock: seconds since 1970, the same time.
        tick_s: seconds between two reports of what is spent.
    """

    def __init__(
        self,
        settings: Gateway,
        *,
        database: Database,
        folder: Path,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.time,
        tick_s: float = TICK_S,
    ) -> None:
        run = uuid7()
        self._settings = settings
        self._database = database
        self._now = now
        self._tick_s = tick_s
        self._keeper = KeyDoorkeeper(
            database.api_keys,
            database.key_counters,
            holder=run,
            clock=clock,
            required=settings.require_key,
        )
        self._log = UsageLog(database.usage, file=UsageFile(folder, run))
        self._task: asyncio.Task[None] | None = None
        self.doorkeeper: Doorkeeper = self._keeper
        self.usage: UsageSink = self._log

    @property
    def usage_rows(self) -> tuple[int, int, int]:
        """How many rows of usage wait, went to a file, and are lost."""
        return self._log.waiting, self._log.spilled, self._log.lost

    async def open(self) -> None:
        """Begin to write usage, and to report what is spent."""
        self._log.open()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Write everything out; call it once no request is under way. Again is no error."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._log.close()
        try:
            await self._keeper.close()
        except StorageError as error:
            log.error("what keys have spent in the last second is not written: %s", error)

    async def _run(self) -> None:
        tick = 0
        while True:
            try:
                if tick % _HOUR == 0:
                    await self._sweep()
                await self._keeper.report()
                if tick % 2 == 0:
                    await self._keeper.refresh()
            except StorageError as error:
                log.warning("keys and limits: %s", error)
            except Exception:
                log.exception("keys and limits could not be reported; trying again")
            tick += 1
            await asyncio.sleep(self._tick_s)

    async def _sweep(self) -> None:
        await self._keeper.purge()
        before = (self._now() - timedelta(days=self._settings.usage_days)).date()
        deleted = await self._database.usage.purge(before=before)
        if deleted:
            log.info("deleted %d rows of usage of before %s", deleted, before)
