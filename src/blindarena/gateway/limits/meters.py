"""What one process holds of one limit of a key: plain counting, no clock and no database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from blindarena.domain.api_keys import KeyLimits
from blindarena.domain.key_counters import NANO, Ask, CounterKind, Room, Share

REQUESTS, TOKENS, MONEY = 0, 1, 2
Amounts = tuple[int, int, int]
"""Requests, tokens and billionths of a dollar of one request."""
_DRY_S = 0.5
_AGAIN_S = 1.0
_MOST = 2**56  # so that sums of many processes stay within 64 bits


class Meter:
    """One limit: what is free here, reserved here, and spent here in the present period.

    Args:
        kind: of the limit.
        limit: in requests, tokens or billionths of a dollar.
    """

    __slots__ = (
        "_again",
        "_dry_left",
        "_dry_until",
        "_tick",
        "ends",
        "free",
        "kind",
        "limit",
        "period",
        "recent",
        "reserved",
        "spent",
        "what",
    )

    def __init__(self, kind: CounterKind, limit: int) -> None:
        self.kind: CounterKind = kind
        self.limit = limit
        self.what = _WHAT[kind]
        self.period = -1
        self.ends = 0.0
        self.recent = 0
        self.begin(0.0)

    def begin(self, now: float) -> None:
        """Begin the period of a moment; what the old one left is worth nothing in it."""
        self.period, self.ends = _PERIODS[self.kind](now)
        self.free = self.reserved = self.spent = self._tick = 0
        self._dry_left, self._dry_until, self._again = 0, 0.0, 0.0

    def reserve(self, amount: int) -> None:
        """Put an amount aside, which must be free; a request counts at once, whatever it uses."""
        self.free -= amount
        self._tick += amount
        if self.what == REQUESTS:
            self.spent += amount
        else:
            self.reserved += amount

    def settle(self, period: int, reserved: int, used: int) -> None:
        """Spend what was used of a reservation, and free the rest."""
        if period == self.period:
            if self.what == REQUESTS:
                self.spent -= reserved
            else:
                self.reserved -= reserved
            self.spent += used
            self.free = max(0, self.free + reserved - used)  # more than was held: charged as spent

    def tick(self) -> bool:
        """Give back what will not be needed soon; say whether there was any.

        Twice of what the last second took stays here, half as much after each second without.
        """
        self.recent = max(self._tick, self.recent // 2)
        self._tick = 0
        surplus = self.free - 2 * self.recent
        if surplus > 0:
            self.free -= surplus
        return surplus > 0

    def share(self) -> Share:
        """Return what all processes are told."""
        held = self.free + self.reserved
        return Share(self.kind, self.period, min(self.spent, _MOST), held, self.reserved)

    def ask(self, amount: int) -> Ask:
        """Return what to ask for, for a request of an amount and those that may come soon."""
        need = max(0, amount - self.free)
        want = max(need, 2 * max(self.recent, self._tick + amount) - self.free)
        return Ask(self.share(), self.limit, need, want, self.reserved + amount)

    def refuse(self, room: Room, amount: int, now: float) -> None:
        """Remember that there was no room, for a moment, so that a refusal costs no database."""
        self._dry_left = max(0, room.left)
        self._dry_until = min(self.ends, now + _DRY_S)
        may_return = self.limit - room.spent >= amount
        self._again = now + _AGAIN_S if may_return else self.ends

    def wake(self) -> None:
        """Forget that there was no room."""
        self._dry_until = 0.0

    def wait(self, amount: int, now: float) -> float | None:
        """Return after how many seconds to ask again, where there is known to be no room."""
        if now < self._dry_until and amount > self.free + self._dry_left:
            return max(0.0, min(self._again, self.ends) - now)
        return None


def meters_of(limits: KeyLimits) -> tuple[Meter, ...]:
    """Return a meter for each limit that is counted."""
    kinds: tuple[tuple[CounterKind, float | None], ...] = (
        ("requests", limits.requests_per_minute),
        ("tokens", limits.tokens_per_minute),
        ("day", None if limits.usd_per_day is None else limits.usd_per_day * NANO),
        ("month", None if limits.usd_per_month is None else limits.usd_per_month * NANO),
    )
    return tuple(Meter(kind, round(limit)) for kind, limit in kinds if limit is not None)


def _minute(now: float) -> tuple[int, float]:
    number = int(now // 60)
    return number, (number + 1) * 60.0


def _day(now: float) -> tuple[int, float]:
    number = int(now // 86_400)
    return number, (number + 1) * 86_400.0


def _month(now: float) -> tuple[int, float]:
    at = datetime.fromtimestamp(now, UTC)
    number = at.year * 12 + at.month  # of the next month, counted from 0
    ends = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return number - 1, ends.timestamp()


_PERIODS: dict[CounterKind, Callable[[float], tuple[int, float]]] = {
    "requests": _minute,
    "tokens": _minute,
    "day": _day,
    "month": _month,
}
_WHAT: dict[CounterKind, Literal[0, 1, 2]] = {"requests": 0, "tokens": 1, "day": 2, "month": 2}
