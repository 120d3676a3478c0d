"""Battles and votes in memory; `memory` puts them together with the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from blindarena.domain.battles import (
    NAMED,
    Answer,
    Battle,
    BattleStatus,
    Side,
    Turn,
    TurnRecord,
    TurnStatus,
    Vote,
)
from blindarena.domain.exclusions import RETRACTED, VoteRules, late_reason
from blindarena.domain.images import SentPicture
from blindarena.domain.tallies import pair_count_of
from blindarena.domain.usable import JudgedSide
from blindarena.errors import BattleStateError, DuplicateVoteError, NotFoundError
from blindarena.testing.memory_counts import MemoryCounts
from blindarena.testing.memory_images import MemoryImages
from blindarena.testing.memory_usable import MemoryUsable


class MemoryBattles:
    """Battles, their turns and answers."""

    def __init__(self, counts: MemoryCounts) -> None:
        self._counts = counts
        self.images = MemoryImages()
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

    def keep(self, record: TurnRecord) -> None:
        """Store a turn that has ended already, with its answers."""
        self._turns[record.turn.id] = record

    async def start_turn(
        self,
        turn: Turn,
        *,
        replaces: Turn | None = None,
        images: Sequence[SentPicture] | None = None,
    ) -> bool:
        """Store a turn and move its battle to streaming; False stores nothing."""
        if not await self.move(turn.battle_id, to="streaming", allowed=("waiting", "votable")):
            return False
        old = self._turns.get(replaces.id) if replaces is not None else None
        if old is not None and old.turn.status == "complete":
            self._turns[old.turn.id] = replace(old, turn=replace(old.turn, status="replaced"))
        self._turns[turn.id] = TurnRecord(turn, {})
        if images is not None:
            self.images.put(turn.battle_id, turn.number, images)
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
        counts = self._battles[battle_id].mode not in NAMED
        if answers and status != "interrupted" and counts:
            self._counts.add_answers(self._battles[battle_id].arena_id, answers)

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return all turns in order of number and attempt, with their answers."""
        records = [r for r in self._turns.values() if r.turn.battle_id == battle_id]
        return sorted(records, key=lambda record: (record.turn.number, record.turn.attempt))

    async def prompts_seen(
        self, arena_id: UUID, voter: str, *, version: int = 1
    ) -> Mapping[UUID, BattleStatus]:
        """Return each prompt this voter met with its battle's status, the oldest battle first."""
        seen: dict[UUID, BattleStatus] = {}
        for battle in sorted(self._battles.values(), key=lambda b: (b.created_at, b.id)):
            mine = (battle.arena_id, battle.voter, battle.version) == (arena_id, voter, version)
            mine = mine and battle.mode != "queue"
            if mine and battle.prompt_id and seen.get(battle.prompt_id) != "voted":
                seen.pop(battle.prompt_id, None)
                seen[battle.prompt_id] = battle.status
        return seen

    def flag(self, turn_id: UUID, side: Side) -> None:
        """Mark an answer."""
        answers = self._turns[turn_id].answers
        answers[side] = replace(answers[side], flagged=True)

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

    def __init__(self, battles: MemoryBattles, counts: MemoryCounts, usable: MemoryUsable) -> None:
        self._battles = battles
        self._counts = counts
        self._usable = usable
        self.after_vote: Callable[[UUID], None] = lambda battle_id: None

    async def record(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        rules: VoteRules = VoteRules(),  # noqa: B008 - frozen
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Store a vote, count it and return why it does not count."""
        battle = await self._battles.get(vote.battle_id)
        if battle is None:
            raise NotFoundError("there is no such battle")
        if battle.status == "voted":
            raise DuplicateVoteError("this battle already has its vote")
        if not await self._battles.move(battle.id, to="voted", allowed=("votable",)):
            raise BattleStateError(f"this battle is {battle.status}, it takes no vote now")
        count = pair_count_of(vote.outcome, first=first, second=second, wins_first=wins_first)
        stands = vote.excluded or await self._reason(vote, rules)
        self._counts.add_vote(replace(vote, excluded=stands), count)
        self._usable.cast(vote.id, usable)
        self.after_vote(vote.battle_id)
        return stands

    async def _reason(self, vote: Vote, rules: VoteRules) -> str | None:
        cast = self._newest(vote.arena_id, retracted=False)
        mine = [v for v in cast if v.voter == vote.voter]
        mark = vote.prompt_mark
        same = 0 if mark is None else sum(v.prompt_mark == mark for v in mine)
        out = self._counts.voters_out.get((vote.arena_id, vote.voter))
        rule = late_reason(earlier=len(mine), same_prompt=same, rules=rules)
        return rule or (out[0] if out else None)

    async def of_voter(self, arena_id: UUID, voter: str, *, limit: int) -> list[Vote]:
        """Return a voter's latest votes, newest first."""
        newest = self._newest(arena_id, retracted=False)
        return [vote for vote in newest if vote.voter == voter][:limit]

    async def count_of_voter(self, arena_id: UUID, voter: str) -> int:
        """Return how many votes this voter has cast in the arena, excluded ones included."""
        return sum(vote.voter == voter for vote in self._newest(arena_id, retracted=False))

    async def recent(self, arena_id: UUID, *, limit: int) -> list[Vote]:
        """Return the arena's latest votes, newest first, excluded as they are now."""
        newest = self._newest(arena_id)[:limit]
        return [replace(vote, excluded=self._counts.excluded_now(vote)) for vote in newest]

    def _newest(self, arena_id: UUID, *, retracted: bool = True) -> list[Vote]:
        cast = [
            vote
            for vote in self._counts.votes
            if vote.arena_id == arena_id
            and (retracted or self._counts.excluded_now(vote) != RETRACTED)
        ]
        return sorted(cast, key=lambda vote: (vote.created_at, vote.id), reverse=True)
