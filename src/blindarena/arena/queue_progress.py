"""How far a review queue is, per group, and how far its raters agree; for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from blindarena.arena.exclusions import SHORT
from blindarena.arena.queue_invites import check_queue
from blindarena.arena.queue_planning import QueuePlanner
from blindarena.arena.queue_ports import Invites, Queue
from blindarena.domain.arenas import Arena
from blindarena.domain.queue import Choosable, Member, RaterCount, Rating

CHOICES: tuple[Choosable, ...] = ("first", "second", "tie", "both_bad")
SEED = 2011
"""Of the intervals, so that the same votes give the same numbers."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on pairs with two ratings or more; None says that there are too few.

    Attributes:
        groups: the two whose ratings are compared; None is all raters with all.
        share_equal: of two ratings of one pair.
        alpha: Krippendorff's, nominal; between groups, cross-kappa.
    """

    groups: tuple[str, str] | None
    pairs: int
    ratings: int
    share_equal: float | None
    alpha: float | None
    alpha_lower: float | None = None
    alpha_upper: float | None = None


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """A voter group; `active` are its raters who have rated something."""

    group: str | None
    invited: int | None
    joined: int
    active: int
    ratings: int


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """One rater under a short pseudonym."""

    rater: str
    group: str | None
    ratings: int
    skipped: int
    open: int


@dataclass(frozen=True, slots=True)
class QueueProgress:
    """How far the queue is, in the current version of the arena.

    Attributes:
        late: ratings after another rater had taken the pair over; they count as overlap.
        held: pairs that are open at raters.
    """

    version: int
    pairs: int
    pairs_done: int
    ratings_wanted: int
    ratings: int
    late: int
    held: int
    overlap_share: float
    groups: tuple[GroupProgress, ...]
    raters: tuple[RaterProgress, ...]
    agreement: tuple[Agreement, ...]


class QueueProgressDesk:
    """Adds up what the owner may see of a queue."""

    def __init__(self, *, queue: Queue, members: Invites, planner: QueuePlanner) -> None:
        self._queue = queue
        self._members = members
        self._planner = planner

    async def of(self, arena: Arena) -> QueueProgress:
        """Return an arena's progress.

        Raises:
            InvalidInputError: the arena has no review queue.
        """
        check_queue(arena)
        await self._planner.ensure(arena)
        playing = await self._planner.playing(arena)
        totals = await self._queue.totals(arena.id, arena.version, playing)
        counts = await self._queue.raters(arena.id, arena.version)
        members = await self._members.members(arena.id)
        ratings = await self._queue.ratings(arena.id, arena.version)
        return QueueProgress(
            version=arena.version,
            pairs=totals.pairs,
            pairs_done=totals.pairs_done,
            ratings_wanted=totals.wanted,
            ratings=sum(one.voted for one in counts),
            late=sum(one.late for one in counts),
            held=sum(one.open for one in counts),
            overlap_share=totals.overlap / totals.pairs if totals.pairs else 0.0,
            groups=_groups(arena, counts, members),
            raters=tuple(
                RaterProgress(one.voter[:SHORT], one.group, one.voted, one.skipped, one.open)
                for one in sorted(counts, key=lambda one: (-one.voted, one.voter))
            ),
            agreement=agreements(ratings),
        )


def agreements(ratings: Sequence[Rating]) -> tuple[Agreement, ...]:
    """Return the agreement of all raters and, where there are groups, between each two of them.

    Args:
        ratings: those of pairs; pairs with one rating say nothing and may be among them.
    """
    from blindarena.analysis.agreement import (  # brings NumPy along
        alpha_between,
        alpha_interval,
        krippendorff_alpha,
        share_equal,
        share_equal_between,
    )

    everyone = _counts(ratings, {rating.pair_id for rating in ratings})
    several = everyone[everyone.sum(axis=1) > 1]
    interval = alpha_interval(several, seed=SEED)
    found = [
        Agreement(
            None,
            pairs=len(several),
            ratings=int(several.sum()),
            share_equal=share_equal(several),
            alpha=krippendorff_alpha(several),
            alpha_lower=interval.lower if interval else None,
            alpha_upper=interval.upper if interval else None,
        )
    ]
    by_group: dict[str, list[Rating]] = {}
    for rating in ratings:
        if rating.group is not None:
            by_group.setdefault(rating.group, []).append(rating)
    for one, other in combinations(sorted(by_group), 2):
        both = {r.pair_id for r in by_group[one]} & {r.pair_id for r in by_group[other]}
        left, right = _counts(by_group[one], both), _counts(by_group[other], both)
        found.append(
            Agreement(
                (one, other),
                pairs=len(both),
                ratings=int(left.sum() + right.sum()),
                share_equal=share_equal_between(left, right),
                alpha=alpha_between(left, right),
            )
        )
    return tuple(found)


def _counts(ratings: Sequence[Rating], pairs: set[UUID]) -> Any:
    """Return (pairs, choices) counts, pairs in order of their ids."""
    import numpy as np

    place = {pair_id: row for row, pair_id in enumerate(sorted(pairs))}
    counts = np.zeros((len(place), len(CHOICES)), dtype=np.int64)
    for rating in ratings:
        if rating.pair_id in place:
            counts[place[rating.pair_id], CHOICES.index(rating.choice)] += 1
    return counts


def _groups(
    arena: Arena, counts: Sequence[RaterCount], members: Sequence[Member]
) -> tuple[GroupProgress, ...]:
    """Return the arena's groups in the order of its file, then any other."""
    names: list[str | None] = [group.name for group in arena.groups]
    invited = {group.name: group.invited for group in arena.groups}
    seen = [*(one.group for one in counts), *(member.group for member in members)]
    names += [name for name in dict.fromkeys(seen) if name not in names]
    return tuple(
        GroupProgress(
            group=name,
            invited=invited.get(name) if name is not None else None,
            joined=sum(member.group == name for member in members),
            active=sum(one.group == name and one.voted > 0 for one in counts),
            ratings=sum(one.voted for one in counts if one.group == name),
        )
        for name in names
    )
