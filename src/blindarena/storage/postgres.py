"""PostgreSQL over asyncpg: a pool, and one more attempt where a connection had died."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from blindarena.errors import StorageError
from blindarena.storage.failures import storage_errors

T = TypeVar("T")
POOL_SIZE = 10
CONNECT_TIMEOUT_S = 10
ONE_MIGRATION_AT_A_TIME = "SELECT pg_advisory_xact_lock(7291120847)"


class PostgresRunner:
    """One database of a PostgreSQL server; see `Runner`."""

    def __init__(self, url: URL) -> None:
        self.where = f"PostgreSQL {url.set(drivername='postgresql').render_as_string()}"
        self._engine = create_async_engine(
            _driver_url(url),
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_timeout=30,
            connect_args={"timeout": CONNECT_TIMEOUT_S},
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

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
        """Run work without a transaction around it: no round trips for BEGIN and ROLLBACK."""
        return await self._attempt(self._reading, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction; a group commit is PostgreSQL's own business."""
        return await self._attempt(self._engine, work)

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """Run work under a lock that several starting processes share."""

        def alone(connection: Connection) -> T:
            connection.exec_driver_sql(ONE_MIGRATION_AT_A_TIME)
            return work(connection)

        return await self._attempt(self._engine, alone)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def _attempt(self, engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
        """Run work and commit; where the connection was dead before COMMIT, once more.

        That costs nothing while all is well, where a ping before each use is a round trip. A
        connection that breaks at COMMIT is an error: it may have been committed or not.
        """
        last = False
        while True:
            with storage_errors(self.where):
                async with engine.connect() as connection:
                    try:
                        result = await connection.run_sync(work)
                    except DBAPIError as error:
                        if last or not error.connection_invalidated:
                            raise
                        last = True  # the pool drops all that is older than this moment
                        continue
                    await connection.commit()
                    return result


def _driver_url(url: URL) -> URL:
    """Name the driver, and give libpq's `sslmode` the name that asyncpg has for it."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)
