"""Which pair a rater gets next, and when a reservation has expired: pure rules of the queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from blindarena.domain.queue import QueuePair, Take


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that the rater has not had, with those of others who rated it or have a place."""

    pair: QueuePair
    takes: tuple[Take, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A place at a pair; `instead_of` is whose expired reservation ends for it."""

    pair: QueuePair
    seat: int
    instead_of: Take | None = None


def has_expired(take: Take, *, at: datetime, lasts: timedelta) -> bool:
    """Say whether a reservation may be given to somebody else.

    One that ends later than any reservation made now could was made before the clock was put
    back; it would otherwise hold its pair for as long as the clock jumped.
    """
    return take.expires_at <= at or take.expires_at > at + 2 * lasts


def free_seat(pair: QueuePair, takes: Sequence[Take]) -> int | None:
    """Return a place of a pair that nobody has; None: all are held, or enough have rated it."""
    busy = [take for take in takes if take.seat is not None or take.state == "voted"]
    if len(busy) >= pair.wanted:
        return None
    held = {take.seat for take in busy}
    return next(seat for seat in range(pair.wanted) if seat not in held)


def choose(
    candidates: Sequence[Candidate],
    *,
    at: datetime,
    lasts: timedelta,
    order: Callable[[UUID], int],
) -> Choice | None:
    """Choose a pair: of the earliest block that has one, a free one in the rater's own order.

    Where a block has only expired reservations, the one that was renewed longest ago goes. That is
    counted in givings, not in time: if the clock jumps ahead and all expire at once, those who
    are at work are the last to be interrupted.
    """
    free: list[tuple[int, int, int, Choice]] = []
    for place, candidate in enumerate(candidates):
        pair = candidate.pair
        if (seat := free_seat(pair, candidate.takes)) is not None:
            free.append((2 * pair.block, order(pair.id), place, Choice(pair, seat)))
            continue
        for take in candidate.takes:
            if take.seat is not None and _may_take_over(take, at, lasts):
                choice = Choice(pair, take.seat, take)
                free.append((2 * pair.block + 1, take.generation, place, choice))
    return min(free, key=lambda one: one[:3])[3] if free else None


def obtainable(candidate: Candidate, *, at: datetime, lasts: timedelta) -> bool:
    """Say whether a rater who has not had a pair could be given it now."""
    return choose([candidate], at=at, lasts=lasts, order=lambda _: 0) is not None


def _may_take_over(take: Take, at: datetime, lasts: timedelta) -> bool:
    return take.state == "open" and has_expired(take, at=at, lasts=lasts)
