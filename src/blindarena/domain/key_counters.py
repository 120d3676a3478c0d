"""What is counted against a key's limits: how much is spent, and who holds how much of the rest."""

from dataclasses import dataclass
from typing import Literal

CounterKind = Literal["requests", "tokens", "day", "month"]
"""Requests and tokens are counted per minute, money per day and per month, all of UTC."""

NANO = 1_000_000_000
"""Money is counted in whole billionths of a US dollar, so that sums are exact."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one process has spent of one limit in one period, and what it holds of the rest.

    Attributes:
        period: number of the minute or the day since 1970, or of the month since year 0.
        spent: requests, tokens or billionths of a dollar, as all amounts here.
        held: taken from the limit and not spent.
        reserved: of what is held, for requests under way; it counts even where the process died.
    """

    kind: CounterKind
    period: int
    spent: int
    held: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Ask:
    """What a process wants of one limit.

    Attributes:
        share: what it has now.
        limit: of the key.
        need: less is of no use.
        want: more is of no use.
        reserved: what of its share will be reserved once it is given `need`.
    """

    share: Share
    limit: int
    need: int
    want: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Room:
    """How one limit stands among all processes, before anything is given.

    Attributes:
        left: neither spent nor held by anybody; below 0 where the limit was lowered.
        spent: for good, by all.
    """

    left: int
    spent: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to asks, in their order; `given` is None where any of the needs has no room."""

    given: tuple[int, ...] | None
    rooms: tuple[Room, ...]


SLICE = 8
"""Nobody takes more than this part of what is left, unless one request needs more."""


def grant(asks: "list[Ask] | tuple[Ask, ...]", rooms: "list[Room]") -> Taken:
    """Say what each ask is given: all needs, and of each want at most an eighth of the rest.

    So slices shrink as the limit comes near, and in the end are what single requests need.
    """
    if any(ask.need > max(0, room.left) for ask, room in zip(asks, rooms, strict=True)):
        return Taken(None, tuple(rooms))
    given = tuple(
        max(ask.need, min(ask.want, max(0, room.left) // SLICE))
        for ask, room in zip(asks, rooms, strict=True)
    )
    return Taken(given, tuple(rooms))
