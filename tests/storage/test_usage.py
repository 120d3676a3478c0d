"""What requests used: written once each, summed, paged, deleted by day."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow
from blindarena.domain.usage_sums import UsageFilter, UsageSum
from blindarena.storage import Database
from storage.conftest import AnyDatabase

DAY = datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=UTC)
KEYS = sorted((uuid7(), uuid7()))


def row(key_id: UUID | None = KEYS[0], **changed: object) -> UsageRow:
    made = UsageRow(
        id=uuid7(),
        at=DAY,
        request_id="req-1",
        key_id=key_id,
        endpoint="chat",
        model="small",
        deployment="local",
        stream=True,
        prompt_tokens=10,
        completion_tokens=5,
        cached_tokens=4,
        reported=True,
        cost_usd=0.25,
        ttft_s=0.5,
        seconds=2.0,
        status=200,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


async def test_rows_come_back_in_pages_and_once(database: AnyDatabase) -> None:
    rows = [row(at=DAY + timedelta(hours=n), request_id=f"r{n}", fault="reset") for n in range(5)]
    rows += [row(None, at=DAY + timedelta(hours=5), deployment=None, cost_usd=None, ttft_s=None)]
    await database.usage.add(rows[3:])
    await database.usage.add(rows)
    await database.usage.add([])

    found: list[UsageRow] = []
    while page := await database.usage.page(
        chosen=UsageFilter(), limit=4, after=(found[-1].at, found[-1].id) if found else None
    ):
        found += page

    assert found == rows


async def test_sums_by_key_model_and_day(database: AnyDatabase) -> None:
    await database.usage.add(
        [
            row(),
            row(cost_usd=None, ttft_s=None, seconds=4.0, status=502, prompt_tokens=None),
            row(status=499, cost_usd=0.5, ttft_s=0.25),
            row(KEYS[1], at=DAY + timedelta(seconds=1), model="big", cost_usd=None),
        ]
    )

    assert await database.usage.sums() == [
        UsageSum(None, None, None, None, 4, 1, 30, 20, 16, 0.75, 2, 2.5, 1.25 / 3, 4.0)
    ]
    by = await database.usage.sums(["key", "day"])
    assert by[0] == UsageSum(
        KEYS[0], None, None, date(2026, 3, 1), 3, 1, 20, 15, 12, 0.75, 1, 8 / 3, 0.375, 4.0
    )
    assert by[1] == UsageSum(
        KEYS[1], None, None, date(2026, 3, 2), 1, 0, 10, 5, 4, None, 1, 2.0, 0.5, 2.0
    )
    assert [s.model for s in await database.usage.sums(["model"])] == ["big", "small"]
    assert [s.deployment for s in await database.usage.sums(["deployment"])] == ["local"]


@pytest.mark.parametrize(
    ("chosen", "number"),
    [
        (UsageFilter(since=date(2026, 3, 2)), 1),
        (UsageFilter(until=date(2026, 3, 1)), 2),
        (UsageFilter(key_id=KEYS[1]), 1),
        (UsageFilter(model="big"), 1),
        (UsageFilter(deployment="local", since=date(2026, 3, 1)), 3),
        (UsageFilter(model="none"), 0),
    ],
)
async def test_a_filter_chooses(database: AnyDatabase, chosen: UsageFilter, number: int) -> None:
    await database.usage.add([row(), row(model="big"), row(KEYS[1], at=DAY + timedelta(days=1))])

    assert sum(s.requests for s in await database.usage.sums(chosen=chosen)) == number
    assert len(await database.usage.page(chosen=chosen, limit=9)) == number


async def test_old_days_are_deleted(database: AnyDatabase) -> None:
    await database.usage.add([row(), row(at=DAY + timedelta(seconds=1))])

    assert await database.usage.purge(before=date(2026, 3, 2)) == 1
    assert [s.day for s in await database.usage.sums(["day"])] == [date(2026, 3, 2)]


async def test_old_days_are_deleted_some_at_a_time(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blindarena.storage.usage._PURGED_AT_ONCE", 2)
    await stored.usage.add([row() for _ in range(5)])

    assert await stored.usage.purge(before=date(2026, 3, 2)) == 5
    assert await stored.usage.sums() == []


async def test_a_row_that_cannot_be_stored_does_not_hold_up_the_others(stored: Database) -> None:
    rows = [row() for _ in range(5)]
    rows[2] = row(at=DAY.replace(tzinfo=None))

    assert await stored.usage.add(rows) == [rows[2]]
    assert (await stored.usage.sums())[0].requests == 4


async def test_nonsense_of_an_upstream_is_unknown(stored: Database) -> None:
    odd = row(prompt_tokens=2**70, completion_tokens=-1, cached_tokens=2**70, cost_usd=math.inf)
    await stored.usage.add([replace(odd, ttft_s=math.nan, seconds=math.nan)])

    assert await stored.usage.page(chosen=UsageFilter(), limit=9) == [
        replace(
            odd,
            prompt_tokens=None,
            completion_tokens=None,
            cached_tokens=0,
            cost_usd=None,
            ttft_s=None,
            seconds=0.0,
        )
    ]


async def test_sums_by_key_and_day_use_the_index(stored: Database) -> None:
    if stored.kind != "sqlite":
        pytest.skip("a small table of PostgreSQL is read whole")
    sql = (
        "EXPLAIN QUERY PLAN SELECT count(*) FROM usage WHERE key_id = x'00' AND day >= 1",
        "EXPLAIN QUERY PLAN SELECT count(*) FROM usage WHERE day >= 1 GROUP BY day",
    )
    plans = [
        await stored._runner.read(lambda c, one=one: str(c.exec_driver_sql(one).all()))
        for one in sql
    ]

    assert "ix_usage_key_id_day" in plans[0]
    assert "ix_usage_day_at" in plans[1]
    paged = (
        "EXPLAIN QUERY PLAN SELECT * FROM usage WHERE (day, at) >= (1, 2) "
        "AND (at > 2 OR at = 2 AND id > x'00') ORDER BY day, at, id LIMIT 9"
    )
    page = await stored._runner.read(lambda c: str(c.exec_driver_sql(paged).all()))
    assert "ix_usage_day_at ((day,at)>(?,?))" in page
