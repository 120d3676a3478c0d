import asyncio
import math
from contextlib import aclosing

import pytest

import blindarena.testing
from blindarena.domain.chat import ChatRequest, Finished, Message, TextDelta, Usage
from blindarena.errors import ProviderError
from blindarena.testing import FakeChatModel

ASK = ChatRequest((Message("user", "How are you?"),))


async def test_plays_its_script() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    model = FakeChatModel("m", ["Hi ", 0.5, "", "you"], cost_usd=0.1, price="p", sleep=sleep)

    events = [event async for event in model.stream(ASK)]

    assert events == [
        TextDelta("Hi "),
        TextDelta("you"),
        Finished("stop", Usage(3, 2, reported=False), 0.01, 0.02, 0.1, "p", "m"),
    ]
    assert pauses == [0.5]
    assert model.requests == [ASK]
    assert (model.open, model.closed_early) == (0, 0)


async def test_a_script_may_depend_on_the_request() -> None:
    model = FakeChatModel("m", lambda request: [request.messages[-1].content.upper()])

    assert await anext(model.stream(ASK)) == TextDelta("HOW ARE YOU?")


async def test_a_failure_ends_it() -> None:
    model = FakeChatModel("m", ["Hi", ProviderError("no", fault="reset")])

    with pytest.raises(ProviderError, match="no"):
        _ = [event async for event in model.stream(ASK)]


@pytest.mark.parametrize("script", [[], [""], ""])
async def test_no_text_is_empty(script: list[str] | str) -> None:
    with pytest.raises(ProviderError) as caught:
        _ = [event async for event in FakeChatModel("m", script).stream(ASK)]

    assert caught.value.fault == "empty"


async def test_it_sees_its_reader_leave() -> None:
    model = FakeChatModel("m", ["a", math.inf])

    async with aclosing(model.stream(ASK)) as events:
        await anext(events)
        assert model.open == 1

    assert (model.open, model.closed_early) == (0, 1)


async def test_it_hangs_until_cancelled() -> None:
    model = FakeChatModel("m", [math.inf])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await anext(model.stream(ASK))

    assert model.closed_early == 1


def test_exports_are_what_all_says() -> None:
    for name in blindarena.testing.__all__:
        assert getattr(blindarena.testing, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        _ = blindarena.testing.nothing
