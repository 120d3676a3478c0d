"""Pair counts, sums and exclusions in memory."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from blindarena.domain.battles import Answer, Vote
from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.domain.exclusions import NEVER_COUNTED
from blindarena.domain.tallies import stats_of

_Sums = TypeVar("_Sums", PairCount, ContestantStats)
_Board = tuple[UUID, str, str, int]
_LEFT_OUT = "excluded:"


class MemoryCounts:
    """Pair counts, sums and exclusions."""

    def __init__(self) -> None:
        self.votes: list[Vote] = []
        self._boards: dict[_Board, dict[tuple[UUID, UUID], PairCount]] = defaultdict(dict)
        self._stats: dict[tuple[UUID, UUID], ContestantStats] = {}
        self._versions: Counter[UUID] = Counter()
        self._count_of: dict[UUID, PairCount] = {}
        self._later: dict[UUID, str | None] = {}
        self.voters_out: dict[tuple[UUID, str], tuple[str, datetime] | None] = {}

    async def pairs(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        with_excluded: bool = False,
        version: int = 1,
    ) -> list[PairCount]:
        """Return the pair counts of one board; category "" is all votes."""
        board = dict(self._boards[arena_id, population, category, version])
        if with_excluded and population == "people":
            for reason in set(await self.excluded(arena_id)) - {*NEVER_COUNTED}:
                out = self._boards[arena_id, _LEFT_OUT + reason, category, version]
                for pair, more in out.items():
                    board[pair] = _sum(board[pair], more) if pair in board else more
        return [board[pair] for pair in sorted(board)]

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows with every change to the arena's counts."""
        return self._versions[arena_id]

    async def categories(
        self, arena_id: UUID, *, population: Population, version: int = 1
    ) -> list[str]:
        """Return the categories that have votes, sorted, without ""."""
        boards = (key for key, board in self._boards.items() if board and key[2])
        return sorted(key[2] for key in boards if key == (arena_id, population, key[2], version))

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        """Add counts to a board."""
        for count in counts:
            self._grow((arena_id, population, category, version), count)
        self._versions[arena_id] += 1

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
        version: int = 1,
    ) -> None:
        """Set a board's counts, removing the old ones."""
        self._boards[arena_id, population, category, version].clear()
        await self.add(arena_id, counts, population=population, category=category, version=version)

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        return [self._stats[key] for key in sorted(self._stats) if key[0] == arena_id]

    async def excluded(self, arena_id: UUID, *, version: int | None = None) -> dict[str, int]:
        """Return how many votes are excluded, by reason; None is in all versions together."""
        found: Counter[str] = Counter()
        for key, board in sorted(self._boards.items()):
            of_arena = key[0] == arena_id and version in (None, key[3])
            if board and of_arena and key[1].startswith(_LEFT_OUT) and not key[2]:
                found[key[1].removeprefix(_LEFT_OUT)] += sum(c.total for c in board.values())
        return dict(found)

    def add_vote(self, vote: Vote, count: PairCount) -> None:
        """Keep a vote and count it, among those that do not count where it is excluded."""
        self.votes.append(vote)
        self._count_of[vote.id] = count
        self._move(vote, vote.excluded, count)
        self._versions[vote.arena_id] += 1

    def excluded_now(self, vote: Vote) -> str | None:
        """Return why a vote does not count now."""
        return self._later.get(vote.id, vote.excluded)

    def exclude(self, arena_id: UUID, ids: Collection[UUID], reason: str | None) -> None:
        """Exclude votes, or let them count again."""
        for vote in self.votes:
            if vote.id in ids:
                count = self._count_of[vote.id]
                self._move(vote, self.excluded_now(vote), _negative(count))
                self._move(vote, reason, count)
                self._later[vote.id] = reason
        self._versions[arena_id] += 1

    def _move(self, vote: Vote, excluded: str | None, count: PairCount) -> None:
        population = "people" if excluded is None else _LEFT_OUT + excluded
        for category in {"", vote.category}:
            self._grow((vote.arena_id, population, category, vote.version), count)

    def add_answers(self, arena_id: UUID, answers: Sequence[Answer]) -> None:
        """Add answers to their contestants' sums."""
        for answer in answers:
            key = (arena_id, answer.contestant_id)
            old = self._stats.get(key, ContestantStats(answer.contestant_id))
            self._stats[key] = _sum(old, stats_of(answer))
        self._versions[arena_id] += 1

    def _grow(self, key: _Board, count: PairCount) -> None:
        pair = (count.first, count.second)
        board = self._boards[key]
        board[pair] = _sum(board.get(pair, PairCount(*pair)), count)
        if board[pair].total == 0:
            del board[pair]


def _negative(count: PairCount) -> PairCount:
    return PairCount(
        count.first,
        count.second,
        wins_first=-count.wins_first,
        wins_second=-count.wins_second,
        ties=-count.ties,
        both_bad=-count.both_bad,
    )


def _sum(old: _Sums, more: _Sums) -> _Sums:
    """Add two records of numbers about the same thing, field by field."""
    numbers = [f.name for f in fields(old) if not isinstance(getattr(old, f.name), UUID)]
    return replace(old, **{name: getattr(old, name) + getattr(more, name) for name in numbers})
