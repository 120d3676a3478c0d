"""The usable-answer question: would you send this answer, and does it break the policy?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from blindarena.domain.battles import SIDES, Battle, Side
from blindarena.errors import InvalidInputError

Send = Literal["as_is", "after_edits", "never"]
SENDS: tuple[Send, ...] = ("as_is", "after_edits", "never")


@dataclass(frozen=True, slots=True)
class SideUse:
    """What a voter would do with one side's answer."""

    send: Send
    breaks_policy: bool = False


Usable = Mapping[Side, SideUse]
"""What a vote says of both sides."""


@dataclass(frozen=True, slots=True)
class JudgedSide:
    """What one vote says of one side, and whose answer that was."""

    side: Side
    contestant_id: UUID
    use: SideUse


@dataclass(frozen=True, slots=True)
class UsableCount:
    """Answers of one contestant by what voters would do with them.

    Attributes:
        breaches: answers that break the policy; they are among the other three.
    """

    contestant_id: UUID
    as_is: int = 0
    after_edits: int = 0
    never: int = 0
    breaches: int = 0

    @property
    def n(self) -> int:
        """How many answers were judged."""
        return self.as_is + self.after_edits + self.never

    @property
    def sendable(self) -> int:
        """How many would be sent, as they are or after edits."""
        return self.as_is + self.after_edits


def judged_sides(usable: Usable | None, battle: Battle) -> tuple[JudgedSide, ...]:
    """Return what a vote says of both sides with their contestants; none where it says nothing."""
    if usable is None:
        return ()
    return tuple(JudgedSide(side, battle.contestant(side), usable[side]) for side in SIDES)


def usable_count_of(judged: JudgedSide) -> UsableCount:
    """Return what one vote says of one side, as a count of its contestant."""
    use = judged.use
    return UsableCount(
        judged.contestant_id,
        as_is=int(use.send == "as_is"),
        after_edits=int(use.send == "after_edits"),
        never=int(use.send == "never"),
        breaches=int(use.breaks_policy),
    )


def check_usable(asked: bool, usable: Usable | None) -> Usable | None:
    """Return what a vote says of both sides, where its arena asks.

    Args:
        asked: whether the arena asks the question.
        usable: what the vote says.

    Raises:
        InvalidInputError: it is missing where it is asked, or given where it is not.
    """
    if asked and usable is None:
        raise InvalidInputError(
            'the vote has no "usable"; this arena asks for each side: send as is, after edits or '
            "never, and whether it breaks the policy"
        )
    if not asked and usable is not None:
        raise InvalidInputError(
            'the vote has "usable", which this arena does not ask; leave it out'
        )
    return usable
