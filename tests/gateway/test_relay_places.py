"""Places at deployments: shared by both doors, waited for, and given back whatever happens."""

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.errors import BlindArenaError, GatewayError, ProviderError
from blindarena.gateway.calls import Call
from blindarena.gateway.router import ModelRoute
from blindarena.testing import FakeChatModel
from blindarena.testing.fake_model import Step
from gateway.helpers import ASK, collect
from gateway.relay_door import FakeReply, FakeUpstream, World, call, failure, ticks


@pytest.fixture
def world() -> World:
    return World()


async def test_full_queues_and_time_outs() -> None:
    world = World(queue_timeout_s=0.01)
    world.put("a", limit=1, queue=1)
    world.put("b", limit=1, queue=0)
    world.model("a", "b")
    held = [await world.router.relay(call()) for _ in range(2)]
    waiting = asyncio.create_task(world.router.relay(call()))
    await ticks()
    error = await world.refused()
    assert (error.status, error.code) == (429, "queue_full")
    with pytest.raises(GatewayError) as caught:
        await waiting
    assert (caught.value.status, caught.value.code) == (504, "queue_timeout")

    waiting = asyncio.create_task(world.router.relay(call()))
    await ticks()
    for relayed in held:
        relayed.end(None)
    (await waiting).end(None)
    assert world.in_flight == {"a": 0, "b": 0}


async def test_who_waits_takes_a_deployment_that_comes(world: World) -> None:
    world.put("a", limit=1)
    world.model("a")
    await world.router.relay(call())
    waiting = [asyncio.create_task(world.router.relay(call())) for _ in range(2)]
    await ticks()
    world.put("new", limit=1)
    await ticks()
    assert world.router.states()["a"].waiting == 2
    world.model("a", "new")
    await ticks()
    assert [task.done() for task in waiting] == [True, False]
    assert waiting[0].result().deployment == "new"
    waiting[0].result().end(None)
    assert (await waiting[1]).deployment == "new"


async def test_who_waits_is_not_served_by_what_has_gone(world: World) -> None:
    world.put("a", limit=1)
    world.model("a")
    held = await world.router.relay(call())
    waiting = asyncio.create_task(world.router.relay(call()))
    await ticks()
    world.router.set_status("a", "down")
    held.end(None)
    with pytest.raises(GatewayError, match="can be asked"):
        await waiting
    assert world.in_flight == {"a": 0}


async def test_drain_change_and_remove(world: World) -> None:
    world.put("a")
    world.model("a")
    running = await world.router.relay(call())
    assert not await world.router.drain("a", 0.001)
    assert world.router.statuses()["a"].detail == "draining"
    assert (await world.refused()).status == 503
    draining = asyncio.create_task(world.router.drain("a", 60))
    await ticks()
    running.end(None)
    assert await draining
    assert await world.router.drain("unheard-of", 60)

    world.put("a")  # changed: it takes requests again
    running = await world.router.relay(call())
    world.router.drop("a")
    assert (await world.refused()).status == 503
    running.end(None)
    assert world.router.states() == {}


async def test_leaving_before_the_reply_gives_the_place_back(world: World) -> None:
    world.put("a", asyncio.Event(), limit=1)
    world.model("a")
    asking = asyncio.create_task(world.router.relay(call()))
    await ticks()
    assert world.in_flight == {"a": 1}
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert world.in_flight == {"a": 0}
    assert world.router.states()["a"].total.count == 0


async def test_a_broken_adapter_gives_the_place_back(world: World) -> None:
    class Broken(FakeUpstream):
        async def send(self, call: Call) -> FakeReply:
            raise KeyError("choices")

    world.router.put_upstream("a", Broken("a"))
    world.model("a")
    with pytest.raises(KeyError):
        await world.router.relay(call())
    assert world.router.states()["a"].in_flight == 0


async def test_both_doors_share_places_and_breaker(world: World) -> None:
    world.router.put("a", FakeChatModel("a", "Hi"))
    world.put("a", failure(), failure(), failure(), limit=1)
    assert world.router.available(["a"])
    stream = world.router.stream(["a"], ASK)
    await anext(stream)
    assert world.in_flight == {"a": 1}
    waiting = asyncio.create_task(world.router.relay(call("a")))
    await ticks()
    assert world.router.states()["a"].waiting == 1
    await stream.aclose()  # its reader leaves
    with pytest.raises(ProviderError):
        await waiting
    assert not world.router.available(["a"])
    with pytest.raises(ProviderError, match="can be asked") as caught:
        await collect(world.router.stream(["a"], ASK))
    assert caught.value.fault == "unavailable"
    assert world.in_flight == {"a": 0}


async def test_the_arena_passes_over_what_is_full(world: World) -> None:
    for name in ("first", "second"):
        world.router.put(name, FakeChatModel(name, "Hi"))
    world.router.set_limits("first", max_concurrent=1)
    stream = world.router.stream(["first", "second"], ASK)
    await anext(stream)
    assert (await collect(world.router.stream(["first", "second"], ASK)))[1].deployment == "second"
    await stream.aclose()
    assert (await collect(world.router.stream(["first", "second"], ASK)))[1].deployment == "first"


async def test_a_prefix_keeps_its_deployment(world: World) -> None:
    for name in "abcd":
        world.put(name)
    world.router.set_models({"m": ModelRoute(tuple("abcd"), routing="prefix")})
    homes: dict[bytes, set[str]] = {}
    for i in range(60):
        prefix = b"system %d" % (i % 6)
        relayed = await world.router.relay(call(prefix=prefix))
        homes.setdefault(prefix, set()).add(relayed.deployment)
        relayed.end(None)
    assert {len(home) for home in homes.values()} == {1}
    assert len({next(iter(home)) for home in homes.values()}) > 1


async def test_under_load_weights_are_met_and_a_dead_one_carries_nothing(world: World) -> None:
    """One of three deployments refuses everything: its breaker keeps load off it."""
    rng = random.Random(11)
    for name, weight in {"a": 2.0, "b": 1.0, "dead": 1.0}.items():
        answers = [failure("refused") for _ in range(500)] if name == "dead" else []
        world.upstreams[name] = FakeUpstream(name, answers)
        world.router.put_upstream(name, world.upstreams[name], weight=weight)
    world.model("a", "b", "dead")
    served: Counter[str] = Counter()
    running = [await world.router.relay(call()) for _ in range(12)]
    for _ in range(2000):
        world.now += 0.01
        ended = running.pop(rng.randrange(len(running)))
        ended.end(None)
        served[ended.deployment] += 1
        running.append(await world.router.relay(call()))
    assert served["a"] / 2000 == pytest.approx(2 / 3, abs=0.03)
    assert served["dead"] == 0
    # 20 s and a little: 3 failures to open, then one probe every 10 s.
    assert world.asked["dead"] <= 3 + 3


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32))
def test_no_place_is_lost(seed: int) -> None:
    """Faults, readers that leave, cancellations, drains and changes in any order."""
    asyncio.run(_turmoil(random.Random(seed)))


async def _turmoil(rng: random.Random) -> None:
    world = World(queue_timeout_s=0.002)
    faults = [failure("reset"), failure("rate_limit", retry_after_s=0.5), failure("empty")]
    names = ["a", "b", "c"][: rng.randint(1, 3)]

    def change(name: str) -> None:
        script = [rng.choice([None, *faults]) for _ in range(20)]
        scripts: list[list[Step]] = [["Hi"], ["Hi", failure("reset")], [failure("server")]]
        world.router.put(name, FakeChatModel(name, rng.choice(scripts)))
        world.put(name, *script, limit=rng.randint(1, 2), queue=rng.randint(0, 6))

    async def relays() -> None:
        relayed = await world.router.relay(call())
        try:
            await ticks(rng.randint(0, 5))
        finally:
            relayed.end(rng.choice([None, *faults]))

    async def streams() -> None:
        events = world.router.stream(names, ASK)
        try:
            async for _ in events:
                await ticks(rng.randint(0, 3))
                if rng.random() < 0.2:
                    break
        finally:
            await events.aclose()

    for name in names:
        change(name)
    world.model(*names)
    clients: list[asyncio.Task[None]] = []
    for _ in range(50):
        name = rng.choice(names)
        match rng.randrange(12):
            case 0:
                change(name)
            case 1:
                world.router.set_status(name, rng.choice(["ready", "ready", "down"]))
            case 2:
                await world.router.drain(name, 0.0)
            case 3:
                world.now += rng.uniform(0, 5)
            case 4 | 5 if clients:
                rng.choice(clients).cancel()
            case 6 | 7:
                clients.append(asyncio.create_task(streams()))
            case _:
                clients.append(asyncio.create_task(relays()))
        await ticks(rng.randint(0, 2))
    for result in await asyncio.gather(*clients, return_exceptions=True):
        assert result is None or isinstance(result, BlindArenaError | asyncio.CancelledError)
    for state in world.router.states().values():
        assert (state.in_flight, state.waiting) == (0, 0)
