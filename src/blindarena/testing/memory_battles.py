"""Battles, votes and counts in memory; `memory` puts them together with the rest."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar
from uuid import UUID

from blindarena.domain.battles import (
    Answer,
    Battle,
    BattleStatus,
    Turn,
    TurnRecord,
    TurnStatus,
    Vote,
)
from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.domain.tallies import pair_count_of, stats_of
from blindarena.errors import BattleStateError, DuplicateVoteError, NotFoundError

_Sums = TypeVar("_Sums", PairCount, ContestantStats)
_Board = tuple[UUID, Population, str]


class MemoryCounts:
    """Pair counts, sums and exclusions."""

    def __init__(self) -> None:
        self.votes: list[Vote] = []
        self._boards: dict[_Board, dict[tuple[UUID, UUID], PairCount]] = defaultdict(dict)
        self._stats: dict[tuple[UUID, UUID], ContestantStats] = {}
        self._versions: Counter[UUID] = Counter()

    async def pairs(
        self, arena_id: UUID, *, population: Population, category: str = ""
    ) -> list[PairCount]:
        """Return the pair counts of one board; category "" is all votes."""
        board = self._boards[arena_id, population, category]
        return [board[pair] for pair in sorted(board)]

    async def version(self, arena_id: UUID) -> int:
        """Return a number that grows with every change to the arena's counts."""
        return self._versions[arena_id]

    async def categories(self, arena_id: UUID, *, population: Population) -> list[str]:
        """Return the categories that have votes, sorted, without ""."""
        boards = (key for key, board in self._boards.items() if board and key[2])
        return sorted(key[2] for key in boards if key[:2] == (arena_id, population))

    async def add(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Add counts to a board."""
        for count in counts:
            self._grow((arena_id, population, category), count)
        self._versions[arena_id] += 1

    async def replace(
        self,
        arena_id: UUID,
        counts: Sequence[PairCount],
        *,
        population: Population,
        category: str = "",
    ) -> None:
        """Set a board's counts, removing the old ones."""
        self._boards[arena_id, population, category].clear()
        await self.add(arena_id, counts, population=population, category=category)

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant that has any."""
        return [self._stats[key] for key in sorted(self._stats) if key[0] == arena_id]

    async def excluded(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes are excluded, by reason."""
        reasons = (vote.excluded for vote in self.votes if vote.arena_id == arena_id)
        return dict(Counter(reason for reason in reasons if reason is not None))

    def add_vote(self, vote: Vote, count: PairCount) -> None:
        """Keep a vote and, unless it is excluded, count it."""
        self.votes.append(vote)
        if vote.excluded is None:
            for category in {"", vote.category}:
                self._grow((vote.arena_id, "people", category), count)
        self._versions[vote.arena_id] += 1

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


class MemoryBattles:
    """Battles, their turns and answers."""

    def __init__(self, counts: MemoryCounts) -> None:
        self._counts = counts
        self._battles: dict[UUID, Battle] = {}
        self._turns: dict[UUID, TurnRecord] = {}

    async def add(self, battle: Battle) -> None:
        """Store a new battle."""
        self._battles[battle.id] = battle

    async def get(self, battle_id: UUID) -> Battle | None:
        """Return one battle."""
        return self._battles.get(battle_id)

    async def move(
        self, battle_id: UUID, *, to: BattleStatus, allowed: Sequence[BattleStatus]
    ) -> bool:
        """Change the status if it is one of `allowed` now; say whether it was."""
        battle = self._battles.get(battle_id)
        if battle is None or battle.status not in allowed:
            return False
        self._battles[battle_id] = replace(battle, status=to)
        return True

    async def start_turn(self, turn: Turn) -> bool:
        """Store a turn and move its battle to streaming; False stores nothing."""
        if not await self.move(turn.battle_id, to="streaming", allowed=("waiting", "votable")):
            return False
        self._turns[turn.id] = TurnRecord(turn, {})
        return True

    async def end_turn(
        self,
        turn_id: UUID,
        answers: Sequence[Answer],
        *,
        status: TurnStatus,
        battle_status: BattleStatus,
    ) -> None:
        """Store the answers, the new status of turn and battle, and the contestants' sums."""
        record = self._turns.get(turn_id)
        if record is None or record.turn.status != "streaming":
            return
        self._turns[turn_id] = TurnRecord(
            replace(record.turn, status=status), {answer.side: answer for answer in answers}
        )
        battle_id = record.turn.battle_id
        await self.move(battle_id, to=battle_status, allowed=("streaming",))
        if answers and status != "interrupted":
            self._counts.add_answers(self._battles[battle_id].arena_id, answers)

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return all turns in order of number and attempt, with their answers."""
        records = [r for r in self._turns.values() if r.turn.battle_id == battle_id]
        return sorted(records, key=lambda record: (record.turn.number, record.turn.attempt))

    async def prompts_seen(self, arena_id: UUID, voter: str) -> Mapping[UUID, BattleStatus]:
        """Return each prompt this voter met with its battle's status, the oldest battle first."""
        seen: dict[UUID, BattleStatus] = {}
        for battle in sorted(self._battles.values(), key=lambda b: (b.created_at, b.id)):
            mine = (battle.arena_id, battle.voter) == (arena_id, voter)
            if mine and battle.prompt_id and seen.get(battle.prompt_id) != "voted":
                seen.pop(battle.prompt_id, None)
                seen[battle.prompt_id] = battle.status
        return seen

    async def reset_streaming(self) -> int:
        """Close what a killed process left; return how many turns were closed."""
        left = [r for r in self._turns.values() if r.turn.status == "streaming"]
        for record in left:
            turn = replace(record.turn, status="interrupted")
            self._turns[turn.id] = TurnRecord(turn, record.answers)
        complete = {r.turn.battle_id for r in self._turns.values() if r.turn.status == "complete"}
        for battle_id in list(self._battles):
            to: BattleStatus = "votable" if battle_id in complete else "waiting"
            await self.move(battle_id, to=to, allowed=("streaming",))
        return len(left)


class MemoryVotes:
    """Votes, append-only, and the counts kept beside them."""

    def __init__(self, battles: MemoryBattles, counts: MemoryCounts) -> None:
        self._battles = battles
        self._counts = counts

    async def record(self, vote: Vote, *, first: UUID, second: UUID, wins_first: bool) -> None:
        """Store a vote and, unless it is excluded, add it to the pair counts."""
        battle = await self._battles.get(vote.battle_id)
        if battle is None:
            raise NotFoundError("there is no such battle")
        if battle.status == "voted":
            raise DuplicateVoteError("this battle already has its vote")
        if not await self._battles.move(battle.id, to="voted", allowed=("votable",)):
            raise BattleStateError(f"this battle is {battle.status}, it takes no vote now")
        count = pair_count_of(vote.outcome, first=first, second=second, wins_first=wins_first)
        self._counts.add_vote(vote, count)

    async def of_voter(self, arena_id: UUID, voter: str, *, limit: int) -> list[Vote]:
        """Return a voter's latest votes, newest first."""
        return [vote for vote in self._newest(arena_id) if vote.voter == voter][:limit]

    async def count_of_voter(self, arena_id: UUID, voter: str) -> int:
        """Return how many votes this voter has cast in the arena, excluded ones included."""
        return sum(vote.voter == voter for vote in self._newest(arena_id))

    async def recent(self, arena_id: UUID, *, limit: int) -> list[Vote]:
        """Return the arena's latest votes, newest first."""
        return self._newest(arena_id)[:limit]

    def _newest(self, arena_id: UUID) -> list[Vote]:
        cast = [vote for vote in self._counts.votes if vote.arena_id == arena_id]
        return sorted(cast, key=lambda vote: (vote.created_at, vote.id), reverse=True)


def _sum(old: _Sums, more: _Sums) -> _Sums:
    """Add two records of numbers about the same thing, field by field."""
    numbers = [f.name for f in fields(old) if not isinstance(getattr(old, f.name), UUID)]
    return replace(old, **{name: getattr(old, name) + getattr(more, name) for name in numbers})
