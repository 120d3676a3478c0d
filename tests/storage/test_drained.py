"""Deployments that the owner has drained."""

from storage.builders import START
from storage.conftest import AnyDatabase


async def test_one_is_drained_once_and_let_back_once(database: AnyDatabase) -> None:
    drained = database.drained
    assert await drained.all() == frozenset()

    assert [await drained.add("big-1", at=START) for _ in range(2)] == [True, False]
    await drained.add("small@one/x", at=START)
    assert await drained.all() == {"big-1", "small@one/x"}

    assert [await drained.remove("big-1") for _ in range(2)] == [True, False]
    assert await drained.all() == {"small@one/x"}
