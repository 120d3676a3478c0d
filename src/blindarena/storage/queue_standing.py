"""How far one rater is in the review queue, in one statement.

One statement sees one state of the database on SQLite and PostgreSQL alike. Read after one another,
a pair that is given meanwhile would be neither among those that are free nor among the rater's own.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, func, or_, select, true

from blindarena.domain.queue import RaterStanding
from blindarena.domain.queue_choice import Candidate, obtainable
from blindarena.storage.queue_rows import PAIR, PAIRS, TAKES, TODO, pair_of, take_of
from blindarena.storage.queue_tables import queue_pairs, queue_takes

_OF_VERSION = (
    queue_takes.c.arena_id == bindparam("arena_id"),
    queue_takes.c.version == bindparam("version"),
)
_IS_HELD = and_(queue_takes.c.state == "open", queue_takes.c.seat.is_not(None))
_OWN = (
    select(
        func.count().filter(queue_takes.c.state == "voted").label("done"),
        func.count().filter(_IS_HELD).label("open"),
    )
    .where(*_OF_VERSION, queue_takes.c.voter == bindparam("voter"))
    .subquery("own")
)
_TO_COME = select(func.count().label("pairs")).select_from(queue_pairs).where(*TODO).subquery()
_HELD = PAIRS.where(
    *TODO, queue_pairs.c.id.in_(select(queue_takes.c.pair_id).where(*_OF_VERSION, _IS_HELD))
).subquery("held")
_BUSY = queue_takes.alias("busy")
_STANDING = (
    select(
        _OWN.c.done,
        _OWN.c.open,
        _TO_COME.c.pairs,
        *(_HELD.c[name] for name in PAIR),
        *(_BUSY.c[column.name] for column in TAKES.selected_columns),
    )
    .select_from(
        _OWN.join(_TO_COME, true())
        .outerjoin(_HELD, true())
        .outerjoin(
            _BUSY,
            and_(
                _BUSY.c.pair_id == _HELD.c.id,
                or_(_BUSY.c.seat.is_not(None), _BUSY.c.state == "voted"),
            ),
        )
    )
    .order_by(_HELD.c.id, _BUSY.c.battle_id)
)
_FACTS = 3
_TAKE = _FACTS + len(PAIR)


def standing_of(
    connection: Connection,
    arena_id: UUID,
    version: int,
    voter: str,
    *,
    playing: Collection[UUID],
    at: datetime,
    lasts: timedelta,
) -> RaterStanding:
    """Return what a rater has done, holds, could be given, and what only others hold."""
    values: dict[str, Any] = {"arena_id": arena_id, "version": version, "voter": voter}
    rows = connection.execute(_STANDING, values | {"playing": sorted(playing)}).all()
    done, held, to_come = rows[0][:_FACTS]
    found: dict[UUID, Candidate] = {}
    for row in rows:
        if row[_FACTS] is None:
            break  # nobody holds any pair
        pair = pair_of(row[_FACTS:_TAKE])
        before = found.get(pair.id, Candidate(pair))
        found[pair.id] = Candidate(pair, (*before.takes, take_of(row[_TAKE:])))
    waiting = sum(not obtainable(one, at=at, lasts=lasts) for one in found.values())
    return RaterStanding(done=done, open=held, free=to_come - waiting, waiting=waiting)
