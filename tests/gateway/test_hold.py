"""Deployments that the owner has drained: nothing new until told otherwise, whatever happens."""

import asyncio

import pytest

from blindarena.errors import GatewayError
from gateway.relay_door import World, call, ticks


@pytest.fixture
def world() -> World:
    one = World()
    one.put("a", limit=1)
    one.put("b", limit=1)
    one.model("a", "b")
    return one


async def test_what_runs_goes_on_and_who_waits_is_sent_elsewhere(world: World) -> None:
    router = world.router
    first, second = [await router.relay(call()) for _ in range(2)]
    on_a, on_b = (first, second) if first.deployment == "a" else (second, first)
    waiting = asyncio.create_task(router.relay(call()))
    await ticks()
    router.hold({"a"})
    on_a.end(None)
    await ticks()
    assert not waiting.done()
    assert router.states()["a"].in_flight == 0
    on_b.end(None)
    relayed = await waiting
    assert relayed.deployment == "b"
    relayed.end(None)


async def test_it_holds_over_changes_and_for_what_comes_later(world: World) -> None:
    router = world.router
    router.hold({"a", "b", "late"})
    world.put("a", limit=1)
    router.set_status("b", "ready")
    world.put("late", limit=1)
    world.model("a", "b", "late")
    assert {name: state.held for name, state in router.states().items()} == {
        "a": True,
        "b": True,
        "late": True,
    }
    with pytest.raises(GatewayError) as caught:
        await router.relay(call())
    assert caught.value.code == "no_deployment"
    assert router.statuses()["a"].detail == "drained by the owner"

    waiting = asyncio.create_task(router.relay(call()))
    router.hold({"a", "late"})
    assert (await waiting).deployment == "b"


async def test_draining_for_another_reason_stays(world: World) -> None:
    """A worker that leaves is not let back by the owner's undoing."""
    router = world.router
    router.hold({"a"})
    assert await router.drain("a", 1)
    router.hold(())
    state = router.states()["a"]
    assert (state.held, state.draining, state.status.status) == (False, True, "down")


def test_what_takes_calls_is_told(world: World) -> None:
    upstream = world.router.upstream("a")
    assert upstream is not None
    assert upstream.name == "a"
    assert world.router.upstream("nobody") is None
