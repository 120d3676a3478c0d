"""The deadline of an arena: what begins after it is refused, what began before may end."""

from datetime import UTC, datetime

from blindarena.domain.arenas import Arena
from blindarena.errors import ArenaClosedError


def has_closed(arena: Arena, at: datetime) -> bool:
    """Say whether the last day of an arena has ended, in UTC.

    Args:
        arena: with or without a deadline.
        at: the present time, with its zone.
    """
    return arena.deadline is not None and at.astimezone(UTC).date() > arena.deadline


def closed_text(arena: Arena) -> str:
    """Return since when an arena is closed, for people."""
    return f"closed on {arena.deadline} (UTC)"


def check_not_closed(arena: Arena, at: datetime) -> None:
    """Raise ArenaClosedError where the deadline of an arena has passed."""
    if has_closed(arena, at):
        raise ArenaClosedError(
            f"{arena.title!r} {closed_text(arena)}; nothing new can be voted on here"
        )
