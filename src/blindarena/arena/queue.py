"""The review queue for one rater: the next pair, the one before, how far they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import median
from uuid import UUID

from blindarena.arena.closing import check_not_closed, has_closed
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, Clock
from blindarena.arena.queue_draws import first_is_a, order_of
from blindarena.arena.queue_planning import QueuePlanner
from blindarena.arena.queue_ports import Queue, VoteChanges
from blindarena.arena.queue_raters import Rater, Raters
from blindarena.arena.queue_views import Shown, Standing
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Battle, Session
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueuePair, Take, Wish
from blindarena.errors import NotFoundError

_TIMES_FOR_ESTIMATE = 3


class QueueService:
    """Gives raters their pairs, one after the other, and holds each for a while.

    Args:
        now: the clock, in UTC; reservations end by it, but no vote is lost when it is changed.
    """

    def __init__(
        self,
        *,
        queue: Queue,
        raters: Raters,
        planner: QueuePlanner,
        battles: Battles,
        changes: VoteChanges,
        pool: ContestantPool,
        now: Clock,
    ) -> None:
        self._queue = queue
        self._raters = raters
        self._planner = planner
        self._battles = battles
        self._changes = changes
        self._pool = pool
        self._now = now

    async def join(self, session: Session, arena: Arena, token: str | None) -> Standing:
        """Take part, by an invite's token or, where the queue is open to all, without.

        Raises:
            ForbiddenError, NotFoundError, InvalidInputError, ConsentError, ReadOnlyError
        """
        rater = await self._raters.join(session, arena, token)
        await self._planner.ensure(arena)
        return await self._standing(arena, rater)

    async def standing(self, session: Session, arena: Arena) -> Standing:
        """Say how far this rater and the arena are.

        Raises:
            ForbiddenError: the session has not joined.
        """
        rater = await self._raters.rater(session, arena)
        await self._planner.ensure(arena)
        return await self._standing(arena, rater)

    async def next(
        self, session: Session, arena: Arena, *, after: UUID | None = None
    ) -> Shown | Standing:
        """Hold the rater's next pair and return it, or where they are when nothing is left.

        After one of the rater's earlier pairs comes the one they had next; after the last, or
        without `after` where none is open, a new one. What was left open comes at the end again.

        Raises:
            ForbiddenError: the session has not joined.
            ArenaClosedError: the deadline has passed, and the rater has left no pair open.
            LoginRequiredError: a login is needed by now, and the rater has left no pair open.
        """
        shown = await self.following(session, arena, after=after)
        if isinstance(shown, Standing):
            check_not_closed(arena, self._now())
            await self._raters.check_may_begin(session, arena)
        return shown

    async def following(
        self, session: Session, arena: Arena, *, after: UUID | None = None
    ) -> Shown | Standing:
        """Return the same for whoever has just done something; the end is no error then.

        Raises:
            ForbiddenError: the session has not joined.
        """
        rater = await self._raters.rater(session, arena)
        await self._planner.ensure(arena)
        takes = await self._queue.takes(arena.id, arena.version, rater.voter)
        last = next((take for take in takes if take.battle_id == after), None)
        opened = [take for take in takes if take.state == "open"]
        if last is None:
            return (
                await self._first(arena, rater, opened)
                or await self._new(arena, rater)
                or await self._standing(arena, rater)
            )
        following = [t for t in takes if t.number > last.number and t.state in ("open", "voted")]
        rest = [take for take in opened if take.number < last.number]
        return (
            await self._first(arena, rater, following)
            or await self._new(arena, rater)
            or await self._first(arena, rater, [*rest, *(t for t in opened if t == last)])
            or await self._standing(arena, rater)
        )

    async def pair(self, session: Session, arena: Arena, battle_id: UUID) -> Shown:
        """Return a pair that this rater had before, held again where it has no vote yet.

        Raises:
            NotFoundError, ForbiddenError, ChangedMeanwhileError
        """
        rater = await self._raters.rater(session, arena)
        await self._planner.ensure(arena)
        take = await self._raters.own(rater, arena, battle_id)
        held = await self._hold(arena, take) if take.state == "open" else take
        return await self._shown(arena, rater, held or take)

    async def skip(self, session: Session, arena: Arena, battle_id: UUID) -> Shown | Standing:
        """Leave a pair to others and return the next; a pair with a vote keeps it.

        Raises:
            NotFoundError, ForbiddenError, ChangedMeanwhileError
        """
        rater = await self._raters.rater(session, arena)
        take = await self._raters.own(rater, arena, battle_id)
        await self._queue.release(take.battle_id)
        return await self.following(session, arena, after=battle_id)

    async def _first(self, arena: Arena, rater: Rater, takes: Sequence[Take]) -> Shown | None:
        """Return the first of these that is voted on or can be held again."""
        for take in takes:
            if take.state == "voted":
                return await self._shown(arena, rater, take)
            held = await self._hold(arena, take)
            if held is not None and held.seat is not None:
                return await self._shown(arena, rater, held)
        return None

    async def _hold(self, arena: Arena, take: Take) -> Take | None:
        return await self._queue.renew(take.battle_id, at=self._now(), lasts=_lasts(arena))

    async def _new(self, arena: Arena, rater: Rater) -> Shown | None:
        at = self._now()
        if has_closed(arena, at) or not rater.may_begin:
            return None
        order = order_of(rater.voter, arena.id, arena.version)
        on_a = first_is_a(rater.voter, arena.id, arena.version)

        def battle_of(pair: QueuePair) -> Battle:
            a, b = (pair.first, pair.second) if on_a(pair.id) else (pair.second, pair.first)
            return Battle(
                id=uuid7(),
                arena_id=arena.id,
                session_id=rater.session.id,
                voter=rater.voter,
                contestant_a=a,
                contestant_b=b,
                probability=pair.probability,
                policy="queue",
                consent_version=arena.consent.version,
                created_at=at,
                status="votable",
                mode="queue",
                prompt_id=pair.prompt_id,
                version=arena.version,
                voter_group=rater.group,
            )

        take = await self._queue.take(
            Wish(
                arena_id=arena.id,
                version=arena.version,
                voter=rater.voter,
                group=rater.group,
                playing=await self._planner.playing(arena),
                at=at,
                lasts=_lasts(arena),
                order=order,
                battle_of=battle_of,
            )
        )
        return None if take is None else await self._shown(arena, rater, take)

    async def _shown(self, arena: Arena, rater: Rater, take: Take) -> Shown:
        battle = await self._battles.get(take.battle_id)
        turns = await self._battles.turns(take.battle_id)
        if battle is None or battle.prompt_id is None or not turns:
            raise NotFoundError(f"this review queue has no pair {take.battle_id}")
        takes = await self._queue.takes(arena.id, arena.version, rater.voter)
        before = [one for one in takes if one.number < take.number]
        vote = await self._changes.latest(take.battle_id) if take.state == "voted" else None
        answers = turns[-1].answers
        return Shown(
            battle_id=take.battle_id,
            number=take.number,
            prompt=await self._pool.prompt(arena, battle.prompt_id),
            text_a=answers["a"].text,
            text_b=answers["b"].text,
            usable_answer=arena.usable_answer,
            reasons=arena.reasons,
            previous=before[-1].battle_id if before else None,
            expires_at=take.expires_at,
            vote=vote,
            usable=await self._changes.usable_of(vote.id) if vote else (),
            standing=await self._standing(arena, rater),
        )

    async def _standing(self, arena: Arena, rater: Rater) -> Standing:
        playing, at = await self._planner.playing(arena), self._now()
        totals = await self._queue.totals(arena.id, arena.version, playing)
        own = await self._queue.standing(
            arena.id, arena.version, rater.voter, playing=playing, at=at, lasts=_lasts(arena)
        )
        if has_closed(arena, at) or not rater.may_begin:
            own = replace(own, free=0, waiting=0)
        left = own.open + own.free
        times = await self._changes.seconds(arena.id, arena.version, rater.voter)
        return Standing(
            group=rater.group,
            done=own.done,
            total=own.done + left,
            arena_done=totals.done,
            arena_total=totals.wanted,
            overlap_share=totals.overlap / totals.pairs if totals.pairs else 0.0,
            waiting=own.waiting,
            minutes_left=median(times) * left / 60 if len(times) >= _TIMES_FOR_ESTIMATE else None,
        )


def _lasts(arena: Arena) -> timedelta:
    return timedelta(minutes=arena.queue.reservation_minutes)
