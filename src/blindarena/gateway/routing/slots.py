"""Places at a deployment: taken, waited for in order, and handed over without a gap."""

import asyncio
from collections.abc import Sequence


class Slots:
    """The places of one deployment, and the line of those who wait for one.

    A place that is given back goes straight to the first in line, so nobody who comes later can
    overtake, and a place is free only while nobody waits for it.

    Args:
        limit: places; None is as many as are asked for.
        queue: how many may wait.
    """

    __slots__ = ("_idle", "_line", "in_flight", "limit", "queue")

    def __init__(self, *, limit: int | None = None, queue: int = 100) -> None:
        self.limit = limit
        self.queue = queue
        self.in_flight = 0
        self._line: dict[_Ticket, None] = {}
        self._idle: list[asyncio.Future[None]] = []

    @property
    def free(self) -> bool:
        """Whether a place can be taken now."""
        return self.limit is None or self.in_flight < self.limit

    @property
    def waiting(self) -> int:
        """How many are in line."""
        return len(self._line)

    @property
    def has_room(self) -> bool:
        """Whether one more may wait."""
        return len(self._line) < self.queue

    def take(self) -> None:
        """Take a place that is `free`."""
        self.in_flight += 1

    def release(self) -> None:
        """Give a place back; the first in line has it at once."""
        self.in_flight -= 1
        if self._line:
            self._hand_over()
        if not self.in_flight and self._idle:
            for waiter in self._idle:
                if not waiter.done():
                    waiter.set_result(None)
            self._idle.clear()

    def resize(self, *, limit: int | None, queue: int) -> None:
        """Change the limits; who is in line keeps the place there, who has a place keeps it."""
        self.limit, self.queue = limit, queue
        self._hand_over()

    def send_away(self) -> None:
        """End the line: who waits nowhere else is told to look again."""
        for ticket in list(self._line):
            ticket.leave(self)

    async def emptied(self) -> None:
        """Wait until no place is taken."""
        if self.in_flight:
            waiter = asyncio.get_running_loop().create_future()
            self._idle.append(waiter)
            await waiter

    def _hand_over(self) -> None:
        while self._line and self.free:
            ticket = next(iter(self._line))
            if ticket.future.done():  # cancelled in this very turn of the loop
                del self._line[ticket]
                continue
            self.in_flight += 1
            ticket.settle(self)


async def wait_for_place(lines: Sequence[Slots], *, timeout_s: float) -> Slots | None:
    """Stand in several lines at once and take the first place that comes free in any of them.

    Cancelled at whatever moment, it leaves no place taken.

    Returns:
        Whose place was taken; None where all lines were ended.

    Raises:
        TimeoutError: none came free in time.
    """
    loop = asyncio.get_running_loop()
    ticket = _Ticket(loop.create_future(), list(lines))
    for line in lines:
        line._line[ticket] = None
    timer = loop.call_later(timeout_s, ticket.expire)
    try:
        return await ticket.future
    except asyncio.CancelledError:
        # The place may have been handed over in the turn of the loop in which we were cancelled.
        if not ticket.future.cancelled() and ticket.future.exception() is None:
            taken = ticket.future.result()
            if taken is not None:
                taken.release()
        raise
    finally:
        timer.cancel()
        ticket.leave_all()


class _Ticket:
    """One who waits, in one line or several."""

    __slots__ = ("future", "lines")

    def __init__(self, future: "asyncio.Future[Slots | None]", lines: list[Slots]) -> None:
        self.future = future
        self.lines = lines

    def settle(self, place: Slots | None) -> None:
        self.leave_all()
        if not self.future.done():
            self.future.set_result(place)

    def leave(self, line: Slots) -> None:
        line._line.pop(self, None)
        if line in self.lines:
            self.lines.remove(line)
        if not self.lines:
            self.settle(None)

    def leave_all(self) -> None:
        for line in self.lines:
            line._line.pop(self, None)
        self.lines = []

    def expire(self) -> None:
        if not self.future.done():
            self.leave_all()
            self.future.set_exception(TimeoutError())
