"""Jobs run one after the other, once each, and are forgotten at the end."""

import asyncio
import logging
import threading

import pytest

from blindarena.leaderboard.background import Jobs, in_thread


class Log:
    """Jobs that write down that they ran, and wait to be let go."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.go = asyncio.Event()

    def job(self, name: str):
        async def work() -> None:
            self.ran.append(name)
            await self.go.wait()

        return work


async def test_the_same_job_runs_once_and_a_newer_one_takes_the_place_of_one_that_waits() -> None:
    jobs, log = Jobs(), Log()
    jobs.start("a", 1, log.job("a1"))
    await asyncio.sleep(0)
    jobs.start("a", 1, log.job("a1 again"))
    jobs.start("b", 1, log.job("b1"))
    jobs.start("b", 2, log.job("b2"))
    assert (jobs.busy("a"), jobs.busy("b"), jobs.busy("c")) == (True, True, False)

    log.go.set()
    await jobs.idle()

    assert log.ran == ["a1", "b2"]
    assert not jobs.busy("a")


async def test_the_oldest_gives_way_where_too_many_wait() -> None:
    jobs, log = Jobs(most=2), Log()
    for name in ("a", "b", "c", "d"):
        jobs.start(name, 1, log.job(name))
        await asyncio.sleep(0)  # the first one runs

    log.go.set()
    await jobs.idle()

    assert log.ran == ["a", "c", "d"]


async def test_an_error_is_logged_and_the_next_job_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs, log = Jobs(), Log()

    async def broken() -> None:
        raise RuntimeError("no ratings today")

    with caplog.at_level(logging.ERROR):
        jobs.start("a", 1, broken)
        jobs.start("b", 1, log.job("b"))
        log.go.set()
        await jobs.idle()

    assert log.ran == ["b"]
    assert "no ratings today" in caplog.text


async def test_nothing_runs_after_the_end() -> None:
    jobs, log = Jobs(), Log()
    jobs.start("a", 1, log.job("a"))
    jobs.start("b", 1, log.job("b"))
    await asyncio.sleep(0)

    await jobs.close()
    jobs.start("c", 1, log.job("c"))
    await asyncio.sleep(0)

    assert log.ran == ["a"]
    assert not jobs.busy("c")


async def test_a_thread_gives_its_result_or_its_error() -> None:
    main = threading.get_ident()
    assert await in_thread(threading.get_ident) != main

    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0)


async def test_who_stops_waiting_leaves_the_thread_alone() -> None:
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        end.wait(5)

    task = asyncio.create_task(in_thread(work))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    end.set()
