"""The application, killed again and again while people vote: no acknowledged vote is lost."""

from pathlib import Path

import pytest

from .kill_runs import Figures, kill_app, kills
from .postgres_process import PostgresProcess


def check(figures: Figures, *, times: int) -> None:
    """The run itself fails on what is wrong; here, that it was under load at all."""
    assert figures.kills.total() == times
    assert figures.votes == figures.acknowledged > times
    assert (figures.lost, figures.doubled) == (0, 0)
    if times >= 20:
        assert figures.interrupted_found > 0


async def test_three_kills(tmp_path: Path) -> None:
    check(await kill_app(tmp_path, times=3), times=3)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_kills_on_sqlite(tmp_path: Path) -> None:
    check(await kill_app(tmp_path, times=kills(100)), times=kills(100))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(1800)
async def test_kills_on_postgresql(tmp_path: Path, server: PostgresProcess) -> None:
    figures = await kill_app(tmp_path, times=kills(100), postgres=server)
    check(figures, times=kills(100))
