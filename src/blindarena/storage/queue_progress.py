"""How far a review queue is, in SQL."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, bindparam, case, func, select

from blindarena.domain.queue import QueueTotals, RaterCount, Rating, choice_of
from blindarena.storage.effective import EXCLUDED_NOW
from blindarena.storage.queue_rows import OF_VERSION, PLAYING
from blindarena.storage.queue_tables import queue_pairs, queue_takes
from blindarena.storage.tables import battles, votes

_IS_DONE = queue_pairs.c.done >= queue_pairs.c.wanted
_TOTALS = select(
    func.count(),
    func.count().filter(_IS_DONE),
    func.count().filter(queue_pairs.c.wanted > 1),
    func.coalesce(func.sum(queue_pairs.c.wanted), 0),
    func.coalesce(func.sum(case((_IS_DONE, queue_pairs.c.wanted), else_=queue_pairs.c.done)), 0),
).where(*OF_VERSION, *PLAYING)
_TAKEN = (
    queue_takes.c.arena_id == bindparam("arena_id"),
    queue_takes.c.version == bindparam("version"),
)
_VOTED = queue_takes.c.state == "voted"
_RATERS = (
    select(
        queue_takes.c.voter,
        queue_takes.c.voter_group,
        func.count().filter(_VOTED),
        func.count().filter(queue_takes.c.state == "skipped"),
        func.count().filter(queue_takes.c.state == "open", queue_takes.c.seat.is_not(None)),
        func.count().filter(_VOTED, queue_takes.c.late),
    )
    .where(*_TAKEN)
    .group_by(queue_takes.c.voter, queue_takes.c.voter_group)
    .order_by(queue_takes.c.voter, queue_takes.c.voter_group)
)
_SEVERAL = (
    select(queue_takes.c.pair_id)
    .where(*_TAKEN, _VOTED)
    .group_by(queue_takes.c.pair_id)
    .having(func.count() > 1)
)
_RATINGS = (
    select(
        queue_takes.c.pair_id,
        queue_takes.c.voter,
        queue_takes.c.voter_group,
        votes.c.outcome,
        (battles.c.contestant_a == queue_pairs.c.first).label("a_is_first"),
    )
    .join_from(queue_takes, queue_pairs, queue_pairs.c.id == queue_takes.c.pair_id)
    .join(battles, battles.c.id == queue_takes.c.battle_id)
    .join(votes, votes.c.battle_id == battles.c.id)
    .where(queue_takes.c.pair_id.in_(_SEVERAL), votes.c.points_at.is_(None), EXCLUDED_NOW.is_(None))
    .order_by(queue_takes.c.pair_id, queue_takes.c.voter)
)


def totals_of(
    connection: Connection, arena_id: UUID, version: int, playing: Collection[UUID]
) -> QueueTotals:
    """Add up a version's pairs whose contestants are playing and whose prompt is there."""
    values = {"arena_id": arena_id, "version": version, "playing": sorted(playing)}
    return QueueTotals(*map(int, connection.execute(_TOTALS, values).one()))


def rater_counts(connection: Connection, arena_id: UUID, version: int) -> list[RaterCount]:
    """Return what each rater has done, by voter and group."""
    rows = connection.execute(_RATERS, {"arena_id": arena_id, "version": version})
    return [RaterCount(*row) for row in rows]


def ratings_of(connection: Connection, arena_id: UUID, version: int) -> list[Rating]:
    """Return the counted votes on pairs that two or more raters voted on, by pair."""
    rows = connection.execute(_RATINGS, {"arena_id": arena_id, "version": version})
    return [
        Rating(pair_id, voter, group, choice_of(outcome, a_is_first=bool(first)))
        for pair_id, voter, group, outcome, first in rows
    ]
