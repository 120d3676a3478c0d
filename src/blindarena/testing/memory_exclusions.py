"""Exclusions in memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from blindarena.domain.battles import VoterVote
from blindarena.domain.exclusions import NEVER_COUNTED, RETRACTED, RULES, VoterExclusion
from blindarena.testing.memory_battles import MemoryBattles
from blindarena.testing.memory_counts import MemoryCounts

_TICK = timedelta(microseconds=1)


class MemoryExclusions:
    """What the owner leaves out and lets count again."""

    def __init__(self, battles: MemoryBattles, counts: MemoryCounts) -> None:
        self._battles = battles
        self._counts = counts

    async def by_reason(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes do not count now, by reason."""
        return await self._counts.excluded(arena_id)

    async def voters(self, arena_id: UUID) -> list[VoterExclusion]:
        """Return the voters who are excluded now, the latest first."""
        out = self._counts.voters_out.items()
        rows = [VoterExclusion(key[1], *row) for key, row in out if key[0] == arena_id and row]
        return sorted(rows, key=lambda row: row.at, reverse=True)

    async def voters_like(self, arena_id: UUID, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so, two at most."""
        here = {vote.voter for vote in self._counts.votes if vote.arena_id == arena_id}
        return sorted(voter for voter in here if voter.startswith(beginning))[:2]

    async def set_votes(
        self, arena_id: UUID, ids: Sequence[UUID], *, reason: str | None, at: datetime
    ) -> int:
        """Exclude votes for a reason, or let them count again (None)."""
        return self._change(arena_id, lambda v, voter, now: v in ids and now != reason, reason)

    async def exclude_voter(self, arena_id: UUID, voter: str, *, reason: str, at: datetime) -> int:
        """Exclude a voter: the votes that count now, and all later ones."""
        known = self._counts.voters_out.get((arena_id, voter))
        before = known[0] if known else None
        if before == reason:
            return 0
        moment = max(at, known[1] + _TICK) if known else at
        self._counts.voters_out[arena_id, voter] = (reason, moment)
        return self._change(
            arena_id, lambda v, who, now: who == voter and now in (None, before), reason
        )

    async def reinstate_voter(self, arena_id: UUID, voter: str, *, at: datetime) -> int:
        """Let an excluded voter's votes count again, except those that a rule left out."""
        known = self._counts.voters_out.get((arena_id, voter))
        if known is None:
            return 0
        self._counts.voters_out[arena_id, voter] = None
        return self._change(arena_id, lambda v, who, now: who == voter and now == known[0], None)

    async def voter_votes(self, arena_id: UUID) -> AsyncIterator[Sequence[VoterVote]]:
        """Yield all votes but those that a rule left out, in the order they were cast."""
        cast = [vote for vote in self._counts.votes if vote.arena_id == arena_id]
        page = []
        for vote in sorted(cast, key=lambda vote: (vote.created_at, vote.id)):
            battle = await self._battles.get(vote.battle_id)
            retracted = self._counts.excluded_now(vote) == RETRACTED
            if battle is not None and not retracted and vote.excluded not in RULES:
                sides = (battle.contestant_a, battle.contestant_b)
                page.append(VoterVote(vote.voter, *sides, vote.outcome))
        if page:
            yield page

    def _change(
        self,
        arena_id: UUID,
        wanted: Callable[[UUID, str, str | None], bool],
        reason: str | None,
    ) -> int:
        chosen = [
            vote.id
            for vote in self._counts.votes
            if vote.arena_id == arena_id
            and self._counts.excluded_now(vote) not in NEVER_COUNTED
            and wanted(vote.id, vote.voter, self._counts.excluded_now(vote))
        ]
        self._counts.exclude(arena_id, chosen, reason)
        return len(chosen)
