"""Anthropic's and Gemini's own formats over real HTTP, by both doors."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest

from blindarena.domain.chat import ChatRequest, Image, Message, Parameters, TextDelta
from blindarena.domain.usage import Endpoint
from blindarena.errors import ConfigError, GatewayError, ProviderError
from blindarena.gateway.calls import Call, Reply, ReplyUsage
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import TokenPrice
from blindarena.gateway.providers.anthropic import AnthropicUpstream
from blindarena.gateway.providers.gemini import GeminiUpstream
from blindarena.gateway.providers.native import NativeUpstream
from blindarena.testing import Behaviour, FakeUpstream
from gateway.helpers import collect
from gateway.translate.helpers import events, fields

KEY = "AIzaSecretKey123"
QUICK = Timeouts(connect_s=1, first_token_s=0.25, idle_s=0.25, total_s=9)
ASK = ChatRequest(
    (Message("system", "Be brief."), Message("user", "Hi", (Image("image/png", b"picture"),))),
    Parameters(max_tokens=64, seed=3, stop=("END",)),
)
VENDORS = ["anthropic", "gemini"]


def native(vendor: str, http: aiohttp.ClientSession, upstream: FakeUpstream) -> NativeUpstream:
    kind = AnthropicUpstream if vendor == "anthropic" else GeminiUpstream
    return kind(
        name="deployment-1",
        http=http,
        base_url=upstream.url if vendor == "anthropic" else upstream.gemini_url,
        model="m-1",
        price=TokenPrice(1.0, 2.0),
        key=KEY,
        timeouts=QUICK,
    )


def call(endpoint: Endpoint = "chat", *, stream: bool = False, **more: Any) -> Call:
    body = {"model": "shown", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
    sent = fields(body | ({"stream": True} if stream else {}) | more)
    return Call(endpoint, "shown", sent, stream, "r", want_usage=True, max_tokens=9)


async def drained(reply: Reply) -> bytes:
    out = b""
    try:
        while data := await reply.read():
            out += data
    finally:
        await reply.aclose()
    return out


async def broken(reply: Reply) -> tuple[bytes, ProviderError]:
    """What came, and the error that ended it."""
    out = b""
    try:
        while data := await reply.read():
            out += data
    except ProviderError as error:
        return out, error
    finally:
        await reply.aclose()
    raise AssertionError(out)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_an_answer_for_the_arena(
    vendor: str, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="On its way.", reasoning="hm")

    texts, finished = await collect(native(vendor, http, upstream).stream(ASK))

    assert "".join(texts) == "On its way."
    assert finished.finish_reason == "stop"
    assert (finished.usage.prompt_tokens, finished.usage.reported) == (12, True)
    assert finished.cost_usd == pytest.approx((12 + 4 * 2) / 1e6)
    assert upstream.canary not in repr((texts, finished))


async def test_what_anthropic_is_sent(http: aiohttp.ClientSession, upstream: FakeUpstream) -> None:
    await collect(native("anthropic", http, upstream).stream(ASK))

    (sent,) = upstream.requests
    assert sent.headers["x-api-key"] == KEY
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert "Authorization" not in sent.headers
    data = base64.b64encode(b"picture").decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    blocks = [{"type": "text", "text": "Hi"}, {"type": "image", "source": source}]
    assert sent.body == {
        "model": "m-1",
        "max_tokens": 64,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": blocks}],
        "stop_sequences": ["END"],
        "stream": True,
    }


async def test_what_gemini_is_sent(http: aiohttp.ClientSession, upstream: FakeUpstream) -> None:
    await collect(native("gemini", http, upstream).stream(ASK))

    (sent,) = upstream.requests
    assert sent.path == "/v1beta/models/m-1:streamGenerateContent"
    assert sent.headers["x-goog-api-key"] == KEY
    assert "Authorization" not in sent.headers
    data = base64.b64encode(b"picture").decode()
    parts = [{"text": "Hi"}, {"inlineData": {"mimeType": "image/png", "data": data}}]
    assert sent.body == {
        "contents": [{"role": "user", "parts": parts}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {"maxOutputTokens": 64, "seed": 3, "stopSequences": ["END"]},
    }


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_openai_call(
    vendor: str, stream: bool, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="Look:", tool_calls=(("find", '{"id": 7}'),))

    reply = await native(vendor, http, upstream).send(call(stream=stream))
    out = await drained(reply)

    assert reply.usage == ReplyUsage(12, 1, cached_tokens=4)
    assert upstream.canary.encode() not in out
    chunks = events(out) if stream else [json.loads(out)]
    assert {chunk["model"] for chunk in chunks} == {"shown"}
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    assert choices[-1]["finish_reason"] == "tool_calls"
    parts = [choice["delta" if stream else "message"] for choice in choices]
    assert "".join(part.get("content") or "" for part in parts) == "Look:"
    calls = [found for part in parts for found in part.get("tool_calls", ())]
    assert calls[0]["function"]["name"] == "find"
    assert json.loads("".join(c["function"]["arguments"] for c in calls)) == {"id": 7}


@pytest.mark.parametrize("endpoint", ["chat", "messages"])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_reader_that_leaves_before_the_end_has_used_what_came(
    vendor: str, endpoint: Endpoint, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="four " * 400, chunk_size=20, delay_s=0.001)

    reply = await native(vendor, http, upstream).send(call(endpoint, stream=True))
    out = b""
    while out.count(b"four") < 200:
        out += await reply.read()
    await reply.aclose()

    assert reply.usage is not None
    assert not reply.usage.reported
    assert 150 < reply.usage.completion_tokens < 600


@pytest.mark.parametrize("stream", [False, True])
async def test_anthropics_format_is_relayed_as_it_is(
    stream: bool, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="Hello", reasoning="hm")
    odd = {"thinking": {"type": "adaptive"}, "a_new_field": [1]}

    reply = await native("anthropic", http, upstream).send(call("messages", stream=stream, **odd))
    out = await drained(reply)

    assert upstream.requests[0].body == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 9,
        **({"stream": True} if stream else {}),
        **odd,
    }
    assert reply.usage == ReplyUsage(12, 3, cached_tokens=4)
    if stream:
        assert reply.content_type == "text/event-stream"
        deltas = [e["delta"] for e in events(out) if e["type"] == "content_block_delta"]
        assert "".join(delta.get("text", "") for delta in deltas) == "Hello"
        assert events(out)[-1] == {"type": "message_stop"}
    else:
        assert json.loads(out)["content"][1] == {"type": "text", "text": "Hello"}


async def test_anthropics_format_in_front_of_gemini(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="Hello")

    out = await drained(await native("gemini", http, upstream).send(call("messages", system="S")))

    message = json.loads(out)
    assert message["content"] == [{"type": "text", "text": "Hello", "citations": None}]
    assert message["usage"]["input_tokens"] == 8
    assert message["usage"]["cache_read_input_tokens"] == 4
    assert upstream.requests[0].body["systemInstruction"] == {"parts": [{"text": "S"}]}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("behaviour", "fault", "status", "retryable"),
    [
        (Behaviour(fault="reset_before"), "reset", None, True),
        (Behaviour(fault="hang_before"), "timeout", None, True),
        (Behaviour(fault="html"), "malformed", None, True),
        (Behaviour(fault="malformed_sse", after=0), "malformed", None, True),
        (Behaviour(fault="truncated", after=0), "reset", None, True),
        (Behaviour(fault="hang", after=0), "timeout", None, True),
        (Behaviour(fault="unauthorized"), "auth", 401, False),
        (Behaviour(fault="bad_request"), "bad_request", 400, False),
        (Behaviour(fault="not_found"), "bad_request", 404, True),
        (Behaviour(fault="rate_limited"), "rate_limit", 429, True),
        (Behaviour(fault="overloaded"), "server", 529, True),
    ],
)
async def test_failures_before_the_first_token(
    vendor: str,
    behaviour: Behaviour,
    fault: str,
    status: int | None,
    retryable: bool,
    http: aiohttp.ClientSession,
    upstream: FakeUpstream,
) -> None:
    """By both doors they are the same, and come before a reply exists."""
    upstream.default = behaviour
    asked = native(vendor, http, upstream)

    with pytest.raises(ProviderError) as arena:
        await collect(asked.stream(ASK))
    with pytest.raises(ProviderError) as programs:
        await asked.send(call(stream=True))

    for error in (arena.value, programs.value):
        assert (error.fault, error.status, error.retryable) == (fault, status, retryable)
        assert error.deployment == "deployment-1"
        assert KEY not in str(error)
    if fault == "rate_limit":
        assert programs.value.retry_after_s == 7


async def test_a_relayed_error_has_its_status(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="x", fault="error_event", after=0)

    reply = await native("anthropic", http, upstream).send(call("messages", stream=True))
    out, error = await broken(reply)

    assert (error.fault, error.status) == ("server", 529)
    assert b"text_delta" not in out


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("endpoint", ["chat", "messages"])
@pytest.mark.parametrize(
    ("fault", "told"),
    [("reset", "reset"), ("error_event", "server"), ("hang", "timeout"), ("truncated", "reset")],
)
async def test_what_came_is_passed_on_before_a_failure(
    vendor: str,
    endpoint: Endpoint,
    fault: Any,
    told: str,
    http: aiohttp.ClientSession,
    upstream: FakeUpstream,
) -> None:
    upstream.default = Behaviour(text="one two three", chunk_size=4, fault=fault, after=2)

    reply = await native(vendor, http, upstream).send(call(endpoint, stream=True))
    out, error = await broken(reply)

    assert error.fault == told
    assert out.endswith(b"\n\n")
    assert b"one " in out
    assert b"two " in out
    assert b"[DONE]" not in out
    assert b"message_stop" not in out


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_refusal(vendor: str, http: aiohttp.ClientSession, upstream: FakeUpstream) -> None:
    upstream.default = Behaviour(text="", refusal="Not that.", finish_reason="content_filter")
    asked = native(vendor, http, upstream)

    with pytest.raises(ProviderError) as caught:
        await collect(asked.stream(ASK))
    out = json.loads(await drained(await asked.send(call())))

    assert (caught.value.fault, caught.value.retryable) == ("declined", False)
    assert out["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_upstream_is_closed_when_the_reader_leaves(
    vendor: str, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(text="word " * 400, delay_s=0.01)

    stream = native(vendor, http, upstream).stream(ASK)
    assert isinstance(await anext(stream), TextDelta)
    await stream.aclose()
    reply = await native(vendor, http, upstream).send(call(stream=True))
    await reply.aclose()

    async with asyncio.timeout(5):
        await upstream.wait_for_disconnect(count=2)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_other_endpoints_are_refused(
    vendor: str, http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    with pytest.raises(GatewayError, match="answers chats only, not embeddings") as caught:
        await native(vendor, http, upstream).send(call("embeddings"))

    assert caught.value.status == 400
    assert not upstream.requests


async def test_a_key_with_a_line_break_is_refused(http: aiohttp.ClientSession) -> None:
    with pytest.raises(ConfigError, match="the key is empty or has blanks"):
        GeminiUpstream(
            name="g",
            http=http,
            base_url="http://127.0.0.1:1/v1beta",
            model="m",
            price=TokenPrice(0, 0),
            key="a\nb",
        )
