"""Send paced pieces on many connections from one timer."""

import asyncio
import heapq
import math
from collections.abc import Sequence


class PacedStream:
    """The pieces of one connection; `done` is set when the last one is sent or the peer is gone."""

    __slots__ = ("delay", "done", "pieces", "position", "transport")

    def __init__(
        self, transport: asyncio.WriteTransport, pieces: Sequence[bytes], *, delay: float
    ) -> None:
        self.transport = transport
        self.pieces = pieces
        self.delay = delay
        self.position = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def send_next(self) -> bool:
        """Send one piece and say whether there are more."""
        if self.done.done():
            return False
        if not self.transport.is_closing() and self.position < len(self.pieces):
            self.transport.write(self.pieces[self.position])
            self.position += 1
            if self.position < len(self.pieces):
                return True
        self.done.set_result(None)
        return False


class Ticker:
    """One timer for all streams: at 400 of them, a sleeping task each costs more than the sending.

    Pieces that are due within `grain` seconds of each other go out together.
    """

    def __init__(self, *, grain: float = 0.002) -> None:
        self._grain = grain
        self._loop = asyncio.get_running_loop()
        self._queue: list[tuple[float, int, PacedStream]] = []
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = math.inf  # uvloop's handles do not always tell

    async def play(
        self, transport: asyncio.WriteTransport, pieces: Sequence[bytes], *, delay: float
    ) -> None:
        """Send the pieces, `delay` seconds apart; return after the last one."""
        stream = PacedStream(transport, pieces, delay=delay)
        if not stream.send_next():
            return
        self._put(self._loop.time() + delay, stream)
        self._arm()
        try:
            await stream.done
        finally:
            stream.done.cancel()

    def close(self) -> None:
        """Stop sending."""
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()

    def _put(self, due: float, stream: PacedStream) -> None:
        self._number += 1
        heapq.heappush(self._queue, (due, self._number, stream))

    def _arm(self) -> None:
        if not self._queue:
            return
        due = self._queue[0][0]
        if self._timer is not None:
            if self._fires_at <= due:
                return
            self._timer.cancel()
        self._fires_at = due
        self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        horizon = self._loop.time() + self._grain
        while self._queue and self._queue[0][0] <= horizon:
            due, _, stream = heapq.heappop(self._queue)
            if stream.send_next():
                self._put(due + stream.delay, stream)
        self._arm()
