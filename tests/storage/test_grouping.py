import asyncio
from collections.abc import Sequence

import pytest

from blindarena.storage.grouping import Grouping


async def test_what_arrives_during_a_flush_shares_the_next() -> None:
    groups: list[list[int]] = []
    gate = asyncio.Event()

    async def flush(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        await gate.wait()
        return [item * 10 for item in items]

    grouping = Grouping(flush, limit=3)
    tasks = [asyncio.create_task(grouping.submit(0))]
    await asyncio.sleep(0.01)
    tasks += [asyncio.create_task(grouping.submit(n)) for n in range(1, 6)]
    await asyncio.sleep(0)
    gate.set()

    assert await asyncio.gather(*tasks) == [0, 10, 20, 30, 40, 50]
    assert groups == [[0], [1, 2, 3], [4, 5]]


async def test_each_gets_its_own_exception() -> None:
    async def flush(items: Sequence[int]) -> list[int | Exception]:
        return [ValueError(str(item)) if item % 2 else item for item in items]

    grouping: Grouping[int, int] = Grouping(flush, limit=9)
    results = await asyncio.gather(*(grouping.submit(n) for n in range(4)), return_exceptions=True)

    assert [str(r) for r in results] == ["0", "1", "2", "3"]
    assert [isinstance(r, ValueError) for r in results] == [False, True, False, True]


async def test_a_failed_flush_is_everybodys_and_the_next_works() -> None:
    fails = [True, False]

    async def flush(items: Sequence[int]) -> list[int]:
        if fails.pop(0):
            raise OSError("disk")
        return list(items)

    grouping = Grouping(flush, limit=9)
    results = await asyncio.gather(*(grouping.submit(n) for n in range(3)), return_exceptions=True)
    assert [str(r) for r in results] == ["disk"] * 3
    assert await grouping.submit(7) == 7


async def test_a_caller_that_goes_away_leaves_its_item() -> None:
    flushed: list[int] = []

    async def flush(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        flushed.extend(items)
        return list(items)

    grouping = Grouping(flush, limit=9)
    task = asyncio.create_task(grouping.submit(1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await grouping.drain()

    assert flushed == [1]


async def test_draining_with_nothing_to_do_returns() -> None:
    async def flush(items: Sequence[int]) -> list[int]:
        return list(items)

    await Grouping(flush, limit=1).drain()
