"""The usable-answer question in memory."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

from blindarena.domain.battles import Vote
from blindarena.domain.boards import Population
from blindarena.domain.exclusions import NEVER_COUNTED
from blindarena.domain.usable import JudgedSide, UsableCount, usable_count_of
from blindarena.testing.memory_counts import MemoryCounts


class MemoryUsable:
    """What the votes say about sending the answers; counted anew whenever it is asked for."""

    def __init__(self, counts: MemoryCounts) -> None:
        self._counts = counts
        self._judged: dict[UUID, tuple[JudgedSide, ...]] = {}

    def cast(self, vote_id: UUID, judged: Sequence[JudgedSide]) -> None:
        """Keep what a vote says."""
        self._judged[vote_id] = tuple(judged)

    def of(self, vote_id: UUID) -> tuple[JudgedSide, ...]:
        """Return what a vote says."""
        return self._judged.get(vote_id, ())

    async def counts(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[UsableCount]:
        """Return the counts of one board."""
        if population != "people":
            return []
        found = self._sums(arena_id, category, version, lambda vote: "", with_excluded)
        return [count for _, count in found]

    async def by_voter(
        self, arena_id: UUID, *, category: str = "", version: int = 1
    ) -> list[tuple[str, UsableCount]]:
        """Return what each voter says of each contestant, by the votes that count now."""
        return self._sums(arena_id, category, version, lambda vote: vote.voter, False)

    def _sums(
        self,
        arena_id: UUID,
        category: str,
        version: int,
        who: Callable[[Vote], str],
        with_excluded: bool,
    ) -> list[tuple[str, UsableCount]]:
        sums: dict[tuple[str, UUID], list[UsableCount]] = defaultdict(list)
        for vote in self._counts.votes:
            here = (vote.arena_id, vote.version) == (arena_id, version)
            if not here or category not in ("", vote.category):
                continue
            out = self._counts.excluded_now(vote)
            if out in NEVER_COUNTED or (out is not None and not with_excluded):
                continue
            for judged in self._judged.get(vote.id, ()):
                sums[who(vote), judged.contestant_id].append(usable_count_of(judged))
        return [(key[0], _sum(key[1], counts)) for key, counts in sorted(sums.items())]


def _sum(contestant_id: UUID, counts: Sequence[UsableCount]) -> UsableCount:
    return UsableCount(
        contestant_id,
        as_is=sum(count.as_is for count in counts),
        after_edits=sum(count.after_edits for count in counts),
        never=sum(count.never for count in counts),
        breaches=sum(count.breaches for count in counts),
    )
