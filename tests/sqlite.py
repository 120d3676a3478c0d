"""A migrated SQLite database: made once for all tests of a run, copied for each."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from blindarena.storage import Database

_PREFIX = "sqlite:///"


def prepare(url: str) -> None:
    """Put a migrated, empty database where a SQLite address leads to no file yet."""
    if not url.startswith(_PREFIX) or url == f"{_PREFIX}:memory:":
        return
    path = Path(url.removeprefix(_PREFIX))
    if not path.exists():
        path.write_bytes(_template())


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"

        async def migrate() -> None:
            database = await Database.open(f"{_PREFIX}{path}")
            await database.migrate()
            await database.close()

        # In a thread: the test that asks may run a loop of its own.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(migrate())).result()
        return path.read_bytes()
