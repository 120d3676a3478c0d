"""What the owner sees of deployments, and draining in every process of a database."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blindarena.bootstrap.cards import DeploymentCard
from blindarena.bootstrap.gateway_states import deployment_rows, model_rows
from blindarena.bootstrap.switchboard import Switchboard
from blindarena.errors import NotFoundError, StorageError
from blindarena.gateway.router import DeploymentState, Router
from blindarena.testing.memory_workers import MemoryDrained, MemoryWorkers
from gateway.relay_door import FakeUpstream

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Lines(list[str]):
    """Takes the audit log's lines."""

    async def add(self, *, at: datetime, who: str, what: str, detail: str = "") -> None:
        self.append(f"{who}: {what}")


class Stand:
    """One process with a router of one deployment."""

    def __init__(self, drained: Any, *names: str) -> None:
        self.router = Router()
        self.lines = Lines()
        for name in names or ("a",):
            self.router.put_upstream(name, FakeUpstream(name))
        self.board = Switchboard(
            router=self.router,
            cards={},
            drained=drained,
            workers=MemoryWorkers(),
            audit=self.lines,
            usage=None,
            now=lambda: NOW,
            follow_s=0.001,
        )


async def until_held(router: Router, *, held: bool) -> None:
    while router.states()["a"].held is not held:
        await asyncio.sleep(0.001)


async def test_every_process_of_a_database_follows() -> None:
    drained = MemoryDrained()
    here, there = Stand(drained), Stand(drained)
    await there.board.open()
    await here.board.drain("a", who="Owner")
    await here.board.drain("a", who="Owner")
    assert here.router.states()["a"].held
    await until_held(there.router, held=True)
    await there.board.undrain("a", who="Owner")
    await here.board.open()
    await until_held(here.router, held=False)
    for stand in (here, there):
        await stand.board.close()
        await stand.board.close()
    assert here.lines == ["Owner: Drained the deployment a"]
    assert there.lines == ["Owner: Let the deployment a take requests again"]


async def test_a_database_that_fails_for_a_while_changes_nothing() -> None:
    class Failing(MemoryDrained):
        fails = 0

        async def all(self) -> frozenset[str]:
            if self.fails > 0:
                self.fails -= 1
                raise StorageError("the database does not answer")
            return await super().all()

    drained = Failing()
    stand = Stand(drained)
    await stand.board.drain("a", who="Owner")
    await stand.board.open()
    drained.fails = 3
    await drained.remove("a")
    await until_held(stand.router, held=False)
    await stand.board.close()
    assert drained.fails == 0


async def test_who_is_gone_can_be_let_back_but_not_drained() -> None:
    drained = MemoryDrained()
    await drained.add("gone", at=NOW)
    board = Stand(drained).board
    await board.undrain("gone", who="Owner")
    assert await drained.all() == frozenset()
    for act in (board.undrain, board.drain, board.ask):
        with pytest.raises(NotFoundError):
            await act("gone", who="Owner")


CASES: list[tuple[dict[str, Any], str, float | None]] = [
    ({}, "ready", None),
    ({"in_flight": 2, "max_concurrent": 2}, "full", None),
    ({"in_flight": 2, "max_concurrent": 3}, "ready", None),
    ({"rests_s": 5.0}, "resting", 5.0),
    ({"breaker": "open", "opens_in_s": 9.0, "rests_s": 5.0}, "open", 9.0),
    ({"breaker": "half_open"}, "half_open", None),
    ({"held": True, "breaker": "open", "opens_in_s": 9.0}, "drained", None),
    ({"held": True, "in_flight": 1}, "draining", None),
    ({"draining": True}, "drained", None),
]


@pytest.mark.parametrize(("facts", "word", "wait_s"), CASES)
def test_a_state_is_one_word(facts: dict[str, Any], word: str, wait_s: float | None) -> None:
    class Told(Router):
        def states(self) -> dict[str, DeploymentState]:
            return {name: replace(state, **facts) for name, state in super().states().items()}

    router = Told()
    router.put_upstream("a", FakeUpstream("a"))
    card = DeploymentCard("a", "openai", "gpt", None, "free", "OpenAI, US", None)
    (row,) = deployment_rows(router, cards={"a": card}, workers={}, now=NOW)
    until = None if wait_s is None else NOW + timedelta(seconds=wait_s)
    assert (row.state, row.until, row.kind, row.price) == (word, until, "openai", "free")
    (model,) = model_rows(router, [row])
    assert model.ready == int(word in ("ready", "half_open", "full"))


def test_a_deployment_that_is_down_says_why() -> None:
    router = Stand(MemoryDrained()).router
    router.set_status("a", "down", "no key")
    (row,) = deployment_rows(router, cards={}, workers={}, now=NOW)
    assert (row.state, row.detail, row.kind) == ("down", "no key", "worker")
