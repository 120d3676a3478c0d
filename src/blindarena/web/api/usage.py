"""What requests through the gateway used: sums, and every row as CSV."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from blindarena.bootstrap import App
from blindarena.domain.csv_cells import csv_cell
from blindarena.domain.usage import OWNER_KEY, UsageRow
from blindarena.domain.usage_sums import UsageFilter, UsageGroup, UsageSum
from blindarena.web.api.schemas.gateway_keys import UsageOut, UsageSumOut
from blindarena.web.deps import AppDep, OwnerDep

router = APIRouter(prefix="/api/owner", tags=["owner"])
_CHUNK = 1_000
_COLUMNS = [field.name for field in fields(UsageRow)]


async def get_filter(
    since: Annotated[date | None, Query(description="first UTC day")] = None,
    until: Annotated[date | None, Query(description="last UTC day")] = None,
    key: Annotated[UUID | None, Query(description="id of a key")] = None,
    model: Annotated[str | None, Query(max_length=200)] = None,
    deployment: Annotated[str | None, Query(max_length=200)] = None,
) -> UsageFilter:
    """Return which requests are meant."""
    return UsageFilter(since, until, key, model, deployment)


FilterDep = Annotated[UsageFilter, Depends(get_filter)]


@router.get("/usage")
async def read_usage(
    app: AppDep,
    owner: OwnerDep,
    chosen: FilterDep,
    by: Annotated[list[UsageGroup] | None, Query(description="groups, several times")] = None,
) -> UsageOut:
    """Return sums over requests by key, model, deployment and day, or any of them."""
    names = await _key_names(app)
    sums = await app.key_book.usage.sums(list(dict.fromkeys(by or ())), chosen=chosen)
    total = sums if not by else await app.key_book.usage.sums(chosen=chosen)
    return UsageOut(
        sums=[_sum(one, names) for one in sums],
        total=_sum(total[0], names) if total else None,
    )


@router.get("/usage.csv", response_class=StreamingResponse)
async def read_usage_csv(app: AppDep, owner: OwnerDep, chosen: FilterDep) -> StreamingResponse:
    """Return every request as CSV, the oldest first.

    A text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    await app.note(who="Owner", what="Exported usage", detail=_detail(chosen))
    return StreamingResponse(
        _csv(app, chosen),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="usage.csv"'},
    )


async def _csv(app: App, chosen: UsageFilter) -> AsyncIterator[str]:
    names = await _key_names(app)
    yield _lines([[*_COLUMNS, "key_name"]])
    after: tuple[datetime, UUID] | None = None
    while True:
        rows = await app.key_book.usage.page(chosen=chosen, limit=_CHUNK, after=after)
        yield _lines(
            [[_cell(getattr(row, name)) for name in _COLUMNS] + [csv_cell(_name(row, names))]
             for row in rows]
        )  # fmt: skip
        if len(rows) < _CHUNK:
            return
        after = (rows[-1].at, rows[-1].id)


async def _key_names(app: App) -> dict[UUID, str]:
    return {OWNER_KEY: "Owner's page"} | {key.id: key.name for key in await app.key_book.list()}


def _lines(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return csv_cell(str(value) if isinstance(value, UUID) else value)


def _name(row: UsageRow, names: dict[UUID, str]) -> str | None:
    return None if row.key_id is None else names.get(row.key_id)


def _sum(one: UsageSum, names: dict[UUID, str]) -> UsageSumOut:
    name = None if one.key_id is None else names.get(one.key_id)
    return UsageSumOut(key_name=name, **asdict(one))


def _detail(chosen: UsageFilter) -> str:
    said = [f"{name} {value}" for name, value in asdict(chosen).items() if value is not None]
    return ", ".join(said) or "all"
