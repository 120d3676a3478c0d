"""The official SDKs against models whose own format is another."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai
import pytest

from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import TokenPrice
from blindarena.gateway.providers.anthropic import AnthropicUpstream
from blindarena.gateway.providers.gemini import GeminiUpstream
from blindarena.gateway.providers.translated import TranslatedFromMessages
from blindarena.gateway.relay.openai_upstream import OpenAIUpstream
from blindarena.testing import Behaviour
from web.openai.gate import KEY, Gate, gate

FAST = Timeouts(connect_s=1.0, first_token_s=1.0, idle_s=1.0, total_s=5.0)
ASK: list[Any] = [{"role": "user", "content": "Where is my parcel?"}]
TOOL: Any = {"name": "find", "description": "Find it.", "input_schema": {"type": "object"}}
FUNCTION: Any = {"type": "function", "function": {"name": "find", "parameters": {}}}
FORMATS = ["openai", "anthropic", "gemini"]


@pytest.fixture
async def found() -> AsyncIterator[Gate]:
    """A gateway with one model of each format."""
    async with gate() as one:
        same: dict[str, Any] = {
            "http": one.http,
            "price": TokenPrice(1.0, 2.0),
            "key": "sk-upstream-key",
            "timeouts": FAST,
        }
        url, google = one.upstream.url, one.upstream.gemini_url
        plain = OpenAIUpstream(name="openai", base_url=url, model="o", **same)
        put = one.router.put_upstream
        put("openai", TranslatedFromMessages(plain))
        put("anthropic", AnthropicUpstream(name="anthropic", base_url=url, model="a", **same))
        put("gemini", GeminiUpstream(name="gemini", base_url=google, model="g", **same))
        yield one


def claude(found: Gate, *, key: str = KEY) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=found.url, api_key=key, max_retries=0)


@pytest.mark.parametrize("model", FORMATS)
async def test_anthropics_sdk(found: Gate, model: str) -> None:
    found.upstream.default = Behaviour(text="On its way.", tool_calls=(("find", '{"id": 7}'),))

    async with claude(found) as client:
        message = await client.messages.create(
            model=model, max_tokens=50, messages=ASK, tools=[TOOL], system="Be brief."
        )

    text, use = message.content
    assert isinstance(text, anthropic.types.TextBlock)
    assert text.text == "On its way."
    assert isinstance(use, anthropic.types.ToolUseBlock)
    assert (use.name, use.input) == ("find", {"id": 7})
    assert message.stop_reason == "tool_use"
    row = await found.row()
    assert (row.endpoint, row.status, row.prompt_tokens) == ("messages", 200, 12)
    assert row.cost_usd is not None


@pytest.mark.parametrize("model", FORMATS)
async def test_anthropics_sdk_streams(found: Gate, model: str) -> None:
    found.upstream.default = Behaviour(text="On its way.", tool_calls=(("find", '{"id": 7}'),))

    async with (
        claude(found) as client,
        client.messages.stream(model=model, max_tokens=50, messages=ASK, tools=[TOOL]) as stream,
    ):
        texts = [text async for text in stream.text_stream]
        message = await stream.get_final_message()

    assert "".join(texts) == "On its way."
    assert len(texts) > 1
    use = message.content[-1]
    assert isinstance(use, anthropic.types.ToolUseBlock)
    assert use.input == {"id": 7}
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens == 2
    assert (await found.row()).completion_tokens == 2


@pytest.mark.parametrize("model", FORMATS)
async def test_anthropics_sdk_reads_our_errors(found: Gate, model: str) -> None:
    async with claude(found, key="wrong") as client:
        with pytest.raises(anthropic.AuthenticationError):
            await client.messages.create(model=model, max_tokens=5, messages=ASK)
    async with claude(found) as client:
        with pytest.raises(anthropic.NotFoundError):
            await client.messages.create(model="none", max_tokens=5, messages=ASK)
        found.upstream.default = Behaviour(fault="rate_limited", retry_after="0")
        with pytest.raises(anthropic.RateLimitError) as caught:
            await client.messages.create(model=model, max_tokens=5, messages=ASK)
        assert caught.value.response.headers["retry-after"] == "1"
        found.upstream.default = Behaviour(text="x" * 40, fault="truncated", after=2)
        with pytest.raises(anthropic.APIError):
            async with client.messages.stream(model=model, max_tokens=5, messages=ASK) as stream:
                await stream.get_final_message()


async def test_what_only_anthropic_runs_is_refused_elsewhere(found: Gate) -> None:
    search: Any = {"type": "web_search_20250305", "name": "web_search"}

    async with claude(found) as client:
        with pytest.raises(anthropic.BadRequestError, match="only Anthropic's own models run"):
            await client.messages.create(model="openai", max_tokens=5, messages=ASK, tools=[search])

    assert not found.upstream.requests


@pytest.mark.parametrize("model", ["anthropic", "gemini"])
@pytest.mark.parametrize("stream", [False, True])
async def test_openais_sdk(found: Gate, model: str, stream: bool) -> None:
    found.upstream.default = Behaviour(text="On its way.", tool_calls=(("find", '{"id": 7}'),))

    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key=KEY, max_retries=0) as client:
        if stream:
            async with client.chat.completions.stream(
                model=model, messages=ASK, tools=[FUNCTION], stream_options={"include_usage": True}
            ) as events:
                reply = await events.get_final_completion()
        else:
            reply = await client.chat.completions.create(
                model=model, messages=ASK, tools=[FUNCTION]
            )

    message = reply.choices[0].message
    assert message.content == "On its way."
    assert message.tool_calls
    assert message.tool_calls[0].function.arguments.replace(" ", "") == '{"id":7}'
    assert reply.choices[0].finish_reason == "tool_calls"
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (12, 2)
    assert reply.usage.prompt_tokens_details
    assert reply.usage.prompt_tokens_details.cached_tokens == 4


@pytest.mark.parametrize("model", ["anthropic", "gemini"])
async def test_openais_sdk_is_told_what_a_format_lacks(found: Gate, model: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key=KEY, max_retries=0) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model=model, messages=ASK, n=2)

    assert caught.value.param == "n"
    assert caught.value.code == "unsupported_feature"
