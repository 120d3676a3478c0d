"""A full disk and a file that somebody else holds: nothing half-written, nothing lied about."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.errors import StorageError
from blindarena.storage import Database, sqlite
from storage.builders import session


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    opened = await Database.open(f"sqlite:///{tmp_path / 'a.db'}")
    await opened.migrate()
    yield opened
    await opened.close()


async def test_on_a_full_disk_only_what_was_acknowledged_is_there(database: Database) -> None:
    pages = await database._runner.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
    await database._runner.write(
        lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {int(str(pages)) + 20}").scalar()
    )
    given = [session(csrf_token="x" * 3000) for _ in range(60)]

    results = []
    for start in range(0, 60, 5):
        results += await asyncio.gather(
            *(database.sessions.add(s) for s in given[start : start + 5]), return_exceptions=True
        )

    refused = [r for r in results if r is not None]
    assert 0 < len(refused) < 60
    assert all(isinstance(r, StorageError) for r in refused)
    assert any("full" in str(r) for r in refused)
    for each, result in zip(given, results, strict=True):
        found = await database.sessions.by_secret_hash(each.secret_hash)
        assert found == (each if result is None else None)


async def test_a_file_held_by_another_is_an_error_and_then_works(
    database: Database, tmp_path: Path
) -> None:
    first, later = [session() for _ in range(4)], session()
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        results = await asyncio.gather(
            *(database.sessions.add(s) for s in first), return_exceptions=True
        )
    finally:
        other.close()

    assert [str(r).endswith("database is locked") for r in results] == [True] * 4
    await database.sessions.add(later)
    assert await database.sessions.by_secret_hash(later.secret_hash) == later
    assert await database.sessions.by_secret_hash(first[0].secret_hash) is None


async def test_one_failing_write_leaves_the_others_of_its_group(database: Database) -> None:
    given = [session() for _ in range(6)]
    await database.sessions.add(given[0])

    results = await asyncio.gather(
        *(database.sessions.add(s) for s in given), return_exceptions=True
    )

    assert [type(r) for r in results] == [StorageError] + [type(None)] * 5
    for each in given:
        assert await database.sessions.by_secret_hash(each.secret_hash) == each


@pytest.mark.parametrize("error", [ValueError("mine"), KeyError("mine")])
async def test_works_own_exceptions_come_through(database: Database, error: Exception) -> None:
    def work(_: object) -> None:
        raise error

    results = await asyncio.gather(
        database._runner.write(work), database._runner.write(work), return_exceptions=True
    )

    assert results == [error, error]
