"""What a rater sees of the review queue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blindarena.domain.arenas import Prompt
from blindarena.domain.battles import Vote
from blindarena.domain.usable import JudgedSide


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one rater and the arena are.

    Attributes:
        total: what this rater has voted on and what there still is for them.
        arena_total: ratings that are wanted, the overlap included.
        overlap_share: share of the pairs that two or more rate.
        waiting: pairs that only other raters hold, which come free when those leave.
        minutes_left: from the median time this rater took; None before there are enough votes.
    """

    group: str | None
    done: int
    total: int
    arena_done: int
    arena_total: int
    overlap_share: float
    waiting: int
    minutes_left: float | None

    @property
    def finished(self) -> bool:
        """Whether nothing is left for this rater now."""
        return self.done >= self.total


@dataclass(frozen=True, slots=True)
class Shown:
    """One pair as its rater sees it; nothing in it depends on who the contestants are."""

    battle_id: UUID
    number: int
    prompt: Prompt
    text_a: str
    text_b: str
    usable_answer: bool
    reasons: tuple[str, ...]
    previous: UUID | None
    expires_at: datetime
    vote: Vote | None
    usable: tuple[JudgedSide, ...]
    standing: Standing
