"""The registry of workers: names, heartbeats, leaving, and long silence."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from blindarena.domain.workers import Worker
from storage.builders import START
from storage.conftest import AnyDatabase

SILENT = START - timedelta(seconds=9)


def _worker(name: str = "small@one", *, seconds: float = 0) -> Worker:
    at = START + timedelta(seconds=seconds)
    return Worker(
        id=uuid4(),
        name=name,
        model="small",
        base_url="http://10.0.0.5:8100/v1",
        sealed_key="ab12cd34:c2VhbGVk",
        engine="vllm",
        slots=4,
        cost_per_hour=0.5,
        state="ready",
        busy=None,
        joined_at=at,
        beat_at=at,
    )


async def test_workers_of_one_model_stand_side_by_side(database: AnyDatabase) -> None:
    second, first = _worker("small@two", seconds=1), _worker("small@one")

    for worker in (second, first):
        assert await database.workers.join(worker, silent_since=SILENT)

    assert await database.workers.all() == [first, second]


async def test_a_living_workers_name_is_not_given_away(database: AnyDatabase) -> None:
    holder = _worker()
    await database.workers.join(holder, silent_since=SILENT)

    assert not await database.workers.join(_worker(), silent_since=SILENT)

    assert await database.workers.all() == [holder]


async def test_a_silent_workers_name_is_free_again(database: AnyDatabase) -> None:
    await database.workers.join(_worker(), silent_since=SILENT)
    later = _worker(seconds=60)

    assert await database.workers.join(later, silent_since=START + timedelta(seconds=51))

    assert await database.workers.all() == [later]


async def test_of_two_that_want_a_name_at_once_one_gets_it(database: AnyDatabase) -> None:
    both = [_worker(), _worker()]

    got = await asyncio.gather(*(database.workers.join(w, silent_since=SILENT) for w in both))

    assert sorted(got) == [False, True]
    assert await database.workers.all() == [both[got.index(True)]]


async def test_joining_again_changes_what_is_known(database: AnyDatabase) -> None:
    worker = _worker()
    await database.workers.join(worker, silent_since=SILENT)
    moved = replace(worker, base_url="http://10.0.0.5:9100/v1", name="small@other")

    assert await database.workers.join(moved, silent_since=SILENT)

    assert await database.workers.all() == [moved]


async def test_heartbeats_are_counted(database: AnyDatabase) -> None:
    worker = _worker()
    await database.workers.join(worker, silent_since=SILENT)
    at = START + timedelta(seconds=3)

    assert await database.workers.beat(worker.id, at=at, state="draining", busy=2)
    assert not await database.workers.beat(uuid4(), at=at, state="ready", busy=0)

    beaten = replace(worker, beat_at=at, state="draining", busy=2, beats=1)
    assert await database.workers.all() == [beaten]


async def test_a_gateway_says_that_it_still_has_requests_there(database: AnyDatabase) -> None:
    worker = _worker()
    await database.workers.join(worker, silent_since=SILENT)
    at = START + timedelta(seconds=3)

    await database.workers.hold(worker.id, at=at)
    await database.workers.hold(uuid4(), at=at)

    assert await database.workers.all() == [replace(worker, held_at=at)]


async def test_leaving_and_long_silence_remove_a_worker(database: AnyDatabase) -> None:
    leaving, silent, living = _worker("a"), _worker("b", seconds=1), _worker("c", seconds=60)
    for worker in (leaving, silent, living):
        await database.workers.join(worker, silent_since=SILENT)

    assert await database.workers.leave(leaving.id)
    assert not await database.workers.leave(leaving.id)
    assert await database.workers.forget(silent_since=START + timedelta(seconds=30)) == 1

    assert await database.workers.all() == [living]
