"""The review queue in memory."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from blindarena.domain.arenas import Prompt
from blindarena.domain.battles import SIDES, Turn, TurnRecord
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import (
    QueuePair,
    QueueTotals,
    RaterCount,
    RaterStanding,
    Rating,
    Take,
    Wish,
    choice_of,
)
from blindarena.domain.queue_choice import Candidate, Choice, choose, free_seat, obtainable
from blindarena.testing.memory_battles import MemoryBattles
from blindarena.testing.memory_counts import MemoryCounts
from blindarena.testing.memory_imports import MemoryPreparedAnswers


class MemoryQueue:
    """Pairs to be rated, and who holds them."""

    def __init__(
        self,
        prompts: Callable[[UUID], Awaitable[list[Prompt]]],
        prepared: MemoryPreparedAnswers,
        battles: MemoryBattles,
        counts: MemoryCounts,
    ) -> None:
        self._prompts = prompts
        self._prepared = prepared
        self._battles = battles
        self._counts = counts
        self._pairs: dict[UUID, QueuePair] = {}
        self._takes: dict[UUID, Take] = {}
        self._voted: set[tuple[UUID, UUID]] = set()

    async def answered(self, arena_id: UUID) -> int:
        """Return how many prepared answers there are that did not fail."""
        states = await self._prepared.states(arena_id)
        return sum(state.fault is None for state in states.values())

    async def planned(self, arena_id: UUID, version: int) -> list[QueuePair]:
        """Return the pairs of a version, in order of block and id."""
        found = [p for p in self._pairs.values() if (p.arena_id, p.version) == (arena_id, version)]
        return sorted(found, key=lambda pair: (pair.block, pair.id))

    async def add_pairs(self, pairs: Sequence[QueuePair]) -> None:
        """Store pairs; one that is there already stays as it is."""
        known = {_key(pair) for pair in self._pairs.values()}
        self._pairs |= {pair.id: pair for pair in pairs if _key(pair) not in known}

    async def turn_to(self, arena_id: UUID, version: int) -> int:
        """Close what is open of other versions, open what was closed of this one."""
        closed = 0
        for take in [take for take in self._takes.values() if take.arena_id == arena_id]:
            if take.version == version and take.state == "closed":
                self._takes[take.battle_id] = replace(take, state="open")
            elif take.version != version and take.state == "open":
                self._takes[take.battle_id] = replace(take, state="closed", seat=None)
                closed += 1
        return closed

    async def take(self, wish: Wish) -> Take | None:
        """Give a rater a pair, with a battle that can be voted on; None: there is none for them."""
        found = await self._to_come(wish.arena_id, wish.version, wish.voter, wish.playing)
        while choice := choose(found, at=wish.at, lasts=wish.lasts, order=wish.order):
            if take := await self._give(wish, choice):
                return take
            found = [one for one in found if one.pair.id != choice.pair.id]
        return None

    async def count_answers(self, battle_id: UUID) -> None:
        """Add those answers of a pair to the sums that no vote was cast on before."""
        take = self._takes[battle_id]
        prompt = self._pairs[take.pair_id].prompt_id
        (record,) = await self._battles.turns(battle_id)
        fresh = [a for a in record.answers.values() if (prompt, a.contestant_id) not in self._voted]
        self._voted |= {(prompt, answer.contestant_id) for answer in fresh}
        if fresh:
            self._counts.add_answers(take.arena_id, fresh)

    async def renew(self, battle_id: UUID, *, at: datetime, lasts: timedelta) -> Take | None:
        """Hold an open pair for its rater again; without its place, take one if there is one."""
        take = self._takes.get(battle_id)
        if take is None or take.state != "open":
            return take
        seat = take.seat
        if seat is None:
            pair = self._pairs[take.pair_id]
            seat = free_seat(pair, self._busy(pair))
            if seat is None:
                return take
        grown = self._generation(take.arena_id)
        held = replace(take, seat=seat, expires_at=at + lasts, generation=grown)
        self._takes[battle_id] = held
        return held

    async def release(self, battle_id: UUID) -> Take | None:
        """Leave an open pair to others; return the take as it is now."""
        take = self._takes.get(battle_id)
        if take is not None and take.state == "open":
            take = self._takes[battle_id] = replace(take, state="skipped", seat=None)
        return take

    async def get(self, battle_id: UUID) -> Take | None:
        """Return one take."""
        return self._takes.get(battle_id)

    async def takes(self, arena_id: UUID, version: int, voter: str) -> list[Take]:
        """Return a rater's takes of one version, by number."""
        mine = [t for t in self._of(arena_id, version) if t.voter == voter]
        return sorted(mine, key=lambda take: take.number)

    async def totals(self, arena_id: UUID, version: int, playing: Collection[UUID]) -> QueueTotals:
        """Add up a version's pairs whose contestants are playing and whose prompt is there."""
        pairs = await self._playing(arena_id, version, playing)
        return QueueTotals(
            pairs=len(pairs),
            pairs_done=sum(pair.done >= pair.wanted for pair in pairs),
            overlap=sum(pair.wanted > 1 for pair in pairs),
            wanted=sum(pair.wanted for pair in pairs),
            done=sum(min(pair.done, pair.wanted) for pair in pairs),
        )

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
        """Say how far a rater is."""
        found = await self._to_come(arena_id, version, voter, playing)
        free = sum(obtainable(one, at=at, lasts=lasts) for one in found)
        mine = await self.takes(arena_id, version, voter)
        return RaterStanding(
            done=sum(take.state == "voted" for take in mine),
            open=sum(take.state == "open" and take.seat is not None for take in mine),
            free=free,
            waiting=len(found) - free,
        )

    async def raters(self, arena_id: UUID, version: int) -> list[RaterCount]:
        """Return what each rater has done, by voter and group."""
        takes = self._of(arena_id, version)
        keys = sorted({(t.voter, t.group) for t in takes}, key=lambda key: (key[0], key[1] or ""))
        return [
            RaterCount(
                voter,
                group,
                voted=sum(take.state == "voted" for take in mine),
                skipped=sum(take.state == "skipped" for take in mine),
                open=sum(take.state == "open" and take.seat is not None for take in mine),
                late=sum(take.state == "voted" and take.late for take in mine),
            )
            for voter, group in keys
            for mine in [[t for t in takes if (t.voter, t.group) == (voter, group)]]
        ]

    async def ratings(self, arena_id: UUID, version: int) -> list[Rating]:
        """Return the counted votes on pairs that two or more raters voted on, by pair."""
        voted = [take for take in self._of(arena_id, version) if take.state == "voted"]
        rated = [take.pair_id for take in voted]
        found = []
        for take in voted:
            battle = await self._battles.get(take.battle_id)
            if battle is None or rated.count(take.pair_id) < 2:
                continue
            a_is_first = battle.contestant_a == self._pairs[take.pair_id].first
            found += [
                Rating(
                    take.pair_id,
                    take.voter,
                    take.group,
                    choice_of(vote.outcome, a_is_first=a_is_first),
                )
                for vote in self._counts.votes
                if vote.battle_id == take.battle_id and self._counts.excluded_now(vote) is None
            ]
        return sorted(found, key=lambda rating: (rating.pair_id, rating.voter))

    def finish(self, battle_id: UUID) -> None:
        """Mark the take of a battle that got its vote."""
        take = self._takes.get(battle_id)
        if take is None or take.state == "voted":
            return
        pair = self._pairs[take.pair_id]
        others = [one for one in self._busy(pair) if one.battle_id != battle_id]
        late = take.seat is None and len(others) >= pair.wanted
        self._takes[battle_id] = replace(take, state="voted", late=late)
        self._pairs[pair.id] = replace(pair, done=pair.done + 1)

    async def _give(self, wish: Wish, choice: Choice) -> Take | None:
        pair = choice.pair
        known = {a.contestant_id: a for a in await self._prepared.of_prompt(pair.prompt_id)}
        good = {key for key, answer in known.items() if answer.fault is None}
        if not {pair.first, pair.second} <= good:
            return None
        if choice.instead_of is not None:
            old = choice.instead_of.battle_id
            self._takes[old] = replace(self._takes[old], seat=None)
        battle = wish.battle_of(pair)
        prompts = await self._prompts(wish.arena_id)
        turn = Turn(
            id=uuid7(),
            battle_id=battle.id,
            number=1,
            attempt=1,
            content=next(p.text for p in prompts if p.id == pair.prompt_id),
            status="complete",
            created_at=wish.at,
            origin="prepared",
        )
        answers = {s: known[battle.contestant(s)].as_answer(turn.id, s) for s in SIDES}
        await self._battles.add(battle)
        self._battles.keep(TurnRecord(turn, answers))
        mine = await self.takes(wish.arena_id, wish.version, wish.voter)
        take = Take(
            battle_id=battle.id,
            pair_id=pair.id,
            arena_id=wish.arena_id,
            version=wish.version,
            voter=wish.voter,
            number=len(mine) + 1,
            given_at=wish.at,
            expires_at=wish.at + wish.lasts,
            seat=choice.seat,
            generation=self._generation(wish.arena_id),
            group=wish.group,
        )
        self._takes[battle.id] = take
        return take

    async def _playing(
        self, arena_id: UUID, version: int, playing: Collection[UUID]
    ) -> list[QueuePair]:
        prompts = {prompt.id for prompt in await self._prompts(arena_id)}
        return [
            pair
            for pair in await self.planned(arena_id, version)
            if {pair.first, pair.second} <= set(playing) and pair.prompt_id in prompts
        ]

    async def _to_come(
        self, arena_id: UUID, version: int, voter: str, playing: Collection[UUID]
    ) -> list[Candidate]:
        had = {take.pair_id for take in self._of(arena_id, version) if take.voter == voter}
        return [
            Candidate(pair, tuple(self._busy(pair)))
            for pair in await self._playing(arena_id, version, playing)
            if pair.id not in had and pair.done < pair.wanted
        ]

    def _busy(self, pair: QueuePair) -> list[Take]:
        takes = [take for take in self._takes.values() if take.pair_id == pair.id]
        return [take for take in takes if take.seat is not None or take.state == "voted"]

    def _of(self, arena_id: UUID, version: int) -> list[Take]:
        return [t for t in self._takes.values() if (t.arena_id, t.version) == (arena_id, version)]

    def _generation(self, arena_id: UUID) -> int:
        takes = [take.generation for take in self._takes.values() if take.arena_id == arena_id]
        return max(takes, default=0) + 1


def _key(pair: QueuePair) -> tuple[UUID, int, UUID, UUID, UUID]:
    return pair.arena_id, pair.version, pair.prompt_id, pair.first, pair.second
