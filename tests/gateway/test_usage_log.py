"""Usage is written in batches, and lost neither by a database that is gone nor by SIGTERM."""

import asyncio
import logging
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow
from blindarena.errors import StorageError
from blindarena.gateway.usage_file import UsageFile
from blindarena.gateway.usage_log import UsageLog
from sqlite import prepare

WRITER = Path(__file__).with_name("usage_writer.py")
ROW = UsageRow(
    id=uuid7(),
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    request_id="r",
    key_id=uuid7(),
    endpoint="chat",
    model="small",
    deployment=None,
    stream=False,
    prompt_tokens=None,
    completion_tokens=1,
    cached_tokens=0,
    reported=False,
    cost_usd=0.1,
    ttft_s=None,
    seconds=0.25,
    status=200,
)


def rows(number: int) -> list[UsageRow]:
    return [replace(ROW, id=uuid7()) for _ in range(number)]


class Store:
    """A database that may be down, or hang."""

    def __init__(self) -> None:
        self.batches: list[list[UsageRow]] = []
        self.down = False
        self.hangs = False
        self.refuses: list[UsageRow] = []

    async def add(self, rows: Sequence[UsageRow]) -> list[UsageRow]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.down:
            raise StorageError("gone")
        self.batches.append(list(rows))
        return [row for row in rows if row in self.refuses]

    @property
    def rows(self) -> list[UsageRow]:
        return [row for batch in self.batches for row in batch]


def usage_log(store: Store, folder: Path, **options: float) -> UsageLog:
    return UsageLog(
        store,
        file=UsageFile(folder, uuid7()),
        batch=int(options.pop("batch", 10)),
        bound=int(options.pop("bound", 100)),
        interval=options.pop("interval", 0.01),
        patience=options.pop("patience", 0.05),
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_rows_are_written_together_and_when_time_is_up(tmp_path: Path) -> None:
    store = Store()
    log = usage_log(store, tmp_path)
    log.open()
    given = rows(25)
    for row in given:
        log.add(row)
    await until(lambda: log.waiting == 0)
    await log.close()

    assert store.rows == given
    assert [len(batch) for batch in store.batches] == [10, 10, 5]


async def test_closing_writes_what_is_left(tmp_path: Path) -> None:
    store = Store()
    log = usage_log(store, tmp_path, interval=3600, batch=1000)
    log.open()
    given = rows(25)
    for row in given:
        log.add(row)
    await log.close()
    await log.close()

    assert store.rows == given
    assert list(tmp_path.iterdir()) == []


async def test_a_row_that_comes_after_the_end_is_written_at_the_next_start(tmp_path: Path) -> None:
    store = Store()
    log = usage_log(store, tmp_path)
    log.open()
    await log.close()
    late = rows(1)
    log.add(late[0])

    again = usage_log(store, tmp_path)
    again.open()
    await until(lambda: store.rows == late)
    await again.close()


async def test_while_the_database_is_down_memory_is_bounded_and_nothing_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    store.down = True
    log = usage_log(store, tmp_path)
    log.open()
    given = rows(1000)
    for n, row in enumerate(given):
        log.add(row)
        if n % 50 == 0:
            await asyncio.sleep(0)
        assert log.waiting <= 100 + 10
    await until(lambda: "usage cannot be written" in caplog.text)
    assert len(list(tmp_path.glob("usage-waiting-*.jsonl"))) == 1

    store.down = False
    await until(lambda: len(store.rows) >= 1000 and not list(tmp_path.iterdir()))
    await log.close()

    assert {row.id for row in store.rows} == {row.id for row in given}
    assert log.lost == 0


@pytest.mark.parametrize("trouble", ["down", "hangs"])
async def test_what_cannot_be_written_at_the_end_is_written_at_the_next_start(
    tmp_path: Path, trouble: str
) -> None:
    store = Store()
    setattr(store, trouble, True)
    log = usage_log(store, tmp_path)
    log.open()
    given = rows(25)
    for row in given:
        log.add(row)
    await asyncio.sleep(0.02)
    await log.close()
    assert store.rows == []

    setattr(store, trouble, False)
    log = usage_log(store, tmp_path)
    log.open()
    await until(lambda: not list(tmp_path.iterdir()))
    await log.close()

    assert len(store.rows) == 25
    assert set(store.rows) == set(given)


async def test_a_line_that_was_cut_off_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, given = UsageFile(tmp_path, uuid7()), rows(3)
    file.append(given)
    (path,) = file.waiting()
    path.write_bytes(path.read_bytes()[:-40])
    store = Store()
    log = usage_log(store, tmp_path)
    log.open()
    await until(lambda: not list(tmp_path.iterdir()))
    await log.close()

    assert store.rows == given[:2]
    assert "line 3 is no row of usage" in caplog.text


async def test_a_file_that_grows_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    file, given = UsageFile(tmp_path, uuid7()), rows(2)
    file.append(given[:1])
    path = file.claim(file.waiting()[0])
    assert path is not None
    assert file.claim(path) == path  # of a reader that was stopped
    found, size = file.read(path)
    file.append(given[1:])  # to a new file: the first is claimed
    (fresh,) = [one for one in file.waiting() if one != path]
    with path.open("ab") as grown:
        grown.write(fresh.read_bytes())

    assert found == given[:1]
    assert not file.remove(path, size)
    found, size = file.read(path)
    assert found == given
    assert file.remove(path, size)


async def test_what_no_place_takes_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    given = rows(3)
    store.refuses = [given[1]]
    log = usage_log(store, tmp_path / "missing")
    for row in given:
        log.add(row)
    await log.close()
    assert log.lost == 1
    assert "no database can hold this row" in caplog.text

    store.down = True
    log.add(given[0])
    await log.close()
    assert log.lost == 2
    assert "1 rows are lost, neither database nor disk" in caplog.text


async def test_a_bug_of_the_store_does_not_end_the_writing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    store = Store()
    real, broken = store.add, [True]

    async def add(rows: Sequence[UsageRow]) -> list[UsageRow]:
        if broken:
            broken.pop()
            raise RuntimeError("unforeseen")
        return await real(rows)

    store.add = add  # type: ignore[method-assign]
    log = usage_log(store, tmp_path)
    log.open()
    log.add(ROW)
    await until(lambda: store.rows == [ROW])
    await log.close()


def start(folder: Path) -> "subprocess.Popen[str]":
    prepare(f"sqlite:///{folder / 'test.db'}")
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE, text=True
    )


def stored(folder: Path) -> int:
    with sqlite3.connect(folder / "test.db") as database:
        return int(database.execute("SELECT count(*) FROM usage").fetchone()[0])


@pytest.mark.slow
def test_sigterm_loses_nothing(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "written 700\n"
        running.send_signal(signal.SIGTERM)
        last = running.stdout.read().split()

    assert running.returncode == 0
    assert last[-2] == "added"
    assert stored(tmp_path) == int(last[-1]) > 700


@pytest.mark.slow
def test_a_kill_loses_no_row_that_was_written(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "written 700\n"
        running.kill()

    assert stored(tmp_path) >= 700
