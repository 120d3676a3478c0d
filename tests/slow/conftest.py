"""A PostgreSQL server that loses nothing: each test here gets one, and may kill it."""

import subprocess
from collections.abc import AsyncIterator, Callable
from typing import NoReturn

import pytest

from .postgres_process import PostgresProcess


@pytest.fixture
async def server(require: Callable[[str], NoReturn]) -> AsyncIterator[PostgresProcess]:
    """Give a running server; not the one that other tests share, which is set to be fast."""
    try:
        process = PostgresProcess()
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        require(f"PostgreSQL does not start here: {error!r}")
    try:
        await process.start()
        yield process
    finally:
        process.close()
