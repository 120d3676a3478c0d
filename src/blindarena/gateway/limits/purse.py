"""What one process holds of all the limits of one key, and reserves for each request."""

import asyncio
from collections.abc import Sequence
from math import ceil
from uuid import UUID

from blindarena.domain.api_keys import KeyLimits
from blindarena.domain.key_counters import NANO, Ask, Share, Taken
from blindarena.gateway.limits.meters import Amounts, Meter, meters_of

_MOST_TOKENS = 10**12
_MOST_USD = 1e6


class Purse:
    """The meters of one key. `lock` is held while the database is asked about them."""

    __slots__ = ("_kept", "dirty", "key_id", "lock", "meters", "until")

    def __init__(self, key_id: UUID, limits: KeyLimits) -> None:
        self.key_id = key_id
        self.meters: tuple[Meter, ...] = meters_of(limits)
        self._kept = {meter.kind: meter for meter in self.meters}
        self.lock = asyncio.Lock()
        self.dirty = False
        self.until = 0.0

    @property
    def counts(self) -> bool:
        """Whether anything is counted here, or was: then it knows what this process has spent."""
        return bool(self._kept)

    def reserve(self, now: float, amounts: Amounts) -> "Reservation | None":
        """Put a request's amounts aside in every meter, or in none."""
        meters = self.meters
        for meter in meters:
            if now >= meter.ends:
                meter.begin(now)
            if amounts[meter.what] > meter.free:
                return None
        if now >= self.until:  # others may have been given what was free here
            return None
        for meter in meters:
            meter.reserve(amounts[meter.what])
        self.dirty = True
        return Reservation(self, amounts)

    def asks(self, now: float, amounts: Amounts) -> list[Ask]:
        """Return what to ask the database for."""
        for meter in self.meters:
            if now >= meter.ends:
                meter.begin(now)
            elif now >= self.until:
                meter.free = 0
        return [meter.ask(amounts[meter.what]) for meter in self.meters]

    def receive(self, asks: Sequence[Ask], taken: Taken, *, now: float, until: float) -> None:
        """Put in what was given, or remember that there was no room."""
        if taken.given is not None:
            self.until = until
        for n, (ask, room) in enumerate(zip(asks, taken.rooms, strict=True)):
            meter = next((m for m in self.meters if m.kind == ask.share.kind), None)
            if meter is None or meter.period != ask.share.period:
                continue
            if taken.given is not None:
                meter.free += taken.given[n]
            elif ask.need > max(0, room.left):
                meter.refuse(room, ask.need + meter.free, now)

    def tick(self, now: float) -> list[tuple[UUID, Share]]:
        """Give back what will not be needed soon; return the shares to report, where any changed.

        `dirty` is False afterwards: whoever cannot report them sets it again.
        """
        for meter in self.meters:
            if now >= self.until:  # too late: others may have been given it
                meter.free = 0
            if meter.tick():
                self.dirty = True
        if not self.dirty:
            return []
        self.dirty = False
        return self.shares()

    def shares(self) -> list[tuple[UUID, Share]]:
        """Return what all processes are told."""
        return [(self.key_id, meter.share()) for meter in self.meters if meter.period > 0]

    def change(self, limits: KeyLimits) -> None:
        """Take other limits: what is free here goes back, what is spent and reserved stays.

        So it does of a limit that is taken away, for it may come back within its period.
        """
        meters = []
        for new in meters_of(limits):
            meter = self._kept.setdefault(new.kind, new)
            meter.limit = new.limit
            meter.free = 0
            meter.wake()
            meters.append(meter)
        self.meters = tuple(meters)
        self.dirty = True

    def empty(self) -> None:
        """Give back everything that is free."""
        for meter in self.meters:
            if meter.free > 0:
                meter.free = 0
                self.dirty = True


class Reservation:
    """What was put aside for one request; an Admission."""

    __slots__ = ("_amounts", "_meters", "_purse")

    def __init__(self, purse: Purse, amounts: Amounts) -> None:
        self._purse = purse
        self._amounts = amounts
        self._meters: tuple[tuple[Meter, int], ...] = tuple((m, m.period) for m in purse.meters)

    @property
    def key_id(self) -> UUID:
        """Whose key it came with."""
        return self._purse.key_id

    def settle(self, *, tokens: int | None, cost_usd: float | None) -> None:
        """Replace the reservation by what was used; a second time changes nothing.

        An upstream that reports nonsense, such as fewer than no tokens, is charged all of it.
        """
        meters, self._meters = self._meters, ()
        if not meters:
            return
        requests, most, money = amounts = self._amounts
        used = (
            requests,
            tokens if tokens is not None and 0 <= tokens <= _MOST_TOKENS else most,
            nano(cost_usd) if cost_usd is not None and 0 <= cost_usd <= _MOST_USD else money,
        )
        for meter, period in meters:
            what = meter.what
            meter.settle(period, amounts[what], used[what])
        self._purse.dirty = True

    def cancel(self) -> None:
        """Give everything back, the request too: it was never sent."""
        meters, self._meters = self._meters, ()
        for meter, period in meters:
            meter.settle(period, self._amounts[meter.what], 0)
        self._purse.dirty = True


class Unlimited:
    """An admission for which nothing is counted."""

    __slots__ = ("key_id",)

    def __init__(self, key_id: UUID | None) -> None:
        self.key_id = key_id

    def settle(self, *, tokens: int | None, cost_usd: float | None) -> None:
        """Do nothing."""


def nano(usd: float) -> int:
    """Return whole billionths of a dollar, rounded up."""
    return ceil(usd * NANO - 1e-6)  # 0.07 * 1e9 is 70000000.00000001
