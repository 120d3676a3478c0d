import asyncio
import math
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import aiohttp
import pytest

from blindarena.domain.chat import ChatRequest, StreamEvent, TextDelta
from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.router import Readiness, Router
from blindarena.testing import Behaviour, FakeChatModel, FakeUpstream
from gateway.helpers import ASK, adapter, collect

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def error(fault: ProviderFault, *, retryable: bool = True) -> ProviderError:
    return ProviderError(f"it failed: {fault}", fault=fault, deployment="x", retryable=retryable)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def router(pauses: list[float]) -> Router:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return Router(rng=random.Random(1), clock=lambda: NOW, sleep=sleep, jitter_s=0.1)


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [("refused", True), ("rate_limit", True), ("empty", True), ("auth", False)],
)
async def test_goes_on_before_the_first_token(
    router: Router, pauses: list[float], fault: ProviderFault, retryable: bool
) -> None:
    router.put("first", FakeChatModel("first", [error(fault, retryable=retryable)]))
    router.put("second", FakeChatModel("second", ["Hello"]))

    texts, finished = await collect(router.stream(["first", "second"], ASK))

    assert texts == ["Hello"]
    assert finished.deployment == "second"
    assert len(pauses) == 1
    assert 0 <= pauses[0] <= 0.1
    first, second = router.statuses()["first"], router.statuses()["second"]
    assert (first.requests, first.errors, first.last_ok_at) == (1, {fault: 1}, None)
    assert (first.last_error, first.last_error_at) == (f"it failed: {fault}", NOW)
    assert (second.requests, second.errors, second.last_ok_at) == (1, {}, NOW)


async def test_does_not_go_on_with_a_request_that_is_wrong(router: Router) -> None:
    second = FakeChatModel("second")
    router.put("first", FakeChatModel("first", [error("bad_request", retryable=False)]))
    router.put("second", second)

    with pytest.raises(ProviderError, match="bad_request"):
        await collect(router.stream(["first", "second"], ASK))

    assert second.requests == []


async def test_does_not_go_on_after_the_first_token(router: Router) -> None:
    second = FakeChatModel("second")
    router.put("first", FakeChatModel("first", ["Hel", error("reset")]))
    router.put("second", second)
    seen: list[StreamEvent] = []

    async def read() -> None:
        async for event in router.stream(["first", "second"], ASK):
            seen.append(event)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ProviderError) as caught:
        await read()

    assert caught.value.fault == "reset"
    assert seen == [TextDelta("Hel")]
    assert second.requests == []
    assert router.statuses()["first"].errors == {"reset": 1}


async def test_the_last_error_tells(router: Router) -> None:
    router.put("first", FakeChatModel("first", [error("refused")]))
    router.put("second", FakeChatModel("second", [error("server")]))

    with pytest.raises(ProviderError, match="server"):
        await collect(router.stream(["first", "second"], ASK))


@pytest.mark.parametrize("status", ["loading", "down"])
async def test_only_ready_ones_are_asked(router: Router, status: Readiness) -> None:
    model = FakeChatModel("first")
    router.put("first", model, status)

    assert not router.available(["first", "unheard-of"])
    with pytest.raises(ProviderError) as caught:
        await collect(router.stream(["first", "unheard-of"], ASK))
    assert caught.value.fault == "unavailable"
    assert model.requests == []

    router.set_status("first", "ready", "since noon")
    assert router.available(["unheard-of", "first"])
    assert router.statuses()["first"].detail == "since noon"
    await collect(router.stream(["first"], ASK))


async def test_none_at_all(router: Router) -> None:
    with pytest.raises(ProviderError, match="none"):
        await collect(router.stream([], ASK))
    assert not router.available([])


async def test_one_that_goes_during_the_pause_is_not_asked(router: Router) -> None:
    second = FakeChatModel("second")

    async def drop(_: float) -> None:
        router.drop("second")

    router = Router(rng=random.Random(1), sleep=drop)
    router.put("first", FakeChatModel("first", [error("refused")]))
    router.put("second", second)

    with pytest.raises(ProviderError, match="refused"):
        await collect(router.stream(["first", "second"], ASK))

    assert second.requests == []


async def test_begun_streams_survive_a_change(router: Router) -> None:
    router.put("first", FakeChatModel("first", ["old ", "text"]))
    events = router.stream(["first"], ASK)
    assert await anext(events) == TextDelta("old ")

    router.put("first", FakeChatModel("first", ["new"]), "loading")
    router.drop("first")
    router.drop("first")
    router.set_status("first", "ready")

    assert (await collect(events))[0] == ["text"]
    assert router.statuses() == {}


@pytest.mark.parametrize("script", [["a", math.inf], [math.inf]])
async def test_leaving_closes_the_model(router: Router, script: list[str | float]) -> None:
    model = FakeChatModel("first", script)
    router.put("first", model)

    async def read() -> None:
        async with aclosing(router.stream(["first"], ASK)) as events:
            async for _ in events:
                pass

    task = asyncio.create_task(read())
    while not model.open:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert (model.open, model.closed_early) == (0, 1)
    assert router.statuses()["first"].errors == {}


async def test_a_model_that_forgets_its_end_is_malformed(router: Router) -> None:
    class Forgetful:
        name = "forgetful"

        async def stream(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
            yield TextDelta("a")

    router.put("forgetful", Forgetful())

    with pytest.raises(ProviderError, match="without its Finished") as caught:
        await collect(router.stream(["forgetful"], ASK))

    assert caught.value.fault == "malformed"


async def test_any_iterator_will_do(router: Router) -> None:
    class Events:
        def __init__(self, events: AsyncGenerator[StreamEvent, None]) -> None:
            self._events = events

        def __aiter__(self) -> "Events":
            return self

        async def __anext__(self) -> StreamEvent:
            return await anext(self._events)

    class Plain:
        name = "plain"

        def stream(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
            return Events(FakeChatModel("plain", "Hi").stream(request))

    router.put("plain", Plain())

    assert (await collect(router.stream(["plain"], ASK)))[0] == ["Hi"]


async def test_over_real_http(
    router: Router, upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.behaviours = {
        "slow": Behaviour(fault="server_error"),
        "good": Behaviour(text="Fine."),
    }
    for model in upstream.behaviours:
        router.put(model, adapter(http, upstream.url, model=model))

    texts, _ = await collect(router.stream(["slow", "good"], ASK))

    assert texts == ["Fine."]
    assert [request.body["model"] for request in upstream.requests] == ["slow", "good"]
