"""The gateway's desk of keys: old usage goes, spending is reported, a bad database is survived."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from blindarena.bootstrap.gateway_keys import KeyringDesk
from blindarena.bootstrap.key_book import KeyBook
from blindarena.domain.api_keys import KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow
from blindarena.errors import StorageError
from blindarena.gateway.ports import Estimate
from blindarena.settings.gateway import Gateway
from blindarena.storage import Database
from sqlite import prepare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    prepare(url)
    opened = await Database.open(url)
    yield opened
    await opened.close()


def desk_on(database: Database, folder: Path) -> KeyringDesk:
    return KeyringDesk(
        Gateway(usage_days=30),
        database=database,
        folder=folder,
        now=lambda: NOW,
        clock=NOW.timestamp,
        tick_s=0.01,
    )


def row(at: datetime, key_id: UUID | None = None) -> UsageRow:
    return UsageRow(
        uuid7(), at, "r", key_id, "chat", "m", None, False, 1, 1, 0, True, None, None, 0.1, 200
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_what_was_spent_and_used_is_stored_and_what_is_old_deleted(
    database: Database, tmp_path: Path
) -> None:
    book = KeyBook(database, now=lambda: NOW)
    key, secret = await book.create("ci", KeyLimits(usd_per_day=1.0), who="Owner")
    await database.usage.add([row(NOW - timedelta(days=31)), row(NOW - timedelta(days=30))])
    desk = desk_on(database, tmp_path)
    await desk.open()
    admitted = await desk.doorkeeper.admit(secret, model="m", estimate=Estimate(5, 0.5))
    admitted.settle(tokens=2, cost_usd=0.25)
    desk.usage.add(row(NOW, key.id))
    async with asyncio.timeout(10):
        while (await book.find("ci")).last_used_on is None:
            await asyncio.sleep(0.01)
    await desk.close()
    await desk.close()

    (share,) = await database.key_counters.shares(key.id)
    assert (share.spent, share.held) == (250_000_000, 0)
    assert (await book.find(key.prefix)).last_used_on == NOW.date()
    days = [(one.day, one.key_id) for one in await database.usage.sums(["day", "key"])]
    assert days == [(date(2026, 1, 30), None), (NOW.date(), key.id)]


async def test_a_database_that_fails_is_tried_again(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = KeyBook(database, now=lambda: NOW)
    key, secret = await book.create("ci", KeyLimits(requests_per_minute=9), who="Owner")
    desk = desk_on(database, tmp_path)
    await desk.open()
    report, failures = database.key_counters.report, [StorageError("gone"), RuntimeError("bug")]

    async def failing(*given: object, **options: object) -> None:
        if failures:
            raise failures.pop()
        await report(*given, **options)  # type: ignore[arg-type]

    database.key_counters.report = failing  # type: ignore[method-assign]
    await desk.doorkeeper.admit(secret, model="m", estimate=Estimate(5, None))
    await until(lambda: not failures)
    await desk.close()

    assert "could not be reported; trying again" in caplog.text
    assert [share.spent for share in await database.key_counters.shares(key.id)] == [1]


async def test_closing_without_a_database_says_so(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, secret = await KeyBook(database, now=lambda: NOW).create(
        "ci", KeyLimits(requests_per_minute=9), who="Owner"
    )
    desk = desk_on(database, tmp_path)
    await desk.open()
    await desk.doorkeeper.admit(secret, model="m", estimate=Estimate(5, None))
    await database.close()
    desk.usage.add(row(NOW))
    await desk.close()

    assert "what keys have spent in the last second is not written" in caplog.text
    assert len(list(tmp_path.glob("usage-waiting-*.jsonl"))) == 1
