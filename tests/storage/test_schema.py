"""The migrations and the tables say the same, and the way there is safe."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from blindarena.errors import StorageError
from blindarena.storage import Database
from blindarena.storage.tables import metadata
from storage.builders import world


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
async def empty(empty_url: str):
    opened = await Database.open(empty_url)
    yield opened
    await opened.close()


async def test_from_empty_to_the_newest_and_again(empty: Database) -> None:
    assert await empty.schema_version() is None

    assert await empty.migrate() == Database.newest_schema()
    assert await empty.schema_version() == Database.newest_schema()
    w = await world(empty)
    assert await empty.migrate() == Database.newest_schema()
    assert await empty.arenas.all() == [w.arena]


async def test_tables_are_what_the_migrations_make(empty: Database) -> None:
    await empty.migrate()

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert await empty._runner.read(differences) == []


async def test_a_missing_column_would_be_noticed(empty: Database) -> None:
    await empty.migrate()

    def differences(connection: Connection) -> list[Any]:
        connection.execute(text("ALTER TABLE vault DROP COLUMN value"))
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, metadata))

    assert await empty._runner.write(differences) != []


async def test_several_processes_may_start_at_once(empty_url: str) -> None:
    opened = [await Database.open(empty_url) for _ in range(3)]
    try:
        versions = await asyncio.gather(*(database.migrate() for database in opened))
    finally:
        for database in opened:
            await database.close()

    assert set(versions) == {Database.newest_schema()}


async def test_a_newer_database_is_refused_with_the_cure(empty: Database) -> None:
    await empty.migrate()
    await empty._runner.write(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).close()
    )

    with pytest.raises(StorageError, match=r"schema 9999.*newer BlindArena.*install"):
        await empty.migrate()

    assert await empty.schema_version() == "9999"


async def test_a_failing_migration_changes_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: Connection) -> str:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        return "never"

    monkeypatch.setattr("blindarena.storage.schema.upgrade", broken)
    with pytest.raises(StorageError, match="half"):
        await empty.migrate()
    monkeypatch.undo()

    assert await empty.migrate() == Database.newest_schema()
    with pytest.raises(StorageError, match="half"):
        await empty._runner.read(lambda c: c.execute(text("SELECT * FROM half")).all())
