"""Votes in the review queue: by the same rules as in a battle, without a reveal, and changeable."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from blindarena.arena.ballots import check_ballot
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, Clock, Votes
from blindarena.arena.queue_ports import Queue, VoteChanges
from blindarena.arena.queue_raters import Raters
from blindarena.arena.screening import Screening
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Battle, Outcome, Session, Vote
from blindarena.domain.exclusions import early_reason
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import Take
from blindarena.domain.usable import Usable, judged_sides
from blindarena.errors import DuplicateVoteError, NotFoundError


class QueueVoting:
    """Takes a rater's vote on a pair, and later words on the same pair.

    Who the contestants were stays untold: the rater may still go back and change a vote.

    Args:
        screening: looks at comments for personal data.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        *,
        votes: Votes,
        queue: Queue,
        changes: VoteChanges,
        battles: Battles,
        raters: Raters,
        pool: ContestantPool,
        screening: Screening,
        now: Clock,
    ) -> None:
        self.stored: Counter[str] = Counter()
        self._votes = votes
        self._queue = queue
        self._changes = changes
        self._battles = battles
        self._raters = raters
        self._pool = pool
        self._screening = screening
        self._now = now

    async def vote(
        self,
        session: Session,
        arena: Arena,
        battle_id: UUID,
        *,
        outcome: Outcome,
        reasons: Sequence[str] = (),
        comment: str = "",
        usable: Usable | None = None,
    ) -> UUID:
        """Store a vote durably, or put it in the place of the rater's earlier one.

        A pair that is no longer held for this rater still takes the vote: where others have taken
        it over, it counts as overlap. Saying the same again changes nothing.

        Returns:
            The vote's id, after the commit.

        Raises:
            InvalidInputError: an unknown outcome or reason, or `usable` against what is asked.
            ChangedMeanwhileError: the pair belongs to an earlier version of the arena.
            NotFoundError, ForbiddenError, ConsentError
        """
        rater = await self._raters.rater(session, arena)
        take = await self._raters.own(rater, arena, battle_id)
        check_ballot(arena, outcome=outcome, reasons=reasons, usable=usable)
        battle = await self._battles.get(battle_id)
        if battle is None:
            raise NotFoundError(f"this review queue has no pair {battle_id}")
        vote = await self._vote(arena, battle, take, outcome, reasons, comment)
        first, second = sorted((battle.contestant_a, battle.contestant_b))
        winner = battle.contestant_a if outcome == "model_a" else battle.contestant_b
        pair = {"first": first, "second": second}
        judged = judged_sides(usable, battle)
        if battle.status != "voted":
            try:
                await self._votes.record(
                    vote, **pair, wins_first=winner == first, rules=arena.rules, usable=judged
                )
            except DuplicateVoteError:
                pass  # the same rater's other request was faster; this one is the later word
            else:
                self.stored[arena.slug] += 1
                await self._queue.count_answers(battle_id)
                return vote.id
        old = await self._changes.latest(battle_id)
        same = old is not None and _says(old) == _says(vote)
        if old is not None and same and await self._changes.usable_of(old.id) == judged:
            return old.id
        await self._changes.change(vote, **pair, wins_first=winner == first, usable=judged)
        return vote.id

    async def _vote(
        self,
        arena: Arena,
        battle: Battle,
        take: Take,
        outcome: Outcome,
        reasons: Sequence[str],
        comment: str,
    ) -> Vote:
        turns = await self._battles.turns(battle.id)
        leaked = any(answer.leaked for turn in turns for answer in turn.answers.values())
        prompt = await self._pool.prompt(arena, battle.prompt_id) if battle.prompt_id else None
        at = self._now()
        seconds = (at - take.given_at).total_seconds()
        known = seconds if seconds >= 0 else None  # the clock was put back meanwhile
        return Vote(
            id=uuid7(),
            battle_id=battle.id,
            arena_id=arena.id,
            voter=battle.voter,
            outcome=outcome,
            created_at=at,
            category=prompt.category if prompt else "",
            reasons=tuple(dict.fromkeys(reasons)),
            comment=await self._screening.comment(arena, battle.id, comment.strip()),
            excluded=early_reason(leaked=leaked, seconds=known, rules=arena.rules),
            seconds=known,
            version=battle.version,
        )


def _says(vote: Vote) -> tuple[str, tuple[str, ...], str]:
    return vote.outcome, vote.reasons, vote.comment
