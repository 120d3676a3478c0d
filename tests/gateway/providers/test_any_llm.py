"""The any-llm adapter before a function with the shape of `any_llm.acompletion`."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from blindarena.errors import ConfigError, ProviderError
from blindarena.gateway.calls import ReplyUsage
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import TokenPrice
from blindarena.gateway.providers.any_llm import AnyLLM
from blindarena.testing import Behaviour
from blindarena.testing.upstream_behaviour import stream_events, whole_reply
from gateway.helpers import ASK, collect
from gateway.providers.test_native import call, drained
from gateway.translate.helpers import events

TOLD = Behaviour(text="On its way.", tool_calls=(("f", "{}"),))


class Shaped:
    """What any-llm gives: an object that pydantic can write."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def model_dump_json(self, *, exclude_none: bool) -> str:
        assert exclude_none
        return self._data.decode()


class RateLimitError(Exception):
    """As any-llm's, which carries the status."""

    status_code = 429
    retry_after = "3"


class MissingApiKeyError(Exception):
    """As any-llm's."""


class Host:
    """A host behind any-llm."""

    def __init__(self, *, fails: Exception | None = None, hangs: bool = False) -> None:
        self.asked: dict[str, Any] = {}
        self._fails = fails
        self._hangs = hangs

    async def __call__(self, **asked: Any) -> Any:
        self.asked = asked
        if self._fails:
            raise self._fails
        return self._chunks() if asked.get("stream") else Shaped(whole_reply(TOLD, "c"))

    async def _chunks(self) -> AsyncIterator[Shaped]:
        for event in stream_events(TOLD, "c", usage=True)[:-1]:
            yield Shaped(event[6:-2])
            if self._hangs:
                await asyncio.sleep(60)


def model(host: Host) -> AnyLLM:
    return AnyLLM(
        name="d",
        model="exotic:m-1",
        price=TokenPrice(1.0, 2.0),
        key="secret-key",
        timeouts=Timeouts(first_token_s=0.2, idle_s=0.1),
        completion=host,
    )


async def test_an_answer_for_the_arena() -> None:
    host = Host()

    texts, finished = await collect(model(host).stream(ASK))

    assert "".join(texts) == TOLD.text
    assert (finished.usage.prompt_tokens, finished.usage.reported) == (12, True)
    assert host.asked == {
        "model": "exotic:m-1",
        "api_key": "secret-key",
        "api_base": None,
        "messages": [{"role": "user", "content": "Where is my parcel?"}],
        "max_tokens": 64,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_with_tools(stream: bool) -> None:
    host = Host()
    tools = [{"type": "function", "function": {"name": "f"}}]

    reply = await model(host).send(call(stream=stream, tools=tools, user="u"))
    out = await drained(reply)

    assert host.asked["tools"] == tools
    assert "user" not in host.asked
    assert reply.usage == ReplyUsage(12, 2)
    found = events(out) if stream else [json.loads(out)]
    choices = [chunk["choices"][0] for chunk in found if chunk["choices"]]
    assert choices[-1]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("fails", "fault", "after"),
    [
        (RateLimitError("slow down, secret-key"), "rate_limit", 3),
        (MissingApiKeyError("no key"), "auth", None),
        (ImportError("pip install exotic"), "refused", None),
        (RuntimeError("odd"), "server", None),
        (TimeoutError(), "timeout", None),
    ],
)
async def test_every_failure_is_a_provider_error(
    fails: Exception, fault: str, after: float | None
) -> None:
    with pytest.raises(ProviderError) as caught:
        await collect(model(Host(fails=fails)).stream(ASK))

    assert (caught.value.fault, caught.value.retry_after_s) == (fault, after)
    assert str(caught.value).startswith("d: ")
    assert "secret-key" not in str(caught.value)


async def test_a_host_that_hangs() -> None:
    with pytest.raises(ProviderError) as caught:
        await collect(model(Host(hangs=True)).stream(ASK))

    assert caught.value.fault == "timeout"


def test_what_must_be_there() -> None:
    with pytest.raises(ConfigError, match="any-llm wants PROVIDER:MODEL"):
        AnyLLM(name="d", model="m", price=TokenPrice(0, 0), completion=Host())


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r"pip install 'blindarena\[any-llm\]'"):
        AnyLLM(name="d", model="a:b", price=TokenPrice(0, 0))
