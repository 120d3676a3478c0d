"""The retention clock: deletes what is too old, at the start and once an hour."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from blindarena.arena.privacy import PrivacyService
from blindarena.errors import BlindArenaError

EVERY_S = 3600.0
log = logging.getLogger("blindarena")


class RetentionClock:
    """Sweeps until it is closed; a failed sweep is logged and tried again.

    Args:
        privacy: does the work, with the clock it was given.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        privacy: PrivacyService,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._privacy = privacy
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sweep from now on, until `close`."""
        self._task = asyncio.create_task(self._every_hour())

    async def close(self) -> None:
        """Sweep no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _every_hour(self) -> None:
        while True:
            try:
                for slug, erased in (await self._privacy.sweep()).items():
                    log.info("%s: deleted what was too old: %s", slug, erased)
            except BlindArenaError as error:
                log.warning("texts that are too old could not be deleted: %s", error)
            await self._sleep(EVERY_S)
