"""Rows of pairs and takes of the review queue, and the queries that several parts share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, or_, select

from blindarena.domain.queue import QueuePair, Take
from blindarena.domain.queue_choice import Candidate
from blindarena.storage.queue_tables import queue_pairs, queue_takes
from blindarena.storage.standing import padded
from blindarena.storage.tables import arenas, prompts

_COLUMN = {"group": "voter_group"}
PAIR = tuple(field.name for field in fields(QueuePair))
TAKE = tuple(field.name for field in fields(Take))
PAGE = 400
"""Pairs that are looked at together; drivers take only so many values."""

LOCK = select(arenas.c.id).where(arenas.c.id == bindparam("arena")).with_for_update()
"""Votes take the same row: giving, renewing and voting happen one after the other."""
PAIRS = select(*(queue_pairs.c[name] for name in PAIR))
TAKES = select(*(queue_takes.c[_COLUMN.get(name, name)] for name in TAKE))
OF_VERSION = (
    queue_pairs.c.arena_id == bindparam("arena_id"),
    queue_pairs.c.version == bindparam("version"),
)
PLAYING = (
    queue_pairs.c.first.in_(bindparam("playing", expanding=True)),
    queue_pairs.c.second.in_(bindparam("playing", expanding=True)),
    exists().where(prompts.c.id == queue_pairs.c.prompt_id, prompts.c.retired.is_(False)),
)
_MINE = exists().where(
    queue_takes.c.pair_id == queue_pairs.c.id, queue_takes.c.voter == bindparam("voter")
)
TODO = (*OF_VERSION, *PLAYING, queue_pairs.c.done < queue_pairs.c.wanted, ~_MINE)
"""Pairs that want ratings and that the rater has not had."""
_NEXT = (
    PAIRS.where(*TODO)
    .order_by(queue_pairs.c.block, queue_pairs.c.id)
    .limit(PAGE)
    .offset(bindparam("start"))
)
_BUSY = TAKES.where(
    queue_takes.c.pair_id.in_(bindparam("ids", expanding=True)),
    or_(queue_takes.c.seat.is_not(None), queue_takes.c.state == "voted"),
).order_by(queue_takes.c.battle_id)


def candidates(connection: Connection, values: dict[str, Any], start: int) -> list[Candidate]:
    """Return up to PAGE pairs that the rater has not had, from place `start` on."""
    rows = connection.execute(_NEXT, values | {"start": start})
    return with_takes(connection, [pair_of(row) for row in rows])


def with_takes(connection: Connection, pairs: list[QueuePair]) -> list[Candidate]:
    """Return pairs with those who rated them or have a place; PAGE pairs at most."""
    if not pairs:
        return []
    held: dict[UUID, list[Take]] = defaultdict(list)
    for row in connection.execute(_BUSY, {"ids": padded([pair.id for pair in pairs])}):
        take = take_of(row)
        held[take.pair_id].append(take)
    return [Candidate(pair, tuple(held[pair.id])) for pair in pairs]


def takes_of(rows: Iterable[Any]) -> list[Take]:
    """Return takes from rows of TAKES."""
    return [take_of(row) for row in rows]


def take_of(row: Any) -> Take:
    """Return a take from a row of TAKES."""
    return Take(**dict(zip(TAKE, row, strict=True)))


def pair_of(row: Any) -> QueuePair:
    """Return a pair from a row of PAIRS."""
    return QueuePair(*row)


def take_row(take: Take) -> dict[str, Any]:
    """Return a take's columns."""
    return {_COLUMN.get(name, name): getattr(take, name) for name in TAKE}


def pair_row(pair: QueuePair) -> dict[str, Any]:
    """Return a pair's columns."""
    return {name: getattr(pair, name) for name in PAIR}
