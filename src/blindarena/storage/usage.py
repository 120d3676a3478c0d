"""What requests through the gateway used, in SQL; no text of a prompt or an answer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import StatementError

from blindarena.domain.usage import UsageRow
from blindarena.domain.usage_sums import UsageFilter, UsageGroup, UsageSum
from blindarena.errors import StorageError
from blindarena.storage.failures import is_bad_row
from blindarena.storage.gateway_tables import usage
from blindarena.storage.runner import Runner
from blindarena.storage.types import Id, Utc, clean

_EPOCH = date(1970, 1, 1)
_FIELDS = tuple(field.name for field in fields(UsageRow))
_COLUMNS = tuple(usage.c[name] for name in _FIELDS)
_PURGE = delete(usage).where(
    usage.c.id.in_(
        select(usage.c.id).where(usage.c.day < bindparam("before")).limit(bindparam("n"))
    )
)
_PURGED_AT_ONCE = 5_000  # others want to write too
_WORDS = ("request_id", "endpoint", "model", "deployment", "fault")
_LEFT = 499
_MOST_TOKENS = 2**48  # so that sums stay within 64 bits
_SQLITE_ADD = (
    f"INSERT INTO usage ({', '.join((*_FIELDS, 'day'))}) "  # noqa: S608 - names of fields
    f"VALUES ({', '.join('?' * (len(_FIELDS) + 1))}) ON CONFLICT (id) DO NOTHING"
)


class UsageBook:
    """One row per request."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add = runner.insert(usage).on_conflict_do_nothing(index_elements=["id"])

    async def add(self, rows: Sequence[UsageRow]) -> list[UsageRow]:
        """Store rows; one that is there already is left as it is.

        Returns:
            Those that cannot be stored, such as one whose time has no zone. A number that no
            column can hold, from an upstream that talks nonsense, is stored as unknown.

        Raises:
            StorageError: the database cannot be reached; nothing, or all, is stored.
        """
        if not rows:
            return []
        try:
            await self._put(rows)
        except StorageError as error:
            if not is_bad_row(error):
                raise
            if len(rows) == 1:
                return list(rows)
            half = len(rows) // 2
            return await self.add(rows[:half]) + await self.add(rows[half:])
        return []

    async def sums(
        self, by: Sequence[UsageGroup] = (), *, chosen: UsageFilter | None = None
    ) -> list[UsageSum]:
        """Return sums over the chosen requests by each combination of the groups, in order."""
        query = _sums(tuple(by), chosen or UsageFilter())
        return await self._run.read(
            lambda c: [_sum(row._mapping) for row in c.execute(query) if row.requests]
        )

    async def page(
        self, *, chosen: UsageFilter, limit: int, after: tuple[datetime, UUID] | None = None
    ) -> list[UsageRow]:
        """Return the rows of a filter, the oldest first, those after one of the page before."""
        query = select(*_COLUMNS).where(*_where(chosen))
        if after is not None:
            at, row_id = after
            here = tuple_(literal(day_number(at), Integer), literal(at, Utc))
            later = or_(usage.c.at > at, and_(usage.c.at == at, usage.c.id > row_id))
            query = query.where(tuple_(usage.c.day, usage.c.at) >= here, later)  # by the index
        query = query.order_by(usage.c.day, usage.c.at, usage.c.id).limit(limit)
        return await self._run.read(lambda c: [UsageRow(*row) for row in c.execute(query)])

    async def purge(self, *, before: date) -> int:
        """Delete the requests of all UTC days before one, some at a time; return how many."""
        values = {"before": (before - _EPOCH).days, "n": _PURGED_AT_ONCE}
        total = 0
        while gone := await self._run.write(lambda c: c.execute(_PURGE, values).rowcount):
            total += gone
        return total

    async def _put(self, rows: Sequence[UsageRow]) -> None:
        values = [_values(row) for row in rows]

        def work(connection: Connection) -> None:
            if connection.dialect.name == "sqlite":  # a third of the time of `execute`
                connection.exec_driver_sql(_SQLITE_ADD, [_as_stored(row) for row in values])
            else:
                connection.execute(self._add, values)

        await self._run.write(work)


def day_number(at: datetime) -> int:
    """Return the days since 1970 of a moment, in UTC."""
    return (at.astimezone(UTC).date() - _EPOCH).days


def _values(row: UsageRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["day"] = day_number(row.at)
    for name in ("prompt_tokens", "completion_tokens", "cached_tokens"):
        if values[name] is not None and not 0 <= values[name] < _MOST_TOKENS:
            values[name] = 0 if name == "cached_tokens" else None
    for name in ("cost_usd", "ttft_s", "seconds"):
        if values[name] is not None and not math.isfinite(values[name]):
            values[name] = 0.0 if name == "seconds" else None
    return values


def _as_stored(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of a row in the order of `_SQLITE_ADD`, as the columns' types store them.

    Raises:
        StatementError: its time has no zone.
    """
    at, key_id = values["at"], values["key_id"]
    if at.tzinfo is None:
        fault = ValueError(f"{at!r} has no time zone; give a time in UTC")
        raise StatementError(str(fault), None, None, fault)
    stored = {
        **values,
        "id": values["id"].bytes,
        "at": at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"),
        "key_id": None if key_id is None else key_id.bytes,
    }
    for name in _WORDS:
        if (text := stored[name]) is not None:
            stored[name] = clean(text)
    return tuple(stored.values())


def _where(chosen: UsageFilter) -> list[Any]:
    clauses: list[Any] = []
    if chosen.since is not None:
        clauses.append(usage.c.day >= (chosen.since - _EPOCH).days)
    if chosen.until is not None:
        clauses.append(usage.c.day <= (chosen.until - _EPOCH).days)
    for name in ("key_id", "model", "deployment"):
        value = getattr(chosen, name)
        if value is not None:
            clauses.append(usage.c[name] == value)
    return clauses


def _sums(by: tuple[UsageGroup, ...], chosen: UsageFilter) -> Select[Any]:
    names = {"key": "key_id", "model": "model", "deployment": "deployment", "day": "day"}
    groups = [usage.c[names[one]] for one in by]
    shown = [
        usage.c[column] if group in by else literal(None, Id() if group == "key" else None)
        for group, column in names.items()
    ]
    failed = and_(usage.c.status >= 400, usage.c.status != _LEFT)
    query = select(
        *(column.label(label) for column, label in zip(shown, names.values(), strict=True)),
        func.count().label("requests"),
        func.coalesce(func.sum(case((failed, 1), else_=0)), 0).label("errors"),
        *(
            func.coalesce(func.sum(usage.c[name]), 0).label(name)
            for name in ("prompt_tokens", "completion_tokens", "cached_tokens")
        ),
        func.sum(usage.c.cost_usd).label("cost_usd"),
        func.sum(case((usage.c.cost_usd.is_(null()), 1), else_=0)).label("unpriced"),
        func.avg(usage.c.seconds).label("seconds_mean"),
        func.avg(usage.c.ttft_s).label("ttft_s_mean"),
        func.max(usage.c.seconds).label("seconds_max"),
    )
    return query.where(*_where(chosen)).group_by(*groups).order_by(*groups)


def _sum(row: Any) -> UsageSum:
    values = dict(row)
    if values["day"] is not None:
        values["day"] = _EPOCH + timedelta(days=values["day"])
    counted = ("requests", "errors", "unpriced", "prompt_tokens")
    for name in (*counted, "completion_tokens", "cached_tokens"):
        values[name] = int(values[name])  # PostgreSQL adds 64-bit numbers up as decimals
    return UsageSum(**values)
