"""Every repository runs its contract tests in memory, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.storage import Database
from blindarena.testing.memory import MemoryDatabase
from sqlite import prepare

AnyDatabase = Database | MemoryDatabase
POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a fresh database on each of the two."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def stored(url: str) -> AsyncIterator[Database]:
    """Give a migrated database on each of the two."""
    prepare(url)
    opened = await Database.open(url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyDatabase]:
    """Give each of the three."""
    if request.param == "memory":
        yield MemoryDatabase()
        return
    address = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_url")
    prepare(address)
    opened = await Database.open(address)
    await opened.migrate()
    yield opened
    await opened.close()
