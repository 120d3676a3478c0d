"""One running turn: two sides stream independently into one sequence of events."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from time import perf_counter

from blindarena.arena.events import (
    NOT_COUNTED,
    Cutter,
    Delta,
    SideDone,
    TurnDone,
    TurnError,
    TurnEvent,
    side_error,
)
from blindarena.arena.ports import ChatModels
from blindarena.arena.screening_ports import Restorer
from blindarena.domain.battles import Side
from blindarena.domain.chat import ChatRequest, Finished, TextDelta
from blindarena.errors import BlindArenaError, ProviderError, ProviderFault

log = logging.getLogger("blindarena.arena")


@dataclass(slots=True)
class SideResult:
    """What one side has given so far."""

    text: list[str] = field(default_factory=list)
    finished: Finished | None = None
    fault: ProviderFault | None = None
    stopped: bool = False
    started_at: float = 0.0
    first_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class SideRequest:
    """Whom to ask what on one side.

    Attributes:
        restorer: changes the text that is shown; what is stored stays as it came.
    """

    deployments: tuple[str, ...]
    request: ChatRequest
    restorer: Restorer | None = None


Store = Callable[[Mapping[Side, SideResult], bool], Awaitable[None]]
"""Stores the results of an ended turn; the flag says that the reader left before the end."""


class RunningTurn:
    """Runs both sides of one turn, or the only one of a chat.

    Both start together: the first text of a side is held until the other has text too, has ended,
    or `start_together_s` have passed since. Each side's task ends by itself; one more task stores
    the results, also when the reader has left, and only then announces the end.

    Both upstreams are asked at once, before `begin`: the turn may be stored meanwhile.

    Args:
        models: where answers come from.
        sides: whom to ask what; one side or two.
        number: the turn's number, for `TurnDone`.
        store: called once, with both results.
        first: events that come before all others.
    """

    def __init__(
        self,
        *,
        models: ChatModels,
        sides: Mapping[Side, SideRequest],
        number: int,
        start_together_s: float,
        store: Store,
        first: Sequence[TurnEvent] = (),
    ) -> None:
        self._models = models
        self._sides = sides
        self._number = number
        self._wait_s = start_together_s
        self._store = store
        self.results: dict[Side, SideResult] = {side: SideResult() for side in sides}
        self._pending: list[TurnEvent] = list(first)
        self._wake = asyncio.Event()
        self._ready: dict[Side, asyncio.Event] = {side: asyncio.Event() for side in sides}
        self._closed = False
        self._abandoned = False
        self._begun: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._tasks = {
            side: asyncio.create_task(self._run_side(side), name=f"side-{side}") for side in sides
        }
        self.finished = asyncio.create_task(self._finish(), name="turn-finish")

    async def events(self) -> AsyncIterator[list[TurnEvent]]:
        """Yield all events that have come since the last time, until the turn has ended."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._pending = self._pending, []
            if batch:
                yield batch
            if self._closed and not self._pending:
                return

    def stop(self, side: Side | None) -> None:
        """End a side now, or both; what it has written so far is its answer."""
        for one, task in self._tasks.items():
            if side in (None, one) and not task.done():
                self.results[one].stopped = True
                task.cancel()

    async def abandon(self) -> None:
        """Close both upstreams because the reader has left; waits until that is stored."""
        if not self.finished.done():
            self._abandoned = True
            for task in self._tasks.values():
                task.cancel()
        await asyncio.shield(self.finished)

    def begin(self) -> None:
        """Say that the turn itself is stored; only then its end may be."""
        self._begun.set_result(True)

    async def discard(self) -> None:
        """Close both upstreams and store nothing: the turn could not be stored."""
        self._begun.set_result(False)
        await self.abandon()

    def _emit(self, *events: TurnEvent) -> None:
        self._pending.extend(events)
        self._wake.set()

    async def _run_side(self, side: Side) -> None:
        result = self.results[side]
        result.started_at = perf_counter()
        cutter = Cutter(self._sides[side].restorer)
        try:
            await self._stream(side, result, cutter)
        except ProviderError as error:
            log.warning("side failed: %s (%s)", error, error.fault)
            result.fault = error.fault
        except asyncio.CancelledError:
            if not result.stopped:
                raise
            if not result.text:
                result.fault = "timeout"
        except Exception:
            log.exception("side failed in an unforeseen way")
            result.fault = "malformed"
        finally:
            result.ended_at = perf_counter()
            self._ready[side].set()
        if result.fault is not None:
            self._emit(side_error(side, result.fault))
        else:
            self._emit(*(Delta(side, piece) for piece in cutter.flush()), SideDone(side))

    async def _stream(self, side: Side, result: SideResult, cutter: Cutter) -> None:
        ask = self._sides[side]
        async with aclosing(self._models.stream(ask.deployments, ask.request)) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, TextDelta):
                    result.text.append(event.text)
                    if result.first_at is None:
                        result.first_at = perf_counter()
                        await self._start_together(side)
                    self._emit(*[Delta(side, piece) for piece in cutter.feed(event.text)])
                else:
                    result.finished = event
        if result.finished is not None and result.finished.finish_reason == "content_filter":
            raise ProviderError("the provider's filter ended the answer", fault="declined")
        if not result.text:
            raise ProviderError("the answer was empty", fault="empty")

    async def _start_together(self, side: Side) -> None:
        self._ready[side].set()
        other = self._ready.get("b" if side == "a" else "a")
        if other is not None and self._wait_s > 0 and not other.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(other.wait(), self._wait_s)

    async def _finish(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if not await self._begun:
            return
        try:
            await self._store(self.results, self._abandoned)
        except BlindArenaError as error:
            log.error("a turn could not be stored: %s", error)
            self._emit(TurnError(None, "The answers could not be saved.", "Please send it again."))
        else:
            if any(result.fault for result in self.results.values()):
                self._emit(TurnError(None, "This battle does not count.", NOT_COUNTED))
            elif not self._abandoned:
                self._emit(TurnDone(self._number))
        finally:
            self._closed = True
            self._wake.set()
