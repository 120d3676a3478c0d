"""What the review queue needs from outside; `storage` and `testing` provide it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from blindarena.domain.battles import Vote
from blindarena.domain.queue import (
    Invite,
    Member,
    QueuePair,
    QueueTotals,
    RaterCount,
    RaterStanding,
    Rating,
    Take,
    Wish,
)
from blindarena.domain.usable import JudgedSide


class Invites(Protocol):
    """Invite links and who joined by them."""

    async def add(self, invite: Invite) -> None:
        """Store a new invite."""
        ...

    async def of_token(self, token_hash: str) -> Invite | None:
        """Return the invite of a token's hash."""
        ...

    async def of_arena(self, arena_id: UUID) -> list[tuple[Invite, int]]:
        """Return an arena's invites, the newest first, with how many raters are by it now."""
        ...

    async def withdraw(self, arena_id: UUID, invite_id: UUID, at: datetime) -> bool:
        """Close a link; say whether it was open until now."""
        ...

    async def join(self, member: Member) -> None:
        """Store a rater, or their new group; when they first came stays."""
        ...

    async def member(self, arena_id: UUID, voter: str) -> Member | None:
        """Return a rater."""
        ...

    async def members(self, arena_id: UUID) -> list[Member]:
        """Return an arena's raters in the order in which they came."""
        ...


class Queue(Protocol):
    """Pairs to be rated, and who holds them.

    Giving, renewing and releasing happen one after the other within an arena, together with its
    votes: nobody is given a place that another has.
    """

    async def answered(self, arena_id: UUID) -> int:
        """Return how many prepared answers there are that did not fail."""
        ...

    async def planned(self, arena_id: UUID, version: int) -> list[QueuePair]:
        """Return the pairs of a version, in order of block and id."""
        ...

    async def add_pairs(self, pairs: Sequence[QueuePair]) -> None:
        """Store pairs; one that is there already stays as it is."""
        ...

    async def turn_to(self, arena_id: UUID, version: int) -> int:
        """Close what is open of other versions; return how many reservations that were.

        What was closed of this version, which has come back, is open again, without a place.
        """
        ...

    async def take(self, wish: Wish) -> Take | None:
        """Give a rater a pair, with a battle that can be voted on; None: there is none for them.

        One transaction stores the battle, its one turn with both prepared answers and the take.
        """
        ...

    async def count_answers(self, battle_id: UUID) -> None:
        """Add those answers of a pair to the sums that no vote was cast on before.

        Not when a pair is given: a mean that moves then would tell who is in it.
        """
        ...

    async def renew(self, battle_id: UUID, *, at: datetime, lasts: timedelta) -> Take | None:
        """Hold an open pair for its rater again; without its place, take one if there is one.

        Returns:
            The take as it is now, changed or not: `seat` None where others have all places.
        """
        ...

    async def release(self, battle_id: UUID) -> Take | None:
        """Leave an open pair to others; return the take as it is now."""
        ...

    async def get(self, battle_id: UUID) -> Take | None:
        """Return one take."""
        ...

    async def takes(self, arena_id: UUID, version: int, voter: str) -> list[Take]:
        """Return a rater's takes of one version, by number."""
        ...

    async def totals(self, arena_id: UUID, version: int, playing: Collection[UUID]) -> QueueTotals:
        """Add up a version's pairs whose contestants are playing and whose prompt is there."""
        ...

    async def standing(
        self,
        arena_id: UUID,
        version: int,
        voter: str,
        *,
        playing: Collection[UUID],
        at: datetime,
        lasts: timedelta,
    ) -> RaterStanding:
        """Say how far a rater is, as of one moment: whatever is given meanwhile, no pair is lost.

        Args:
            arena_id: the arena.
            version: which of its versions.
            voter: the rater.
            playing: the contestants that are switched on.
            at: the present time; reservations end by it.
            lasts: how long a reservation is.
        """
        ...

    async def raters(self, arena_id: UUID, version: int) -> list[RaterCount]:
        """Return what each rater has done, by voter and group."""
        ...

    async def ratings(self, arena_id: UUID, version: int) -> list[Rating]:
        """Return the counted votes on pairs that two or more raters voted on, by pair."""
        ...


class VoteChanges(Protocol):
    """A voter's later word on the same battle."""

    async def latest(self, battle_id: UUID) -> Vote | None:
        """Return the latest decisive vote on a battle, excluded as it was when cast."""
        ...

    async def usable_of(self, vote_id: UUID) -> tuple[JudgedSide, ...]:
        """Return what a vote says of both sides; empty where it was not asked."""
        ...

    async def seconds(self, arena_id: UUID, version: int, voter: str) -> list[float]:
        """Return the times a rater took over their latest pairs of the queue, in seconds."""
        ...

    async def change(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Put a vote in the place of the one the battle has, durably, in one transaction.

        The old one is pointed at by a row that says "retracted"; the new one gets the next
        revision. It does not count where the old one did not, unless that was for its haste.

        Returns:
            Why the new vote does not count; None counts.

        Raises:
            BattleStateError: the battle has no vote.
        """
        ...
