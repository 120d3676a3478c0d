"""Computations that the server does not wait for."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
Work = Callable[[], Awaitable[None]]
log = logging.getLogger("blindarena.leaderboard")


class Jobs:
    """Runs jobs one after the other; what nobody fetched yet is forgotten at `close`.

    Args:
        most: how many may wait; the oldest is dropped for a newer one, and asked for again.
    """

    def __init__(self, *, most: int = 16) -> None:
        self._most = most
        self._waiting: OrderedDict[Hashable, tuple[object, Work]] = OrderedDict()
        self._now: tuple[Hashable, object] | None = None
        self._runner: asyncio.Task[None] | None = None
        self._closed = False

    def start(self, key: Hashable, mark: object, work: Work) -> None:
        """Run a job unless it runs or waits already.

        Args:
            key: of two waiting jobs with the same key the newer one runs.
            mark: tells a job from others of the same key: what it is computed from.
            work: what to do; an error is logged.
        """
        if self._closed or (self._now is not None and self._now == (key, mark)):
            return
        if key not in self._waiting and len(self._waiting) >= self._most:
            self._waiting.popitem(last=False)
        self._waiting[key] = (mark, work)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())

    def busy(self, key: Hashable) -> bool:
        """Say whether a job of this key runs or waits."""
        return key in self._waiting or (self._now is not None and self._now[0] == key)

    async def idle(self) -> None:
        """Return when nothing runs or waits any more."""
        while self._runner is not None:
            await asyncio.shield(self._runner)

    async def close(self) -> None:
        """Forget what waits and runs; a thread goes on by itself and its result is dropped."""
        self._closed = True
        self._waiting.clear()
        runner = self._runner
        if runner is not None:
            runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await runner

    async def _run(self) -> None:
        try:
            while self._waiting:
                key, (mark, work) = self._waiting.popitem(last=False)
                self._now = (key, mark)
                try:
                    await work()
                except Exception:
                    log.exception("a computation in the background failed")
                self._now = None
        finally:
            self._now, self._runner = None, None


async def in_thread(work: Callable[[], T]) -> T:
    """Return what a function returns, run in a thread that nobody waits for at the end.

    A thread of `asyncio.to_thread` would hold up the end of the process until it is done.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        raised: BaseException | None = None
        try:
            result = work()
        except Exception as error:
            raised = error
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it who asked
            loop.call_soon_threadsafe(settle, result, raised)

    Thread(target=run, name="blindarena-board", daemon=True).start()
    return await future
