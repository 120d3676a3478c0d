"""A model that only streams text, as an upstream of `/v1`."""

import base64
import json
from typing import Any

import pytest

from blindarena.domain.chat import Image, Message, Parameters
from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.prices import TokenPrice, UnknownPrice
from blindarena.gateway.providers.from_chat_model import FromChatModel, chat_request
from blindarena.gateway.replay import ReplayModel
from blindarena.gateway.translate.chat_format import read_chat
from gateway.providers.test_native import call, drained
from gateway.translate.helpers import events, fields

PNG = "data:image/png;base64," + base64.b64encode(b"picture").decode()


async def no_pause(seconds: float) -> None:
    """Wait for nothing."""


def replay() -> FromChatModel:
    answers = {"Hi": "Hello, dear world."}
    return FromChatModel(ReplayModel(name="d", answers=answers, sleep=no_pause))


@pytest.mark.parametrize("stream", [False, True])
async def test_openais_format(stream: bool) -> None:
    reply = await replay().send(call(stream=stream))
    out = await drained(reply)

    found = events(out) if stream else [json.loads(out)]
    choices = [chunk["choices"][0] for chunk in found if chunk["choices"]]
    texts = [choice["delta" if stream else "message"].get("content") or "" for choice in choices]
    assert "".join(texts) == "Hello, dear world."
    assert choices[-1]["finish_reason"] == "stop"
    assert reply.usage is not None
    assert not reply.usage.reported
    assert found[-1]["usage"]["completion_tokens"] == reply.usage.completion_tokens


@pytest.mark.parametrize("stream", [False, True])
async def test_anthropics_format(stream: bool) -> None:
    out = await drained(await replay().send(call("messages", stream=stream)))

    if stream:
        deltas = [e["delta"] for e in events(out) if e["type"] == "content_block_delta"]
        assert "".join(delta["text"] for delta in deltas) == "Hello, dear world."
        assert events(out)[-1] == {"type": "message_stop"}
    else:
        assert json.loads(out)["content"][0]["text"] == "Hello, dear world."
        assert json.loads(out)["stop_reason"] == "end_turn"


async def test_a_failure_comes_before_the_reply() -> None:
    unknown = call(messages=[{"role": "user", "content": "Something else"}])

    with pytest.raises(ProviderError, match="no answer is prepared"):
        await replay().send(unknown)


def test_its_price() -> None:
    model = ReplayModel(name="d", answers={"a": "b"})

    assert FromChatModel(model).price == UnknownPrice()
    assert FromChatModel(model, price=TokenPrice(1, 2)).price == TokenPrice(1, 2)


def test_what_the_model_is_asked() -> None:
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": PNG}}]
    body = {
        "messages": [{"role": "developer", "content": "S"}, {"role": "user", "content": parts}],
        "temperature": 0.5,
        "stop": "END",
    }

    request = chat_request(read_chat(fields(body), upstream="x"), cap=9)

    looked = Message("user", "Look", (Image("image/png", b"picture"),))
    assert request.messages == (Message("system", "S"), looked)
    assert request.parameters == Parameters(temperature=0.5, max_tokens=9, stop=("END",))


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [{"role": "tool", "tool_call_id": "a", "content": "x"}]}, "messages[0].role"),
        ({"n": 3}, "n"),
    ],
)
async def test_what_it_cannot_do_is_refused(more: dict[str, Any], param: str) -> None:
    with pytest.raises(GatewayError) as caught:
        await replay().send(call(**more))

    assert (caught.value.status, caught.value.param) == (400, param)


@pytest.mark.parametrize(
    "url", ["https://a.example/b.png", "data:image/gif;base64,aGk=", "data:image/png;base64,!"]
)
def test_pictures_that_it_cannot_take(url: str) -> None:
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    body = read_chat(fields({"messages": [{"role": "user", "content": parts}]}), upstream="x")

    with pytest.raises(GatewayError) as caught:
        chat_request(body)

    assert caught.value.param == "messages[0].content[0]"
