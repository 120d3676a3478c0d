"""The owner's exclusions in SQL: append-only rows that point at votes, and rows about voters."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select

from blindarena.domain.battles import VoterVote
from blindarena.domain.exclusions import NOT_BLIND, RETRACTED, RULES, VoterExclusion
from blindarena.domain.ids import uuid7
from blindarena.domain.tallies import pair_count_of
from blindarena.storage.counts import (
    BUMP,
    Growth,
    add_pairs,
    drop_empty,
    excluded_by_reason,
    grown,
)
from blindarena.storage.effective import CHANGED_AT, EXCLUDED_NOW, IS_RETRACTED
from blindarena.storage.runner import Runner
from blindarena.storage.tables import battles, voter_exclusions, votes
from blindarena.storage.usable import Moved, add_usable, move_usable

PAGE = 5_000
_TICK = timedelta(microseconds=1)
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
_AS_THEY_STAND = (
    select(
        votes.c.id,
        votes.c.battle_id,
        votes.c.voter,
        votes.c.outcome,
        votes.c.category,
        votes.c.version,
        EXCLUDED_NOW.label("excluded"),
        CHANGED_AT.label("changed_at"),
        battles.c.contestant_a,
        battles.c.contestant_b,
    )
    .join_from(votes, battles, battles.c.id == votes.c.battle_id)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        votes.c.points_at.is_(None),
        or_(votes.c.excluded.is_(None), votes.c.excluded != NOT_BLIND),
    )
    .order_by(votes.c.id)
)
_CHOSEN = _AS_THEY_STAND.where(votes.c.id.in_(bindparam("ids", expanding=True)))
_OF_VOTER = _AS_THEY_STAND.where(votes.c.voter == bindparam("voter"))
_ADD = insert(votes)
_ADD_VOTER = insert(voter_exclusions)
_LATEST_OF_VOTER = (
    select(voter_exclusions.c.reason, voter_exclusions.c.at)
    .where(
        voter_exclusions.c.arena_id == bindparam("arena_id"),
        voter_exclusions.c.voter == bindparam("voter"),
    )
    .order_by(voter_exclusions.c.at.desc())
    .limit(1)
)
_VOTERS_OUT = (
    select(voter_exclusions.c.voter, voter_exclusions.c.reason, voter_exclusions.c.at)
    .where(voter_exclusions.c.arena_id == bindparam("arena_id"))
    .order_by(voter_exclusions.c.at)
)
_LIKE = (
    select(votes.c.voter)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        func.substr(votes.c.voter, 1, bindparam("length")) == bindparam("beginning"),
    )
    .distinct()
    .limit(2)
)
_TESTED = (
    select(
        votes.c.id,
        votes.c.created_at,
        votes.c.voter,
        battles.c.contestant_a,
        battles.c.contestant_b,
        votes.c.outcome,
    )
    .join_from(votes, battles, battles.c.id == votes.c.battle_id)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        votes.c.points_at.is_(None),
        ~IS_RETRACTED,
        or_(votes.c.excluded.is_(None), votes.c.excluded.not_in(RULES)),
        votes.c.created_at >= bindparam("at"),  # this part is what the index is for
        or_(votes.c.created_at > bindparam("at"), votes.c.id > bindparam("last")),
    )
    .order_by(votes.c.created_at, votes.c.id)
    .limit(PAGE)
)


class Exclusions:
    """What the owner leaves out and lets count again; nothing is ever deleted."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = add_pairs(runner)
        self._add_usable = add_usable(runner)

    async def by_reason(self, arena_id: UUID) -> dict[str, int]:
        """Return how many votes do not count now, by reason."""
        return await self._run.read(lambda c: excluded_by_reason(c, arena_id))

    async def voters(self, arena_id: UUID) -> list[VoterExclusion]:
        """Return the voters who are excluded now, the latest first."""

        def work(connection: Connection) -> list[VoterExclusion]:
            latest: dict[str, VoterExclusion] = {}
            for voter, reason, at in connection.execute(_VOTERS_OUT, {"arena_id": arena_id}):
                latest.pop(voter, None)
                if reason is not None:
                    latest[voter] = VoterExclusion(voter, reason, at)
            return list(latest.values())[::-1]

        return await self._run.read(work)

    async def voters_like(self, arena_id: UUID, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so, two at most."""
        values = {"arena_id": arena_id, "beginning": beginning, "length": len(beginning)}
        return await self._run.read(lambda c: sorted(c.scalars(_LIKE, values)))

    async def set_votes(
        self, arena_id: UUID, ids: Sequence[UUID], *, reason: str | None, at: datetime
    ) -> int:
        """Exclude votes for a reason, or let them count again (None), in one transaction.

        Returns:
            How many votes changed; those that stand so already and those of other arenas do not.
        """
        values = {"arena_id": arena_id, "ids": list(ids)}

        def work(connection: Connection) -> int:
            connection.execute(BUMP, {"arena": arena_id})
            return self._change(connection, arena_id, _CHOSEN, values, lambda _: True, reason, at)

        return await self._run.write(work)

    async def exclude_voter(self, arena_id: UUID, voter: str, *, reason: str, at: datetime) -> int:
        """Exclude a voter: the votes that count now, and all later ones, in one transaction.

        Returns:
            How many votes count no longer.
        """
        return await self._set_voter(arena_id, voter, reason=reason, at=at)

    async def reinstate_voter(self, arena_id: UUID, voter: str, *, at: datetime) -> int:
        """Let an excluded voter's votes count again, except those that a rule left out.

        Returns:
            How many votes count again; 0 where the voter was not excluded.
        """
        return await self._set_voter(arena_id, voter, reason=None, at=at)

    async def voter_votes(self, arena_id: UUID) -> AsyncIterator[Sequence[VoterVote]]:
        """Yield all votes but those that a rule left out, page by page in the order they were cast.

        The votes of excluded voters are among them, so that the tests still tell about these.
        """
        values = {"arena_id": arena_id, "at": _BEFORE_ALL, "last": UUID(int=0)}
        while True:
            rows = await self._run.read(lambda c, v=values: c.execute(_TESTED, v).all())  # type: ignore[misc]
            if not rows:
                return
            yield [VoterVote(*row[2:]) for row in rows]
            values = {"arena_id": arena_id, "at": rows[-1].created_at, "last": rows[-1].id}

    async def _set_voter(
        self, arena_id: UUID, voter: str, *, reason: str | None, at: datetime
    ) -> int:
        values = {"arena_id": arena_id, "voter": voter}

        def work(connection: Connection) -> int:
            # Votes take the same row before they ask who is excluded: none slips through.
            connection.execute(BUMP, {"arena": arena_id})
            latest = connection.execute(_LATEST_OF_VOTER, values).one_or_none()
            before = None if latest is None else latest.reason
            if before == reason:
                return 0
            moment = at if latest is None else max(at, latest.at + _TICK)
            row = values | {"id": uuid7(), "at": moment, "reason": reason}
            connection.execute(_ADD_VOTER, row)
            return self._change(
                connection,
                arena_id,
                _OF_VOTER,
                values,
                lambda now: now in (None, before) if reason is not None else now == before,
                reason,
                moment,
            )

        return await self._run.write(work)

    def _change(
        self,
        connection: Connection,
        arena_id: UUID,
        chosen: Select[Any],
        values: Mapping[str, Any],
        wanted: Callable[[str | None], bool],
        reason: str | None,
        at: datetime,
    ) -> int:
        """Point a new row at each chosen vote that stands otherwise, and move its count."""
        rows: list[dict[str, Any]] = []
        growth: list[Growth] = []
        moved: list[Moved] = []
        for row in connection.execute(chosen, values):
            if row.excluded in (reason, RETRACTED) or not wanted(row.excluded):
                continue
            rows.append(
                {
                    "id": uuid7(),
                    "battle_id": row.battle_id,
                    "arena_id": arena_id,
                    "voter": row.voter,
                    "outcome": row.outcome,
                    "created_at": at if row.changed_at is None else max(at, row.changed_at + _TICK),
                    "category": row.category,
                    "reasons": [],
                    "comment": "",
                    "excluded": reason,
                    "points_at": row.id,
                    "version": row.version,
                }
            )
            moved.append(Moved(row.id, arena_id, row.category, row.version, row.excluded, reason))
            first, second = sorted((row.contestant_a, row.contestant_b))
            winner = row.contestant_a if row.outcome == "model_a" else row.contestant_b
            count = pair_count_of(
                row.outcome, first=first, second=second, wins_first=winner == first
            )
            for excluded, times in ((row.excluded, -1), (reason, 1)):
                growth.append(
                    Growth(
                        arena_id,
                        row.category,
                        excluded,
                        count,
                        times=times,
                        version=row.version,
                    )
                )
        if rows:
            connection.execute(_ADD, rows)
            connection.execute(self._add_pairs, grown(growth))
            drop_empty(connection, arena_id)
            move_usable(connection, self._add_usable, moved)
        return len(rows)
