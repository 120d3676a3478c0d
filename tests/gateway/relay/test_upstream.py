"""Replies of a real HTTP server, passed on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.calls import ReplyUsage
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import UnknownPrice
from blindarena.gateway.relay.openai_upstream import OpenAIUpstream
from blindarena.testing import Behaviour, FakeUpstream
from gateway.relay.calls import call_of, events_of, read


def relay_to(http: aiohttp.ClientSession, url: str) -> OpenAIUpstream:
    limits = Timeouts(connect_s=1, first_token_s=2, idle_s=2, total_s=5)
    return OpenAIUpstream(
        name="d1", http=http, base_url=url, model="m", price=UnknownPrice(), timeouts=limits
    )


async def test_what_engines_leave_out_is_put_in(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(bare=True)
    relay = relay_to(http, upstream.url)
    whole = json.loads(await read(await relay.send(call_of(n=2))))
    stream = events_of(await read(await relay.send(call_of(stream=True))))
    legacy = json.loads(await read(await relay.send(call_of("completions", prompt="a"))))
    first, *_ = events_of(await read(await relay.send(call_of("completions", stream=True))))

    assert (whole["id"], whole["object"], whole["model"]) == (
        "chatcmpl-req_1",
        "chat.completion",
        "asked",
    )
    assert isinstance(whole["created"], int)
    for index, choice in enumerate(whole["choices"]):
        assert (choice["index"], choice["logprobs"], choice["finish_reason"]) == (
            index,
            None,
            "stop",
        )
        assert choice["message"]["refusal"] is None
    assert {event["object"] for event in stream} == {"chat.completion.chunk"}
    assert {event["id"] for event in stream} == {"chatcmpl-req_1"}
    assert all(e["choices"][0].get("finish_reason", 0) in (None, "stop") for e in stream)
    assert legacy["choices"][0]["logprobs"] is None
    assert (first["object"], first["choices"][0]["logprobs"]) == ("text_completion", None)


async def test_a_complete_stream_is_not_touched(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    async with http.post(
        f"{upstream.url}/chat/completions",
        json={"stream": True, "stream_options": {"include_usage": True}},
    ) as direct:
        expected = await direct.read()
    call = call_of(stream=True, want_usage=True, stream_options={"include_usage": True})

    assert await read(await relay_to(http, upstream.url).send(call)) == expected


@pytest.mark.parametrize("style", ["event", "last", "each"])
@pytest.mark.parametrize("wanted", [False, True])
async def test_usage_is_read_in_every_style(
    http: aiohttp.ClientSession, upstream: FakeUpstream, style: Any, wanted: bool
) -> None:
    upstream.default = Behaviour(usage_in=style)
    reply = await relay_to(http, upstream.url).send(call_of(stream=True, want_usage=wanted))
    events = events_of(await read(reply))

    assert reply.usage == ReplyUsage(12, 7)
    alone = [event for event in events if not event["choices"]]
    assert len(alone) == (style == "event" and wanted)


async def test_usage_that_nobody_reports_is_estimated(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(usage="never")
    reply = await relay_to(http, upstream.url).send(call_of(stream=True))
    await read(reply)

    assert reply.usage is not None
    assert not reply.usage.reported
    assert reply.usage.completion_tokens == 9  # the text's 7, and the events before and after


async def test_a_reply_that_is_not_streamed_becomes_a_stream(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(streams=False, tool_calls=(("look", "{}"),))
    reply = await relay_to(http, upstream.url).send(call_of(stream=True, want_usage=True))
    first, last = events_of(await read(reply))

    assert first["object"] == "chat.completion.chunk"
    delta = first["choices"][0]["delta"]
    assert delta["content"] == upstream.default.text
    assert delta["tool_calls"][0]["index"] == 0
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 7)
    assert reply.usage == ReplyUsage(12, 7)


async def test_a_missing_end_is_put_in_and_anthropics_format_refused(
    http: aiohttp.ClientSession, upstream: FakeUpstream
) -> None:
    relay = relay_to(http, upstream.url)
    upstream.default = Behaviour(done=False)
    assert len(events_of(await read(await relay.send(call_of(stream=True))))) == 9
    with pytest.raises(GatewayError, match="Anthropic"):
        await relay.send(call_of("messages"))


def odd_stream(border: bytes) -> bytes:
    """A stream with comments, an error word in its text and lines that end in `border`."""
    around = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def event(text: str, finish: str | None) -> bytes:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        return b"data: " + json.dumps(around | {"choices": [choice]}).encode()

    texts = [b": waiting", event("error", None), event("[DONE] \n\n", None)]
    last = around | {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    texts += [event("ä€", "stop"), b"data: " + json.dumps(last).encode(), b"data: [DONE]"]
    return b"".join(text + border for text in texts)


@asynccontextmanager
async def serving(answer: Callable[[asyncio.StreamWriter], Any]) -> AsyncIterator[str]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        await answer(writer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@pytest.mark.parametrize("border", [b"\n\n", b"\r\n\r\n"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_pieces_are_whole_events_wherever_the_network_cuts(
    http: aiohttp.ClientSession, border: bytes, size: int
) -> None:
    stream = odd_stream(border)

    async def answer(writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(stream), size):
            writer.write(stream[start : start + size])
            await asyncio.sleep(0)

    async with serving(answer) as url:
        reply = await relay_to(http, url).send(call_of(stream=True))
        pieces = []
        while piece := await reply.read():
            assert piece.endswith(border)
            pieces.append(piece)
        await reply.aclose()

    usage = stream.split(border)[-3] + border
    assert b"".join(pieces) == stream.replace(usage, b"")
    assert reply.usage == ReplyUsage(3, 4)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "empty"),
        (b"data: [1]\n\n", "malformed"),
        (b'data: {"error": {"message": "no"}}\n\n', "server"),
        (b'data: {"hello": 1}\n\n', "malformed"),
    ],
)
async def test_a_stream_that_does_not_begin_is_no_reply(
    http: aiohttp.ClientSession, body: bytes, fault: str
) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(body)

    async with serving(answer) as url:
        with pytest.raises(ProviderError) as failed:
            await relay_to(http, url).send(call_of(stream=True))
    assert (failed.value.fault, failed.value.retryable) == (fault, True)
