"""Changed votes in memory."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from blindarena.domain.battles import Vote
from blindarena.domain.exclusions import RETRACTED, TOO_FAST
from blindarena.domain.tallies import pair_count_of
from blindarena.domain.usable import JudgedSide
from blindarena.errors import BattleStateError
from blindarena.testing.memory_counts import MemoryCounts
from blindarena.testing.memory_queue import MemoryQueue
from blindarena.testing.memory_usable import MemoryUsable


class MemoryVoteChanges:
    """A voter's later word on the same battle."""

    def __init__(self, counts: MemoryCounts, usable: MemoryUsable, queue: MemoryQueue) -> None:
        self._counts = counts
        self._usable = usable
        self._queue = queue

    async def latest(self, battle_id: UUID) -> Vote | None:
        """Return the latest decisive vote on a battle, excluded as it was when cast."""
        cast = [vote for vote in self._counts.votes if vote.battle_id == battle_id]
        return max(cast, key=lambda vote: vote.revision, default=None)

    async def usable_of(self, vote_id: UUID) -> tuple[JudgedSide, ...]:
        """Return what a vote says of both sides; empty where it was not asked."""
        return self._usable.of(vote_id)

    async def seconds(self, arena_id: UUID, version: int, voter: str) -> list[float]:
        """Return the times a rater took over their latest pairs of the queue, in seconds."""
        taken = {t.battle_id for t in await self._queue.takes(arena_id, version, voter)}
        cast = [v for v in self._counts.votes if v.battle_id in taken and v.revision == 0]
        return [vote.seconds for vote in cast if vote.seconds is not None]

    async def change(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Put a vote in the place of the one the battle has."""
        old = await self.latest(vote.battle_id)
        if old is None:
            raise BattleStateError("this battle has no vote that could be changed")
        stands = self._counts.excluded_now(old)
        excluded = vote.excluded if stands in (None, TOO_FAST) else stands
        if stands == TOO_FAST and excluded is None:
            out = self._counts.voters_out.get((vote.arena_id, vote.voter))
            excluded = out[0] if out else None
        self._counts.exclude(vote.arena_id, [old.id], RETRACTED)
        new = replace(vote, revision=old.revision + 1, excluded=excluded)
        count = pair_count_of(vote.outcome, first=first, second=second, wins_first=wins_first)
        self._counts.add_vote(new, count)
        self._usable.cast(new.id, usable)
        return excluded
