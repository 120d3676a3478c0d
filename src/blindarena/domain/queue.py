"""The review queue: prepared pairs, who holds them, and who was invited to rate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from blindarena.domain.battles import Battle, Outcome

Choosable = Literal["first", "second", "tie", "both_bad"]


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How an arena's prepared pairs are rated.

    Attributes:
        overlap: share of the pairs that two raters rate, for agreement.
        reservation_minutes: how long a pair is held for a rater who was given it.
        size: pairs to be rated; None is all there are.
        open_to_all: whether people may take part without an invite.
        board: "after" holds the board back until the queue has ended, "live" does not; None does
            where the queue is the arena's only mode.
        invites_need_login: where the arena requires a login, whether an invite does not do instead.
    """

    overlap: float = 0.2
    reservation_minutes: int = 20
    size: int | None = None
    open_to_all: bool = False
    invites_need_login: bool = False
    board: Literal["after", "live"] | None = None


TakeState = Literal["open", "voted", "skipped", "closed"]
"""open: given to a rater; skipped: left to others; closed: of an earlier version of the arena."""


@dataclass(frozen=True, slots=True)
class Invite:
    """A link by which people of one voter group take part; only a hash of its token is kept."""

    id: UUID
    arena_id: UUID
    token_hash: str
    created_at: datetime
    group: str | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A rater of one arena, under their pseudonym, with the group of their latest invite."""

    arena_id: UUID
    voter: str
    joined_at: datetime
    group: str | None = None
    invite_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class QueuePair:
    """Two answers to one prompt that are to be compared.

    Attributes:
        first: contestant with the smaller id.
        second: the other one.
        block: pairs of an earlier block are rated first; each block is balanced in itself.
        wanted: by how many raters; 2 is overlap.
        done: how many have rated it.
        probability: share of this pair of contestants among all pairs of the plan.
    """

    id: UUID
    arena_id: UUID
    version: int
    prompt_id: UUID
    first: UUID
    second: UUID
    block: int
    wanted: int
    probability: float
    done: int = 0


@dataclass(frozen=True, slots=True)
class Take:
    """A pair that was given to one rater: their battle about it, and how long it is held.

    Attributes:
        number: counts the rater's pairs of this version from 1.
        seat: which of the pair's `wanted` places it holds; None holds none any more.
        generation: grows with every giving and renewing in the arena; who was given a pair or
            asked for it again longest ago has the smallest. It does not follow the clock.
        late: it was voted on after another rater had taken the pair over.
    """

    battle_id: UUID
    pair_id: UUID
    arena_id: UUID
    version: int
    voter: str
    number: int
    given_at: datetime
    expires_at: datetime
    seat: int | None
    generation: int
    state: TakeState = "open"
    late: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rater who asks for a pair brings along.

    Attributes:
        playing: contestants that are switched on; pairs with others wait.
        at: the time now.
        lasts: how long a reservation holds.
        order: places the pairs of a block in the rater's own order.
        battle_of: makes the rater's battle about a pair, sides drawn.
    """

    arena_id: UUID
    version: int
    voter: str
    group: str | None
    playing: frozenset[UUID]
    at: datetime
    lasts: timedelta
    order: Callable[[UUID], int]
    battle_of: Callable[[QueuePair], Battle]


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """Sums over the pairs that can be rated now; `done` counts a pair's wanted ratings at most."""

    pairs: int = 0
    pairs_done: int = 0
    overlap: int = 0
    wanted: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class RaterStanding:
    """How far one rater is, as of one moment.

    Attributes:
        done: pairs with this rater's vote.
        open: pairs that are held for this rater.
        free: pairs that this rater could be given.
        waiting: pairs that only others hold, and that come free when those leave.
    """

    done: int = 0
    open: int = 0
    free: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class RaterCount:
    """What one rater has done, with one voter group, in one version of the arena."""

    voter: str
    group: str | None
    voted: int
    skipped: int
    open: int
    late: int


class Rating(NamedTuple):
    """One rater's counted vote on one pair, told by contestant and not by side."""

    pair_id: UUID
    voter: str
    group: str | None
    choice: Choosable


def choice_of(outcome: Outcome, *, a_is_first: bool) -> Choosable:
    """Return an outcome by contestant, which does not depend on a rater's sides."""
    if outcome == "tie" or outcome == "both_bad":
        return outcome
    return "first" if (outcome == "model_a") == a_is_first else "second"
