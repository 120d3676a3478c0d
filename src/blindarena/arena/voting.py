"""The vote, the reveal and the voter's mirror."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.arena.ballots import check_ballot
from blindarena.arena.battles import BattleService
from blindarena.arena.mirror import MIRROR_NEEDS, Mirror, Seen, mirror_of
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock, Votes
from blindarena.arena.queue_ports import VoteChanges
from blindarena.arena.repeats import Repeats
from blindarena.arena.reveals import Reveal, revealed_side, style_over
from blindarena.domain.arenas import Arena, Prompt
from blindarena.domain.battles import (
    NAMED,
    SIDES,
    Battle,
    Outcome,
    Session,
    Side,
    TurnRecord,
    Vote,
)
from blindarena.domain.exclusions import early_reason, told_to_voter
from blindarena.domain.ids import uuid7
from blindarena.domain.replay import Breach
from blindarena.domain.usable import Usable, judged_sides
from blindarena.errors import BattleStateError

_MIRROR_WINDOW = 100
BreachBook = Mapping[tuple[str, str], Breach]
"""(contestant name, prompt key) -> the planted breach of a scripted answer."""


class VotingService:
    """Takes the one decisive vote of a battle and tells who the contestants were.

    Args:
        repeats: marks first messages, for the rule about those that are the same.
        breaches: planted breaches by arena slug, for replay arenas.
    """

    def __init__(
        self,
        *,
        votes: Votes,
        changes: VoteChanges,
        battles: BattleService,
        pool: ContestantPool,
        repeats: Repeats,
        now: Clock,
        breaches: Mapping[str, BreachBook],
    ) -> None:
        self.stored: Counter[str] = Counter()
        self._votes = votes
        self._changes = changes
        self._battles = battles
        self._pool = pool
        self._repeats = repeats
        self._now = now
        self._breaches = breaches

    async def vote(
        self,
        session: Session,
        battle_id: UUID,
        *,
        outcome: Outcome,
        reasons: Sequence[str] = (),
        comment: str = "",
        usable: Usable | None = None,
    ) -> Reveal:
        """Store a vote durably and reveal the contestants; it returns after the commit.

        Args:
            session: whose vote it is.
            battle_id: on which battle.
            outcome: which answer is better.
            reasons: of the arena's chips.
            comment: free text.
            usable: what the voter would do with each answer; needed where the arena asks.

        Raises:
            InvalidInputError: an unknown outcome or reason; `usable` where it is not asked, or not
                where it is.
            DuplicateVoteError, BattleStateError, ForbiddenError, NotFoundError
        """
        known = await self._battles.known(session, battle_id)
        battle, turns = known.battle, complete(known.turns)
        if battle.mode == "direct":
            raise BattleStateError("a chat with one contestant takes no vote")
        arena = await self._pool.arena(battle.arena_id)
        named = battle.mode in NAMED
        check_ballot(arena, outcome=outcome, reasons=reasons, usable=usable, named=named)
        leaked = any(answer.leaked for record in turns for answer in record.answers.values())
        at = self._now()
        seconds = seconds_to_vote(turns, at)
        vote = Vote(
            id=uuid7(),
            battle_id=battle.id,
            arena_id=battle.arena_id,
            voter=battle.voter,
            outcome=outcome,
            created_at=at,
            category=await self._category(arena, battle),
            reasons=tuple(dict.fromkeys(reasons)),
            comment=await self._battles.screening.comment(arena, battle.id, comment.strip()),
            version=battle.version,
            excluded=early_reason(leaked=leaked, seconds=seconds, rules=arena.rules, named=named),
            seconds=seconds,
            prompt_mark=await self._repeats.mark(battle, turns),
        )
        first, second = sorted((battle.contestant_a, battle.contestant_b))
        winner = battle.contestant_a if outcome == "model_a" else battle.contestant_b
        reason = await self._votes.record(
            vote,
            first=first,
            second=second,
            wins_first=winner == first,
            rules=arena.rules,
            usable=judged_sides(usable, battle),
        )
        self.stored[arena.slug] += 1
        self._battles.forget(battle_id)
        return await self._reveal(arena, battle, turns, replace(vote, excluded=reason))

    async def revealed(self, arena: Arena, battle: Battle) -> Reveal | None:
        """Return the reveal card of a battle that has its vote, else None.

        In the review queue there is none: its votes may be changed.
        """
        if battle.status != "voted" or battle.mode == "queue":
            return None
        vote = await self._changes.latest(battle.id)
        if vote is None:
            return None
        return await self._reveal(
            arena, battle, complete(await self._battles.turns(battle.id)), vote
        )

    async def mirror(self, session: Session, arena: Arena, voter: str) -> tuple[int, Mirror | None]:
        """Return how many more decisive votes the mirror needs, and the mirror once that is 0."""
        votes = await self._votes.of_voter(arena.id, voter, limit=_MIRROR_WINDOW)
        missing = MIRROR_NEEDS - sum(v.outcome in ("model_a", "model_b") for v in votes)
        if missing > 0:
            return missing, None
        return 0, mirror_of([await self._seen(session, arena, vote) for vote in votes])

    async def votes_of(self, arena: Arena, voter: str) -> int:
        """Return how many votes this voter has cast here."""
        return await self._votes.count_of_voter(arena.id, voter)

    async def _seen(self, session: Session, arena: Arena, vote: Vote) -> Seen:
        battle = await self._battles.mine(session, vote.battle_id)
        turns = complete(await self._battles.turns(vote.battle_id))
        styles = {side: style_over([record.answers[side] for record in turns]) for side in SIDES}
        breaches = {side: await self._breach(arena, battle, side) for side in SIDES}
        prompt = await self._prompt(arena, battle)
        return Seen(
            ticket=(prompt.title or prompt.key) if prompt else "",
            outcome=vote.outcome,
            style_a=styles["a"],
            style_b=styles["b"],
            breach_a=breaches["a"],
            breach_b=breaches["b"],
        )

    async def _prompt(self, arena: Arena, battle: Battle) -> Prompt | None:
        if battle.prompt_id is None:
            return None
        return await self._pool.prompt(arena, battle.prompt_id)

    async def _category(self, arena: Arena, battle: Battle) -> str:
        prompt = await self._prompt(arena, battle)
        return prompt.category if prompt else ""

    async def _breach(self, arena: Arena, battle: Battle, side: Side) -> Breach | None:
        book = self._breaches.get(arena.slug)
        prompt = await self._prompt(arena, battle) if book else None
        if not book or prompt is None:
            return None
        contestant = await self._pool.contestant(arena, battle.contestant(side))
        return book.get((contestant.name, prompt.key))

    async def _reveal(
        self, arena: Arena, battle: Battle, turns: Sequence[TurnRecord], vote: Vote
    ) -> Reveal:
        sides = {
            side: revealed_side(
                await self._pool.contestant(arena, battle.contestant(side)),
                [record.answers[side] for record in turns],
                await self._breach(arena, battle, side),
            )
            for side in SIDES
        }
        return Reveal(
            a=sides["a"],
            b=sides["b"],
            outcome=vote.outcome,
            counted=told_to_voter(vote.excluded) is None,
            excluded=told_to_voter(vote.excluded),
        )


def seconds_to_vote(turns: Sequence[TurnRecord], at: datetime) -> float | None:
    """Return the seconds from the end of the last turn's slower answer to the vote.

    None where that end was not measured.
    """
    if not turns:
        return None
    took = [answer.seconds for answer in turns[-1].answers.values()]
    known = [seconds for seconds in took if seconds is not None]
    if not known or len(known) < len(took):
        return None
    return (at - turns[-1].turn.created_at).total_seconds() - max(known)


def complete(turns: Sequence[TurnRecord]) -> list[TurnRecord]:
    """Keep the turns that both sides completed."""
    return [record for record in turns if record.turn.status == "complete"]
