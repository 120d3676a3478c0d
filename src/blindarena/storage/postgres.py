"""PostgreSQL over asyncpg: a pool to write, kept connections to read.

Both try once more where a connection had died: that costs nothing while all is well, where a ping
before each use is a round trip.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from blindarena.errors import StorageError
from blindarena.storage.failures import storage_errors

T = TypeVar("T")
READERS = 10
WRITERS = 10
CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 60
ONE_MIGRATION_AT_A_TIME = "SELECT pg_advisory_xact_lock(7291120847)"
INDEX_LOOKUPS = "SET random_page_cost = 1.1"
"""All our queries look rows up by index. Without this a fresh server, which has no statistics yet,
scans whole tables for them."""


class PostgresRunner:
    """One database of a PostgreSQL server; see `Runner`."""

    def __init__(self, url: URL) -> None:
        self.where = f"PostgreSQL {url.set(drivername='postgresql').render_as_string()}"
        self._closed = False
        self._engine = _engine(url)
        self._read_engine = _read_engine(url)
        self._reading = asyncio.Semaphore(READERS)
        self._idle: list[AsyncConnection] = []

    @classmethod
    async def open(cls, url: URL) -> "PostgresRunner":
        """Connect once, so that a wrong address or password shows at the start.

        Raises:
            StorageError: the server does not let us in.
        """
        runner = cls(url)
        try:
            await runner.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        except StorageError as error:
            await runner.close()
            raise StorageError(
                f"{error} (is the server running, and are host, name and password right?)"
            ) from error
        return runner

    def insert(self, table: Table, /) -> postgresql.Insert:
        """Return PostgreSQL's INSERT."""
        return postgresql.insert(table)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work on a kept connection without a transaction around it.

        Taking a connection from a pool and giving it back costs more than the query.
        """
        with storage_errors(self.where, closed=self._closed):
            async with self._reading:
                while True:
                    kept = bool(self._idle)
                    connection = self._idle.pop() if kept else await self._read_engine.connect()
                    try:
                        result = await connection.run_sync(work)
                    except BaseException as error:  # also a cancelled read: its state is unknown
                        await _discard(connection)
                        if kept and isinstance(error, DBAPIError) and error.connection_invalidated:
                            continue
                        raise
                    self._idle.append(connection)
                    return result

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction.

        A connection that was dead before COMMIT is replaced once. One that breaks at COMMIT is an
        error: the work may have been committed or not.
        """
        last = False
        while True:
            with storage_errors(self.where, closed=self._closed):
                async with self._engine.connect() as connection:
                    try:
                        result = await connection.run_sync(work)
                    except DBAPIError as error:
                        if last or not error.connection_invalidated:
                            raise
                        last = True  # the pool drops all that is older than this moment
                        continue
                    await connection.commit()
                    return result

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """Run work under a lock that several starting processes share."""

        def alone(connection: Connection) -> T:
            connection.exec_driver_sql(ONE_MIGRATION_AT_A_TIME)
            return work(connection)

        return await self.write(alone)

    async def scrub(self) -> None:
        """Leave it to the server: its autovacuum, its log and its backups are not ours."""

    async def close(self) -> None:
        """Close the pool."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()
        await self._read_engine.dispose()
        await self._engine.dispose()


async def _discard(connection: AsyncConnection) -> None:
    await connection.invalidate()
    await connection.close()


def _engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        _driver_url(url),
        pool_size=WRITERS,
        max_overflow=0,
        pool_timeout=COMMAND_TIMEOUT_S,
        connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S},
        hide_parameters=True,  # what people wrote, in the traceback of a failed statement
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    return engine


def _read_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        _driver_url(url),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S},
        hide_parameters=True,  # what people wrote, in the traceback of a failed statement
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    return engine


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(INDEX_LOOKUPS)
    cursor.close()
    connection.commit()


def _driver_url(url: URL) -> URL:
    """Name the driver, and give libpq's `sslmode` the name that asyncpg has for it."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)
