"""The relay's door: attempts, pauses, fallbacks, breakers and rests."""

import asyncio

import pytest

from blindarena.errors import ConfigError, GatewayError, ProviderError, ProviderFault
from blindarena.gateway.router import ModelRoute
from gateway.relay_door import World, call, failure


@pytest.fixture
def world() -> World:
    return World()


async def test_one_call_takes_and_gives_back_one_place(world: World) -> None:
    world.put("a", limit=1)
    world.model("a")

    relayed = await world.router.relay(call())

    assert (relayed.deployment, relayed.attempts) == ("a", 1)
    assert relayed.price is world.upstreams["a"].price
    assert world.in_flight == {"a": 1}
    world.now += 2.0
    relayed.end(None)
    relayed.end(failure())  # only the first counts
    state = world.router.states()["a"]
    assert (state.in_flight, state.status.requests, state.status.errors) == (0, 1, {})
    assert (state.first.p50, state.total.p50) == (0.0, 2.0)


async def test_a_failure_goes_to_another_deployment(world: World) -> None:
    world.put("a", failure("refused"))
    world.put("b", failure("timeout"))
    world.model("a", "b")

    relayed = await world.router.relay(call())

    assert relayed.attempts == 3
    assert sorted(world.asked.values()) == [1, 2]  # never twice in a row
    assert len(world.pauses) == 2
    assert 0 <= world.pauses[0] <= 0.1
    assert 0 <= world.pauses[1] <= 0.2
    relayed.end(None)
    assert world.in_flight == {"a": 0, "b": 0}
    assert sum(state.retries for state in world.router.states().values()) == 2


async def test_at_most_so_many_retries_and_the_last_error(world: World) -> None:
    world.put("a", *(failure("reset") for _ in range(3)), failure("server"))
    world.model("a")

    with pytest.raises(ProviderError, match="reset"):
        await world.router.relay(call())

    assert world.asked == {"a": 3}
    assert world.in_flight == {"a": 0}


@pytest.mark.parametrize("fault", ["bad_request", "declined"])
async def test_a_request_that_is_wrong_is_asked_once(world: World, fault: ProviderFault) -> None:
    for name in "ab":
        world.put(name, *(failure(fault, retryable=False, status=400) for _ in range(9)))
    world.model("a", "b")
    for _ in range(9):
        with pytest.raises(ProviderError, match=fault):
            await world.router.relay(call())
    assert sum(world.asked.values()) == 9
    assert {state.breaker for state in world.router.states().values()} == {"closed"}


@pytest.mark.parametrize(
    "error", [failure("auth", retryable=False, status=401), failure("bad_request", status=404)]
)
async def test_what_would_be_said_again_is_not_asked_again(
    world: World, error: ProviderError
) -> None:
    world.put("a", error)
    world.model("a")
    with pytest.raises(ProviderError):
        await world.router.relay(call())
    assert world.asked == {"a": 1}


async def test_a_lacking_feature_goes_to_a_deployment_that_has_it(world: World) -> None:
    lacks = GatewayError("no tools", status=400, type="invalid_request_error", code="tools")
    world.put("a", lacks, lacks)
    world.model("a")
    assert (await world.refused()).code == "tools"
    assert world.in_flight == {"a": 0}

    world.put("b")
    world.model("a", "b")
    world.router.set_limits("a", weight=1e9)
    relayed = await world.router.relay(call())
    assert (relayed.deployment, relayed.attempts) == ("b", 2)


async def test_looking_for_a_feature_is_no_retry() -> None:
    world = World(retries=0)
    lacks = GatewayError("no tools", status=400, type="invalid_request_error", code="tools")
    for name in "abc":
        world.put(name, lacks)
    world.model("a", "b", "c")
    assert (await world.refused()).code == "tools"
    assert world.asked == {"a": 1, "b": 1, "c": 1}
    assert world.pauses == []


async def test_fallbacks_in_their_order(world: World) -> None:
    for name in "abc":
        world.put(name, *(failure("server") for _ in range(3)))
    world.put("d")
    world.router.set_models(
        {
            "m": ModelRoute(("a",), ("n", "d")),
            "n": ModelRoute(("b", "c")),
        }
    )
    relayed = await world.router.relay(call())
    assert (relayed.deployment, relayed.attempts) == ("d", 7)
    assert world.asked["a"] == 3
    assert world.asked["b"] + world.asked["c"] == 3

    prices = [world.upstreams[name].price for name in "abcd"]
    assert world.router.dearest("m") == prices
    assert world.router.models() == ["m", "n", "d"]
    with pytest.raises(ConfigError, match="m -> m"):
        world.router.set_models({"m": ModelRoute(("a",), ("m",))})
    assert world.router.models() == ["m", "n", "d"]


async def test_no_such_model(world: World) -> None:
    world.put("a")
    world.model("a")
    for name in ("x", "a"):  # a deployment that a model contains has no name of its own
        error = await world.refused(name)
        assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert world.router.dearest("x") == []


async def test_none_can_be_asked(world: World) -> None:
    world.put("a")
    world.model("a", "gone")
    world.router.set_status("a", "loading")
    error = await world.refused()
    assert (error.status, error.code, error.retry_after_s) == (503, "no_deployment", None)
    world.router.set_status("a", "ready")
    world.router.set_health("a", "no answer")
    assert world.router.statuses()["a"].status == "down"
    assert (await world.refused()).status == 503
    world.router.set_health("a", None)
    (await world.router.relay(call())).end(None)


async def test_the_breaker_opens_tries_one_and_closes(world: World) -> None:
    world.put("a", *(failure("refused") for _ in range(4)))
    world.model("a")
    with pytest.raises(ProviderError):
        await world.router.relay(call())
    error = await world.refused()
    assert error.status == 503
    assert error.retry_after_s == pytest.approx(10)
    assert world.asked == {"a": 3}

    world.now += 10
    world.pauses.clear()
    with pytest.raises(ProviderError):  # the probe fails: no second attempt, and no pause
        await world.router.relay(call())
    assert world.asked == {"a": 4}
    assert world.pauses == []
    assert world.router.states()["a"].breaker == "open"

    world.now += 10
    first = await world.router.relay(call())
    assert world.router.states()["a"].breaker == "closed"
    first.end(None)


async def test_breaking_off_after_the_first_byte_counts_too(world: World) -> None:
    world.put("a")
    world.model("a")
    for _ in range(3):
        (await world.router.relay(call())).end(failure("reset"))
    assert world.router.states()["a"].breaker == "open"
    assert world.router.statuses()["a"].errors == {"reset": 3}


async def test_a_changed_deployment_begins_anew(world: World) -> None:
    world.put("a")
    world.model("a")
    early = await world.router.relay(call())
    for _ in range(3):
        (await world.router.relay(call())).end(failure("reset"))
    assert world.router.states()["a"].breaker == "open"
    world.put("a")  # as an engine that was started again
    for _ in range(2):
        (await world.router.relay(call())).end(failure("reset"))
    early.end(failure("reset"))  # of the one before
    assert world.router.states()["a"].breaker == "closed"
    assert world.in_flight == {"a": 0}


async def test_a_rate_limit_rests_and_is_no_failure(world: World) -> None:
    world.put("a", failure("rate_limit", status=429, retry_after_s=50))
    world.put("b")
    world.model("a", "b")
    for _ in range(10):
        (await world.router.relay(call())).end(None)
    assert world.asked == {"a": 1, "b": 10}
    state = world.router.states()["a"]
    assert state.breaker == "closed"
    assert state.rests_s == pytest.approx(50, abs=1)
    world.now += 50
    await asyncio.gather(*(world.router.relay(call()) for _ in range(2)))
    assert world.asked == {"a": 2, "b": 11}


async def test_retry_after_is_waited_for_while_there_is_time(world: World) -> None:
    world.put("a", failure("rate_limit", status=429, retry_after_s=5))
    world.model("a")
    assert (await world.router.relay(call())).attempts == 2
    assert world.pauses[0] == 5

    world.put("a", failure("rate_limit", status=429, retry_after_s=31))
    with pytest.raises(ProviderError, match="rate_limit"):
        await world.router.relay(call())
    error = await world.refused()
    assert (error.status, error.code) == (429, "upstream_rate_limit")
    assert error.retry_after_s == pytest.approx(31, abs=1)


async def test_a_fallback_goes_before_waiting(world: World) -> None:
    world.put("a", failure("rate_limit", status=429, retry_after_s=5))
    world.put("b")
    world.router.set_models({"m": ModelRoute(("a",), ("b",))})
    assert (await world.router.relay(call())).deployment == "b"
    assert world.pauses == []
