"""What is left of a voter whose data were deleted."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

NOBODY = UUID(int=0)
"""The session of a battle that leads to no browser any more."""
_ERASED = re.compile(r"[0-9a-f]{12}-erased-([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was deleted or cut loose from its voter."""

    battles: int = 0
    votes: int = 0
    voters: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(
            self.battles + other.battles, self.votes + other.votes, self.voters + other.voters
        )

    def __str__(self) -> str:
        """Say how much, for a person."""
        parts = [_counted(self.battles, "battle"), _counted(self.votes, "vote")]
        return f"{' and '.join(parts)} of {_counted(self.voters, 'voter')}"


def erased_label(token: str, on: date) -> str:
    """Return what stands in a pseudonym's place: random, so that nothing leads to it.

    The votes of one person that are cut loose together keep one label, because votes that hang
    together must not count as those of many people.

    Args:
        token: 12 random hexadecimal digits.
        on: the day.
    """
    return f"{token}-erased-{on:%Y%m%d}"


def erased_on(voter: str) -> date | None:
    """Return the day on which a vote was cut loose from its voter; None: it was not."""
    found = _ERASED.fullmatch(voter)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def cutoff(now: datetime, retention_days: int) -> datetime:
    """Return the moment before which texts are too old: whole days, as one sweep a day will do.

    So a text is deleted within a day after `retention_days` have passed, and the votes of one day
    are cut loose together.
    """
    today = datetime.combine(now.date(), time(), now.tzinfo)
    return today - timedelta(days=retention_days)


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
