"""A voter's later word on the same battle, in SQL: a row that retracts, and a new vote."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from blindarena.domain.battles import Vote
from blindarena.domain.exclusions import RETRACTED, TOO_FAST
from blindarena.domain.ids import uuid7
from blindarena.domain.tallies import pair_count_of
from blindarena.domain.usable import JudgedSide, SideUse
from blindarena.errors import BattleStateError
from blindarena.storage.counts import BUMP, Growth, add_pairs, drop_empty, grown
from blindarena.storage.effective import CHANGED_AT, EXCLUDED_NOW
from blindarena.storage.queue_tables import queue_takes
from blindarena.storage.runner import Runner
from blindarena.storage.standing import excluded_voters
from blindarena.storage.tables import battles, votes
from blindarena.storage.usable import Moved, add_usable, cast_usable, move_usable
from blindarena.storage.usable_tables import usable_votes

_FIELDS = tuple(field.name for field in fields(Vote))
_TICK = timedelta(microseconds=1)
_TIMED = 30
"""Latest pairs whose times are looked at."""
_LOCK = (
    select(battles.c.id)
    .where(battles.c.id == bindparam("battle"))
    .with_for_update(
        key_share=True  # rows of exclusions that point at its vote do not wait for it: no deadlock
    )
)
_LATEST = (
    select(*(votes.c[name] for name in _FIELDS))
    .where(votes.c.battle_id == bindparam("battle"), votes.c.points_at.is_(None))
    .order_by(votes.c.revision.desc())
    .limit(1)
)
_STANDS = _LATEST.add_columns(
    EXCLUDED_NOW.label("excluded_now"),
    CHANGED_AT.label("changed_at"),
)
_SIDES = select(battles.c.contestant_a, battles.c.contestant_b).where(
    battles.c.id == bindparam("battle")
)
_ADD = insert(votes)
_USABLE = (
    select(
        usable_votes.c.side,
        usable_votes.c.contestant_id,
        usable_votes.c.send,
        usable_votes.c.breaks_policy,
    )
    .where(usable_votes.c.vote_id == bindparam("vote"))
    .order_by(usable_votes.c.side)
)
_SECONDS = (
    select(votes.c.seconds)
    .join_from(queue_takes, votes, votes.c.battle_id == queue_takes.c.battle_id)
    .where(
        queue_takes.c.arena_id == bindparam("arena_id"),
        queue_takes.c.version == bindparam("version"),
        queue_takes.c.voter == bindparam("voter"),
        votes.c.points_at.is_(None),
        votes.c.revision == 0,
        votes.c.seconds.is_not(None),
    )
    .order_by(queue_takes.c.number.desc())
    .limit(_TIMED)
)


class VoteChanges:
    """A voter's later word on the same battle."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = add_pairs(runner)
        self._add_usable = add_usable(runner)

    async def latest(self, battle_id: UUID) -> Vote | None:
        """Return the latest decisive vote on a battle, excluded as it was when cast."""

        def work(connection: Connection) -> Vote | None:
            row = connection.execute(_LATEST, {"battle": battle_id}).one_or_none()
            return None if row is None else _vote(row)

        return await self._run.read(work)

    async def usable_of(self, vote_id: UUID) -> tuple[JudgedSide, ...]:
        """Return what a vote says of both sides; empty where it was not asked."""
        return await self._run.read(
            lambda c: tuple(
                JudgedSide(row.side, row.contestant_id, SideUse(row.send, row.breaks_policy))
                for row in c.execute(_USABLE, {"vote": vote_id})
            )
        )

    async def seconds(self, arena_id: UUID, version: int, voter: str) -> list[float]:
        """Return the times a rater took over their latest pairs of the queue, in seconds."""
        values = {"arena_id": arena_id, "version": version, "voter": voter}
        return await self._run.read(lambda c: [float(s) for s in c.scalars(_SECONDS, values)])

    async def change(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Put a vote in the place of the one the battle has, durably, in one transaction.

        Returns:
            Why the new vote does not count; None counts.

        Raises:
            BattleStateError: the battle has no vote.
            StorageError: it could not be stored.
        """
        pair = {"first": first, "second": second}
        count = pair_count_of(vote.outcome, **pair, wins_first=wins_first)

        def work(connection: Connection) -> str | None:
            # As with a first vote: the battle's row, then the arena's; the rest is ours then.
            connection.execute(_LOCK, {"battle": vote.battle_id})
            connection.execute(BUMP, {"arena": vote.arena_id})
            row = connection.execute(_STANDS, {"battle": vote.battle_id}).one_or_none()
            if row is None:
                raise BattleStateError("this battle has no vote that could be changed")
            old, stands, changed_at = _vote(row[:-2]), row.excluded_now, row.changed_at
            excluded = vote.excluded if stands in (None, TOO_FAST) else stands
            if stands == TOO_FAST and excluded is None:
                # The owner's exclusion of a voter leaves alone what a rule has left out already.
                out = excluded_voters(connection, [vote])
                excluded = out.get((vote.arena_id, vote.voter))
            new = replace(vote, revision=old.revision + 1, excluded=excluded)
            at = vote.created_at if changed_at is None else max(vote.created_at, changed_at + _TICK)
            retraction = replace(old, id=uuid7(), created_at=at, excluded=RETRACTED)
            retraction = replace(retraction, reasons=(), comment="", seconds=None)
            connection.execute(_ADD, _row(retraction) | {"points_at": old.id})
            connection.execute(_ADD, _row(new) | {"points_at": None})
            sides = connection.execute(_SIDES, {"battle": vote.battle_id}).one()
            winner = sides.contestant_a if old.outcome == "model_a" else sides.contestant_b
            before = pair_count_of(old.outcome, **pair, wins_first=winner == first)
            place = (vote.arena_id, old.category)
            growth = [
                Growth(*place, stands, before, times=-1, version=old.version),
                Growth(*place, RETRACTED, before, version=old.version),
                Growth(vote.arena_id, new.category, new.excluded, count, version=new.version),
            ]
            connection.execute(self._add_pairs, grown(growth))
            drop_empty(connection, vote.arena_id)
            moved = Moved(old.id, *place, old.version, stands, RETRACTED)
            move_usable(connection, self._add_usable, [moved])
            cast_usable(connection, self._add_usable, [(new, usable)])
            return new.excluded

        return await self._run.write(work)


def _row(vote: Vote) -> dict[str, Any]:
    return {name: getattr(vote, name) for name in _FIELDS}


def _vote(row: Any) -> Vote:
    values = dict(zip(_FIELDS, row, strict=True))
    return Vote(**{**values, "reasons": tuple(values["reasons"])})
