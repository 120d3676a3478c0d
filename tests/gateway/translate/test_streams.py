"""Streams, cut anywhere, and what breaks them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import ProviderError
from blindarena.gateway.translate.chat_reader import ChatReader
from blindarena.gateway.translate.gemini_reader import GeminiReader
from blindarena.gateway.translate.messages_reader import MessagesReader
from blindarena.gateway.translate.pieces import (
    Ended,
    Piece,
    Reader,
    Refusal,
    Text,
    Thinking,
    ToolArguments,
    ToolStart,
    Used,
)
from blindarena.testing import Behaviour
from blindarena.testing.fake_anthropic import stream_events as anthropic_events
from blindarena.testing.fake_gemini import stream_events as gemini_events
from blindarena.testing.upstream_behaviour import stream_events as openai_events
from gateway.translate.helpers import (
    chat_writer,
    cut,
    events,
    messages_writer,
    streamed,
)

TOLD = Behaviour(
    text="Grüße — 你好 🎈",
    reasoning="hm",
    chunk_size=3,
    tool_calls=(("f", '{"a": "ü"}'), ("g", "{}")),
)
STREAMS = {
    "openai": b"".join(openai_events(TOLD, "c", usage=True)),
    "anthropic": b"".join(anthropic_events(TOLD, "c")),
    "gemini": b"".join(gemini_events(TOLD, "c")),
}
places = st.lists(st.integers(0, 10_000), max_size=12)


def reader(format_: str) -> Reader:
    match format_:
        case "openai":
            return ChatReader(deployment="d", id="r")
        case "anthropic":
            return MessagesReader(deployment="d")
    return GeminiReader(deployment="d", id="r")


@pytest.mark.parametrize("format_", STREAMS)
@given(places=places)
async def test_any_cutting_gives_the_same(format_: str, places: list[int]) -> None:
    stream = STREAMS[format_]

    for writer in (chat_writer, messages_writer):
        whole = await streamed([stream], reader=reader(format_), writer=writer())
        pieces = await streamed(cut(stream, places), reader=reader(format_), writer=writer())
        assert pieces == whole


@pytest.mark.parametrize("format_", STREAMS)
async def test_all_formats_say_the_same_to_openais_client(format_: str) -> None:
    out = await streamed([STREAMS[format_]], reader=reader(format_), writer=chat_writer())

    choices = [event["choices"][0] for event in events(out) if event["choices"]]
    deltas = [choice["delta"] for choice in choices]
    assert "".join(delta.get("content") or "" for delta in deltas) == TOLD.text
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "hm"
    assert choices[-1]["finish_reason"] == "tool_calls"
    arguments: dict[int, str] = {}
    for delta in deltas:
        for call in delta.get("tool_calls", ()):
            text = arguments.get(call["index"], "")
            arguments[call["index"]] = text + call["function"]["arguments"]
    assert [json.loads(text) for text in arguments.values()] == [{"a": "ü"}, {}]
    assert events(out)[-1]["usage"]["prompt_tokens"] == 12


@pytest.mark.parametrize("format_", STREAMS)
async def test_all_formats_say_the_same_to_anthropics_client(format_: str) -> None:
    out = await streamed([STREAMS[format_]], reader=reader(format_), writer=messages_writer())

    found = events(out)
    kinds = [event["type"] for event in found]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    blocks = [e["content_block"]["type"] for e in found if e["type"] == "content_block_start"]
    assert blocks == ["thinking", "text", "tool_use", "tool_use"]
    assert [e["index"] for e in found if e["type"] == "content_block_stop"] == [0, 1, 2, 3]
    texts = [e["delta"].get("text", "") for e in found if e["type"] == "content_block_delta"]
    assert "".join(texts) == TOLD.text
    assert found[-2]["delta"]["stop_reason"] == "tool_use"


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
objects = st.dictionaries(texts, texts | st.integers(-9, 9), max_size=3)


@st.composite
def replies(draw: st.DrawFn) -> list[Piece]:
    """A reply as a model may give it."""
    pieces: list[Piece] = [Thinking(text) for text in draw(st.lists(texts, max_size=2))]
    pieces += [Text(text) for text in draw(st.lists(texts, min_size=1, max_size=3))]
    calls = draw(st.lists(objects, max_size=2))
    for index, asked in enumerate(calls):
        text = json.dumps(asked)
        middle = draw(st.integers(1, len(text) - 1))
        pieces.append(ToolStart(index, f"id{index}", "f"))
        pieces += [ToolArguments(index, text[:middle]), ToolArguments(index, text[middle:])]
    pieces.append(Ended("tool_calls" if calls else draw(st.sampled_from(["stop", "length"]))))
    pieces.append(Used(draw(st.integers(9, 99)), 5, cached=draw(st.integers(0, 9))))
    return pieces


def summary(pieces: list[Piece]) -> Any:
    """What a client has at the end, however it was cut."""
    calls: dict[int, list[str]] = {}
    for piece in pieces:
        if isinstance(piece, ToolStart):
            calls[piece.index] = [piece.id, piece.name, ""]
        elif isinstance(piece, ToolArguments):
            calls[piece.index][2] += piece.text
    used = [piece for piece in pieces if isinstance(piece, Used)][-1]
    return (
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [(id, name, json.loads(text)) for id, name, text in calls.values()],
        [piece.reason for piece in pieces if isinstance(piece, Ended)],
        (used.prompt, used.completion, used.cached),
    )


@given(pieces=replies())
def test_what_is_written_is_read_again(pieces: list[Piece]) -> None:
    chat = ChatReader(deployment="d").whole(chat_writer().whole(pieces))
    messages = MessagesReader(deployment="d").whole(messages_writer().whole(pieces))

    assert summary(chat) == summary(pieces)
    assert summary(messages) == summary(pieces)


def test_a_refusal_in_words_ends_as_one() -> None:
    pieces: list[Piece] = [Refusal("I cannot."), Ended("stop")]

    message = json.loads(messages_writer().whole(pieces))

    assert message["stop_reason"] == "refusal"
    assert message["content"] == [{"type": "text", "text": "I cannot.", "citations": None}]
    assert message["stop_details"]["type"] == "refusal"
    choice = json.loads(chat_writer().whole(pieces))["choices"][0]["message"]
    assert (choice["refusal"], choice["content"]) == ("I cannot.", None)


def test_a_stop_sequence_is_told() -> None:
    message = json.loads(messages_writer().whole([Text("a"), Ended("stop", "END")]))

    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")


@pytest.mark.parametrize(
    ("format_", "stream", "fault"),
    [
        ("openai", b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n', "reset"),
        ("openai", b'data: {"choices": [{"index": 0, "finish_reason": "error"}]}\n\n', "server"),
        ("openai", b'data: {"error": {"message": "x"}}\n\n', "malformed"),
        ("openai", b"data: {]\n\n", "malformed"),
        ("anthropic", b'data: {"type": "ping"}\n\n', "reset"),
        (
            "anthropic",
            b'data: {"type": "error", "error": {"type": "rate_limit_error"}}\n\n',
            "rate_limit",
        ),
        ("anthropic", b'data: {"type": "error", "error": {"type": "odd"}}\n\n', "server"),
        ("gemini", b'data: {"error": {"code": 429, "status": "X"}}\n\n', "rate_limit"),
        ("gemini", b'data: {"candidates": [{"finishReason": "OTHER"}]}\n\n', "server"),
    ],
)
async def test_what_breaks_a_stream(format_: str, stream: bytes, fault: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await streamed([stream], reader=reader(format_), writer=chat_writer())

    assert (caught.value.fault, caught.value.deployment) == (fault, "d")


def test_arguments_that_are_no_object_are_not_passed_on_as_one() -> None:
    pieces: list[Piece] = [ToolStart(0, "a", "f"), ToolArguments(0, "{"), Ended("tool_calls")]

    with pytest.raises(ProviderError, match="no JSON object"):
        messages_writer().whole(pieces)
