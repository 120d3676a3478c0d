"""Answers that are made in the background while the server runs."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from blindarena.arena.outstanding import Wanted
from blindarena.arena.preparing import Making
from blindarena.bootstrap.importing import Importer
from blindarena.domain.arenas import Arena
from blindarena.errors import BattleStateError

log = logging.getLogger("blindarena.preparing")


@dataclass(slots=True)
class Run:
    """One run, going on or ended."""

    task: asyncio.Task[None]
    making: Making

    @property
    def running(self) -> bool:
        """Say whether it still goes on."""
        return not self.task.done()


class Generating:
    """At most one run for each arena of this process.

    Args:
        importer: makes the answers.
    """

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._runs: dict[str, Run] = {}

    def last(self, arena: Arena) -> Run | None:
        """Return the run that goes on, or the last one since the server started."""
        return self._runs.get(arena.slug)

    def start(self, arena: Arena, wanted: list[Wanted], *, max_spend: float | None) -> Run:
        """Begin to ask for answers.

        Raises:
            BattleStateError: a run of this arena goes on.
            InvalidInputError: there is a limit, but a contestant's price is unknown.
        """
        last = self.last(arena)
        if last is not None and last.running:
            raise BattleStateError("answers are being made already; stop that run first")
        self._importer.check_limit(wanted, max_spend)
        making = Making(len(wanted))
        task = asyncio.create_task(self._make(arena, wanted, max_spend, making))
        run = self._runs[arena.slug] = Run(task, making)
        return run

    async def stop(self, arena: Arena) -> None:
        """End a run; what is complete is kept. Without one nothing happens."""
        run = self.last(arena)
        if run is not None and run.running:
            run.task.cancel()
            with suppress(asyncio.CancelledError):
                await run.task

    async def close(self) -> None:
        """End all runs."""
        for run in self._runs.values():
            run.task.cancel()
        await asyncio.gather(*(run.task for run in self._runs.values()), return_exceptions=True)

    async def _make(
        self, arena: Arena, wanted: list[Wanted], max_spend: float | None, making: Making
    ) -> None:
        try:
            await self._importer.make(arena, wanted, max_spend=max_spend, making=making)
        except Exception:
            log.exception("%s: making answers broke off", arena.slug)
