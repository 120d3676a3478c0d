"""The review queue in SQL: its plan, and pairs given to raters, renewed and left."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from blindarena.domain.queue import (
    QueuePair,
    QueueTotals,
    RaterCount,
    RaterStanding,
    Rating,
    Take,
    Wish,
)
from blindarena.domain.queue_choice import choose, free_seat
from blindarena.storage.import_tables import prepared_answers
from blindarena.storage.queue_giving import Giving, generation
from blindarena.storage.queue_progress import rater_counts, ratings_of, totals_of
from blindarena.storage.queue_rows import (
    LOCK,
    OF_VERSION,
    PAIRS,
    TAKES,
    candidates,
    pair_of,
    pair_row,
    take_of,
    takes_of,
    with_takes,
)
from blindarena.storage.queue_standing import standing_of
from blindarena.storage.queue_tables import queue_pairs, queue_takes
from blindarena.storage.runner import Runner

_PLANNED = PAIRS.where(*OF_VERSION).order_by(queue_pairs.c.block, queue_pairs.c.id)
_ONE_PAIR = PAIRS.where(queue_pairs.c.id == bindparam("pair"))
_GET = TAKES.where(queue_takes.c.battle_id == bindparam("battle"))
_OF_VOTER = TAKES.where(
    queue_takes.c.arena_id == bindparam("arena_id"),
    queue_takes.c.version == bindparam("version"),
    queue_takes.c.voter == bindparam("voter"),
).order_by(queue_takes.c.number)
_ANSWERED = (
    select(func.count())
    .select_from(prepared_answers)
    .where(prepared_answers.c.arena_id == bindparam("arena_id"), prepared_answers.c.fault.is_(None))
)
_CLOSE = (
    update(queue_takes)
    .where(
        queue_takes.c.arena_id == bindparam("arena"),
        queue_takes.c.version != bindparam("current"),
        queue_takes.c.state == "open",
    )
    .values(state="closed", seat=None)
)
_REOPEN = (
    update(queue_takes)
    .where(
        queue_takes.c.arena_id == bindparam("arena"),
        queue_takes.c.version == bindparam("current"),
        queue_takes.c.state == "closed",
    )
    .values(state="open")
)
_HOLD = (
    update(queue_takes)
    .where(queue_takes.c.battle_id == bindparam("battle"), queue_takes.c.state == "open")
    .values(seat=bindparam("place"), expires_at=bindparam("until"), generation=bindparam("growing"))
)
_RELEASE = (
    update(queue_takes)
    .where(queue_takes.c.battle_id == bindparam("battle"), queue_takes.c.state == "open")
    .values(state="skipped", seat=None)
)


class Queue:
    """Pairs to be rated, and who holds them."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = runner.insert(queue_pairs).on_conflict_do_nothing()
        self._giving = Giving(runner)

    async def answered(self, arena_id: UUID) -> int:
        """Return how many prepared answers there are that did not fail."""
        values = {"arena_id": arena_id}
        return await self._run.read(lambda c: int(c.execute(_ANSWERED, values).scalar_one()))

    async def planned(self, arena_id: UUID, version: int) -> list[QueuePair]:
        """Return the pairs of a version, in order of block and id."""
        values = {"arena_id": arena_id, "version": version}
        return await self._run.read(lambda c: [pair_of(row) for row in c.execute(_PLANNED, values)])

    async def add_pairs(self, pairs: Sequence[QueuePair]) -> None:
        """Store pairs; one that is there already stays as it is."""
        rows = [pair_row(pair) for pair in pairs]
        if rows:
            await self._run.write(lambda c: c.execute(self._add_pairs, rows).close())

    async def turn_to(self, arena_id: UUID, version: int) -> int:
        """Close what is open of other versions, open what was closed of this one."""
        values = {"arena": arena_id, "current": version}

        def work(connection: Connection) -> int:
            connection.execute(LOCK, {"arena": arena_id})
            connection.execute(_REOPEN, values)
            return connection.execute(_CLOSE, values).rowcount

        return await self._run.write(work)

    async def take(self, wish: Wish) -> Take | None:
        """Give a rater a pair, with a battle that can be voted on; None: there is none for them."""
        values = {
            "arena_id": wish.arena_id,
            "version": wish.version,
            "voter": wish.voter,
            "playing": sorted(wish.playing),
        }

        def work(connection: Connection) -> Take | None:
            connection.execute(LOCK, {"arena": wish.arena_id})
            start = 0
            while found := candidates(connection, values, start):
                start += len(found)
                while choice := choose(found, at=wish.at, lasts=wish.lasts, order=wish.order):
                    if given := self._giving(connection, wish, choice):
                        return given
                    found = [one for one in found if one.pair.id != choice.pair.id]
            return None

        return await self._run.write(work)

    async def count_answers(self, battle_id: UUID) -> None:
        """Add those answers of a pair to the sums that no vote was cast on before."""
        await self._run.write(lambda c: self._giving.count_answers(c, battle_id))

    async def renew(self, battle_id: UUID, *, at: datetime, lasts: timedelta) -> Take | None:
        """Hold an open pair for its rater again; without its place, take one if there is one."""

        def work(connection: Connection) -> Take | None:
            take = self._locked(connection, battle_id)
            if take is None or take.state != "open":
                return take
            seat = take.seat
            if seat is None:
                pair = pair_of(connection.execute(_ONE_PAIR, {"pair": take.pair_id}).one())
                seat = free_seat(pair, with_takes(connection, [pair])[0].takes)
                if seat is None:
                    return take
            held = replace(
                take,
                seat=seat,
                expires_at=at + lasts,
                generation=generation(connection, take.arena_id),
            )
            values = {"battle": battle_id, "place": seat, "until": held.expires_at}
            connection.execute(_HOLD, values | {"growing": held.generation})
            return held

        return await self._run.write(work)

    async def release(self, battle_id: UUID) -> Take | None:
        """Leave an open pair to others; return the take as it is now."""

        def work(connection: Connection) -> Take | None:
            if self._locked(connection, battle_id) is None:
                return None
            connection.execute(_RELEASE, {"battle": battle_id})
            return _get(connection, battle_id)

        return await self._run.write(work)

    async def get(self, battle_id: UUID) -> Take | None:
        """Return one take."""
        return await self._run.read(lambda connection: _get(connection, battle_id))

    async def takes(self, arena_id: UUID, version: int, voter: str) -> list[Take]:
        """Return a rater's takes of one version, by number."""
        values = {"arena_id": arena_id, "version": version, "voter": voter}
        return await self._run.read(lambda c: takes_of(c.execute(_OF_VOTER, values)))

    async def totals(self, arena_id: UUID, version: int, playing: Collection[UUID]) -> QueueTotals:
        """Add up a version's pairs whose contestants are playing and whose prompt is there."""
        return await self._run.read(lambda c: totals_of(c, arena_id, version, playing))

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
        """Say how far a rater is, as of one moment."""
        return await self._run.read(
            lambda c: standing_of(c, arena_id, version, voter, playing=playing, at=at, lasts=lasts)
        )

    async def raters(self, arena_id: UUID, version: int) -> list[RaterCount]:
        """Return what each rater has done, by voter and group."""
        return await self._run.read(lambda c: rater_counts(c, arena_id, version))

    async def ratings(self, arena_id: UUID, version: int) -> list[Rating]:
        """Return the counted votes on pairs that two or more raters voted on, by pair."""
        return await self._run.read(lambda c: ratings_of(c, arena_id, version))

    @staticmethod
    def _locked(connection: Connection, battle_id: UUID) -> Take | None:
        """Return a take as it is once its arena's row is ours."""
        take = _get(connection, battle_id)
        if take is None:
            return None
        connection.execute(LOCK, {"arena": take.arena_id})
        return _get(connection, battle_id)


def _get(connection: Connection, battle_id: UUID) -> Take | None:
    row = connection.execute(_GET, {"battle": battle_id}).one_or_none()
    return None if row is None else take_of(row)
