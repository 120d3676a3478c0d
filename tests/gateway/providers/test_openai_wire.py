"""The body that is sent: bytes as they were without pictures, content parts with them."""

import json
from base64 import b64decode
from typing import Any

import pytest

from blindarena.domain.chat import ChatRequest, Image, Message
from blindarena.gateway.catalog import Quirks
from blindarena.gateway.providers.openai_wire import to_wire

PIXELS = b"\x89PNG\r\n\x1a\n pixels"


def messages_of(*messages: Message) -> list[dict[str, Any]]:
    body = json.loads(to_wire(ChatRequest(messages), model="m", quirks=Quirks()))
    found: list[dict[str, Any]] = body["messages"]
    return found


def test_a_message_without_pictures_has_two_fields() -> None:
    assert messages_of(Message("system", "Be brief."), Message("user", "Hi")) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]


def test_pictures_follow_the_text_as_content_parts() -> None:
    jpeg = Image("image/jpeg", b"\xff\xd8\xff")
    [message] = messages_of(Message("user", "What is it?", (Image("image/png", PIXELS), jpeg)))

    text, first, second = message["content"]
    assert text == {"type": "text", "text": "What is it?"}
    assert first["type"] == second["type"] == "image_url"
    scheme, data = first["image_url"]["url"].split(",")
    assert scheme == "data:image/png;base64"
    assert b64decode(data) == PIXELS
    assert second["image_url"]["url"] == "data:image/jpeg;base64,/9j/"


def test_a_picture_alone_sends_no_empty_text() -> None:
    [message] = messages_of(Message("user", "", (Image("image/png", PIXELS),)))

    assert [part["type"] for part in message["content"]] == ["image_url"]


def test_bytes_of_a_picture_are_in_no_repr() -> None:
    assert "pixels" not in repr(Message("user", "", (Image("image/png", PIXELS),)))


@pytest.mark.parametrize("content", ["", "Grüß Gott"])
def test_the_whole_body_stays_as_it_was(content: str) -> None:
    body = to_wire(ChatRequest((Message("user", content),)), model="m", quirks=Quirks())

    expected = (
        f'{{"model":"m","messages":[{{"role":"user","content":"{content}"}}],"stream":true,'
        '"max_tokens":1024,"stream_options":{"include_usage":true}}'
    )
    assert body == expected.encode()
