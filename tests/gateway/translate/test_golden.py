"""Published requests and replies, and what they become in another format."""

import json
from typing import Any

import pytest

from blindarena.gateway.translate.chat_format import read_chat
from blindarena.gateway.translate.chat_reader import ChatReader
from blindarena.gateway.translate.chat_to_gemini import gemini_body
from blindarena.gateway.translate.chat_to_messages import messages_body
from blindarena.gateway.translate.gemini_reader import GeminiReader
from blindarena.gateway.translate.messages_reader import MessagesReader
from blindarena.gateway.translate.messages_to_chat import chat_fields
from gateway.translate.helpers import (
    DATA,
    chat_writer,
    events,
    fields,
    golden,
    messages_writer,
    streamed,
)


@pytest.mark.parametrize("name", ["openai_functions.json", "openai_image.json"])
def test_openais_requests_for_anthropic(name: str) -> None:
    pair = golden(name)["request"]

    body = read_chat(fields(pair["from"]), upstream="x")

    assert json.loads(messages_body(body, model="m", cap=64, stream=False)) == pair["anthropic"]


@pytest.mark.parametrize("name", ["openai_functions.json", "gemini_functions.json"])
def test_openais_requests_for_gemini(name: str) -> None:
    pair = golden(name)["request"]

    body = read_chat(fields(pair["from"]), upstream="x")

    assert json.loads(gemini_body(body, cap=64)) == pair["gemini"]


def test_anthropics_request_for_openai() -> None:
    pair = golden("anthropic_tools.json")["request"]

    found = chat_fields(fields(pair["from"]), stream=False)

    assert {name: json.loads(bytes(raw)) for name, raw in found.items()} == pair["openai"]


def test_openais_reply_for_anthropics_client() -> None:
    pair = golden("openai_functions.json")["reply"]
    pieces = ChatReader(deployment="d").whole(json.dumps(pair["from"]).encode())

    assert json.loads(messages_writer().whole(pieces)) == pair["anthropic"]


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("anthropic_tools.json", MessagesReader(deployment="d")),
        ("gemini_functions.json", GeminiReader(deployment="d", id="r")),
    ],
)
def test_replies_for_openais_client(name: str, reader: Any) -> None:
    pair = golden(name)["reply"]
    pieces = reader.whole(json.dumps(pair["from"], separators=(",", ":")).encode())

    assert json.loads(chat_writer().whole(pieces)) == pair["openai"]


async def test_anthropics_stream_for_openais_client() -> None:
    sent = (DATA / "anthropic_stream.sse").read_bytes()

    out = await streamed([sent], reader=MessagesReader(deployment="d"), writer=chat_writer())

    assert out.endswith(b"data: [DONE]\n\n")
    chunks = events(out)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    text = "".join(delta.get("content") or "" for delta in deltas)
    assert text == "Okay, let's check the weather for San Francisco, CA:"
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert calls[0]["id"] == "toolu_01T1x1fJ34qAmk2tNTrN7Up6"
    assert calls[0]["function"]["name"] == "get_weather"
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert json.loads(arguments) == {"location": "San Francisco, CA", "unit": "fahrenheit"}
    assert [c["choices"][0]["finish_reason"] for c in chunks if c["choices"]][-1] == "tool_calls"
    assert chunks[-1]["usage"]["prompt_tokens"] == 472
    assert chunks[-1]["usage"]["completion_tokens"] == 89


async def test_that_stream_there_and_back_is_the_same() -> None:
    sent = (DATA / "anthropic_stream.sse").read_bytes()

    chunks = await streamed([sent], reader=MessagesReader(deployment="d"), writer=chat_writer())
    back = await streamed([chunks], reader=ChatReader(deployment="d"), writer=messages_writer())

    def told(stream: bytes) -> list[dict[str, Any]]:
        kept = ("content_block_start", "content_block_delta", "content_block_stop")
        found = [event for event in events(stream) if event["type"] in kept]
        for event in found:  # fields that the page leaves out and the document requires
            for name in ("citations", "caller"):
                event.get("content_block", {}).pop(name, None)
        return [e for e in found if e.get("delta", {}).get("partial_json") != ""]

    assert told(back) == told(sent)
    end = next(event for event in events(back) if event["type"] == "message_delta")
    assert end["delta"]["stop_reason"] == "tool_use"
    assert end["usage"]["input_tokens"] == 472
    assert events(back)[-1] == {"type": "message_stop"}
