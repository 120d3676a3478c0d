"""What is counted against keys' limits, in SQL: one row per key, limit and process.

A process writes only its own rows, and always whole: writing one twice changes nothing. Whoever
takes from a limit locks the key's row first, so that takers come one after the other.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, delete, select

from blindarena.domain.key_counters import Ask, Room, Share, Taken, grant
from blindarena.storage.gateway_tables import api_keys, key_counters
from blindarena.storage.runner import Runner

_LOCK = (
    select(api_keys.c.id).where(api_keys.c.id == bindparam("key")).with_for_update(key_share=True)
)
_ALL = select(key_counters).where(key_counters.c.key_id == bindparam("key"))
_THESE = _ALL.where(key_counters.c.period.in_(bindparam("periods", expanding=True)))
"""Without the minutes and days that are over: every run of a process has left some."""
_PURGE = delete(key_counters).where(key_counters.c.until < bindparam("before"))


class KeyCounters:
    """What is spent and held of keys' limits."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        put = runner.insert(key_counters)
        self._put = put.on_conflict_do_update(
            index_elements=["key_id", "kind", "holder"],
            set_={
                name: put.excluded[name]
                for name in ("period", "spent", "held", "reserved", "until")
            },
        )

    async def take(
        self, key_id: UUID, holder: UUID, asks: Sequence[Ask], *, now: datetime, until: datetime
    ) -> Taken:
        """Give a process what it asks for, all needs or nothing.

        Args:
            key_id: of the one key that all the asks are about.
            holder: one run of one process.
            asks: of different kinds.
            now: shares whose time was over before count what is spent and reserved, not held.
            until: the holder's shares end then, unless it reports before.
        """

        def work(connection: Connection) -> Taken:
            connection.execute(_LOCK, {"key": key_id})
            periods = [ask.share.period for ask in asks]
            rows = connection.execute(_THESE, {"key": key_id, "periods": periods}).all()
            taken = grant(tuple(asks), [_room(ask, rows, holder, now) for ask in asks])
            if taken.given is not None:
                shares = [
                    (key_id, _after(ask, given))
                    for ask, given in zip(asks, taken.given, strict=True)
                ]
                connection.execute(self._put, _values(holder, shares, until))
            return taken

        return await self._run.write(work)

    async def report(
        self, holder: UUID, shares: Sequence[tuple[UUID, Share]], *, until: datetime
    ) -> None:
        """Write what a process has spent and still holds, by key."""
        values = _values(holder, shares, until)
        if values:
            await self._run.write(lambda c: c.execute(self._put, values).close())

    async def shares(self, key_id: UUID) -> list[Share]:
        """Return what every process has spent and holds of a key's limits."""

        def work(connection: Connection) -> list[Share]:
            return [
                Share(r.kind, r.period, r.spent, r.held, r.reserved)
                for r in connection.execute(_ALL, {"key": key_id})
            ]

        return await self._run.read(work)

    async def purge(self, *, before: datetime) -> int:
        """Delete what nobody reported on since; return how many rows."""
        return await self._run.write(lambda c: c.execute(_PURGE, {"before": before}).rowcount)


def _room(ask: Ask, rows: Sequence[Row], holder: UUID, now: datetime) -> Room:  # type: ignore[type-arg]
    own = ask.share
    spent, held = own.spent, own.held
    for row in rows:
        if row.kind == own.kind and row.period == own.period and row.holder != holder:
            spent += row.spent
            held += row.held if row.until > now else row.reserved
    return Room(left=ask.limit - spent - held, spent=spent)


def _after(ask: Ask, given: int) -> Share:
    own = ask.share
    return Share(own.kind, own.period, own.spent, own.held + given, ask.reserved)


def _values(
    holder: UUID, shares: Sequence[tuple[UUID, Share]], until: datetime
) -> list[dict[str, object]]:
    return [
        {
            "key_id": key_id,
            "kind": share.kind,
            "holder": holder,
            "period": share.period,
            "spent": share.spent,
            "held": share.held,
            "reserved": share.reserved,
            "until": until,
        }
        for key_id, share in shares
    ]
