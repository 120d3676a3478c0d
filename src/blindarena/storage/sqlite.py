"""SQLite: one writer with group commit, and readers that never wait for it.

The synchronous driver runs in threads of ours, one hop per transaction. aiosqlite hops for
every statement: measured with five statements per transaction, 410 transactions/s against
1,750, and 390 against 5,860 when 50 of them share a commit.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import NullPool

from blindarena.errors import StorageError
from blindarena.storage.failures import storage_errors
from blindarena.storage.grouping import Grouping

T = TypeVar("T")
Work = Callable[[Connection], Any]
READERS = 4
BUSY_TIMEOUT_MS = 10_000
OLDEST = (3, 35, 0)  # the first with RETURNING


class SqliteRunner:
    """One file; see `Runner`.

    Args:
        path: the file.
        folder: a temporary folder to remove at the end.
    """

    def __init__(self, path: Path, *, folder: TemporaryDirectory[str] | None = None) -> None:
        self._folder = folder
        self.where = f"SQLite file {path}"
        self._path = path
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._read_engine = _engine(path, begin=None)
        self._write_engine = _engine(path, begin="BEGIN IMMEDIATE")
        self._closed = False
        self._connection: Connection | None = None
        self._thread = threading.local()  # each reader's thread keeps its connection
        self._read_connections: list[Connection] = []
        self._group: Grouping[Work, Any] = Grouping(self._flush, limit=256)

    @classmethod
    async def open(
        cls, path: Path, *, folder: TemporaryDirectory[str] | None = None
    ) -> "SqliteRunner":
        """Open the file, making it where there is none.

        Raises:
            StorageError: it cannot be read or written.
        """
        if sqlite3.sqlite_version_info < OLDEST:
            raise StorageError(
                f"this Python's SQLite is {sqlite3.sqlite_version}, 3.35 or newer is needed:"
                " use another Python, or PostgreSQL"
            )
        runner = cls(path, folder=folder)
        try:
            await runner.write(lambda connection: None)
        except StorageError as error:
            await runner.close()
            raise StorageError(
                f"{error} (the file and its folder must exist and be writable)"
            ) from error
        return runner

    def insert(self, table: Table, /) -> sqlite.Insert:
        """Return SQLite's INSERT."""
        return sqlite.insert(table)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work on a reader's connection."""
        with storage_errors(self.where, closed=self._closed):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._readers, partial(self._read, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work with the next group commit; its failure undoes only its own changes."""
        with storage_errors(self.where, closed=self._closed):
            result: T = await self._group.submit(work)
            return result

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """Run work on a connection of its own, with foreign keys off while tables are rebuilt."""
        with storage_errors(self.where, closed=self._closed):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._writer, partial(self._migrate, work))

    async def scrub(self) -> None:
        """Write the file anew without what was deleted, and empty the log beside it."""
        await self._group.drain()
        with storage_errors(self.where, closed=self._closed):
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, self._scrub)

    async def close(self) -> None:
        """Commit what waits, then close every connection."""
        if self._closed:
            return
        self._closed = True
        await self._group.drain()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._readers.shutdown)
        await loop.run_in_executor(self._writer, self._close)
        self._writer.shutdown()
        if self._folder is not None:
            self._folder.cleanup()

    async def _flush(self, works: Sequence[Work]) -> list[Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._commit, works)

    def _commit(self, works: Sequence[Work]) -> list[Any]:
        if self._connection is None:
            self._connection = self._write_engine.connect()
        connection = self._connection
        with connection.begin():
            if len(works) == 1:
                return [works[0](connection)]
            return [_alone(connection, work) for work in works]

    def _read(self, work: Callable[[Connection], T]) -> T:
        connection: Connection | None = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._thread.connection = self._read_engine.connect()
            self._read_connections.append(connection)
        try:
            return work(connection)
        finally:
            connection.rollback()

    def _migrate(self, work: Callable[[Connection], T]) -> T:
        engine = _engine(self._path, begin="BEGIN IMMEDIATE", foreign_keys=False)
        try:
            with engine.begin() as connection:
                result = work(connection)
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise StorageError(f"{self.where}: the migration broke a reference: {broken}")
                return result
        finally:
            engine.dispose()

    def _scrub(self) -> None:
        try:
            with closing(
                sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
            ) as driver:
                driver.execute("VACUUM")
                busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            raise StorageError(
                f"{self.where}: deleted rows could not be overwritten: {error}"
            ) from error
        if busy:
            raise StorageError(
                f"{self.where}: deleted rows could not be overwritten while another program reads;"
                " try again"
            )

    def _close(self) -> None:
        for connection in (self._connection, *self._read_connections):
            if connection is not None:
                connection.close()


def _alone(connection: Connection, work: Work) -> Any:
    """Run one of several works in a savepoint; return its result or its exception."""
    try:
        with connection.begin_nested():
            return work(connection)
    except Exception as error:
        driver = connection.connection.dbapi_connection
        if driver is None or not driver.in_transaction:  # e.g. disk full: SQLite undid the whole
            raise
        return error


def _engine(path: Path, *, begin: str | None, foreign_keys: bool = True) -> Engine:
    """Return an engine whose connections are set up, and begin as told (None: autocommit)."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # what people wrote, in the traceback of a failed statement
    )

    @event.listens_for(engine, "connect")
    def set_up(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None  # we begin, not the driver
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        driver.execute("PRAGMA cache_size = -16000")
        driver.execute("PRAGMA secure_delete = ON")  # deleted bytes are overwritten with zeros
        if begin is None:
            driver.execute("PRAGMA query_only = ON")

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine
