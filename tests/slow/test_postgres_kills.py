"""PostgreSQL, killed again and again while people vote; the application is never restarted."""

from pathlib import Path

import pytest

from .kill_runs import kill_postgres, kills
from .postgres_process import PostgresProcess


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(1800)
async def test_kills_of_postgresql(tmp_path: Path, server: PostgresProcess) -> None:
    figures = await kill_postgres(tmp_path, server, times=kills(50))

    assert figures.kills.total() == kills(50)
    assert figures.votes == figures.acknowledged > kills(50)
    assert (figures.lost, figures.doubled) == (0, 0)
    assert figures.tally["answers 503"] > 0
