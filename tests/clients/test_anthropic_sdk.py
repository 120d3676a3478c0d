"""The official `anthropic` Python SDK against a gateway in a process of its own."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from clients.stand import FORMATS, SCHEMA, TEXT, Stand
from clients.test_openai_sdk import PIXEL

pytestmark = pytest.mark.clients
ASK: list[Any] = [{"role": "user", "content": "Where is my parcel?"}]
WHERE: Any = {
    "name": "where",
    "description": "Say where a parcel is.",
    "input_schema": {"type": "object", "properties": {"parcel": {"type": "integer"}}},
}


@pytest.fixture
def client(gate: Stand) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=gate.url, api_key=gate.key, max_retries=0) as one:
        yield one


@pytest.mark.parametrize("end", FORMATS)
def test_an_answer_in_one_piece_and_as_a_stream(client: anthropic.Anthropic, end: str) -> None:
    fields: Any = {"model": f"plain{end}", "messages": ASK, "max_tokens": 50, "system": "Be brief."}
    whole = client.messages.create(**fields)
    with client.messages.stream(**fields) as events:
        streamed = events.get_final_message()

    for message in (whole, streamed):
        (block,) = message.content
        assert isinstance(block, anthropic.types.TextBlock)
        assert (block.text, message.stop_reason) == (TEXT, "end_turn")
        used = message.usage
        cached = (used.cache_read_input_tokens or 0) + (used.cache_creation_input_tokens or 0)
        assert used.input_tokens + cached == 12
        assert used.output_tokens > 0


@pytest.mark.parametrize("end", FORMATS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_and_its_result_answered(
    gate: Stand, client: anthropic.Anthropic, end: str, stream: bool
) -> None:
    def turn(messages: list[Any]) -> anthropic.types.Message:
        fields: Any = {"model": f"tools{end}", "max_tokens": 50, "tools": [WHERE]}
        if not stream:
            return client.messages.create(messages=messages, **fields)
        with client.messages.stream(messages=messages, **fields) as events:
            return events.get_final_message()

    first = turn(ASK)
    (use,) = [block for block in first.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "Graz"}
    said = [block.model_dump(exclude_none=True) for block in first.content]
    second = turn(
        [*ASK, {"role": "assistant", "content": said}, {"role": "user", "content": [result]}]
    )

    assert (first.stop_reason, second.stop_reason) == ("tool_use", "end_turn")
    assert (use.name, use.input) == ("where", {"parcel": 7})
    assert [getattr(block, "text", "") for block in second.content] == ["Parcel 7 is in Graz."]
    assert "Graz" in json.dumps(gate.upstream.requests[-1].body)


@pytest.mark.parametrize("end", FORMATS)
def test_an_answer_by_a_schema(gate: Stand, client: anthropic.Anthropic, end: str) -> None:
    message = client.messages.create(
        model=f"schema{end}",
        max_tokens=50,
        messages=ASK,
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
    )

    assert json.loads(getattr(message.content[0], "text", "")) == {"city": "Graz", "days": 2}
    sent = json.dumps(gate.upstream.requests[-1].body)
    assert all(name in sent for name in SCHEMA["properties"])


@pytest.mark.parametrize("end", FORMATS)
def test_a_picture_arrives_as_it_was(gate: Stand, client: anthropic.Anthropic, end: str) -> None:
    data = base64.b64encode(PIXEL).decode()
    source: Any = {"type": "base64", "media_type": "image/png", "data": data}
    client.messages.create(
        model=f"plain{end}",
        max_tokens=50,
        messages=[{"role": "user", "content": [{"type": "image", "source": source}]}],
    )

    assert data in json.dumps(gate.upstream.requests[-1].body)


def test_models_and_tokens(client: anthropic.Anthropic) -> None:
    assert {"plain", "plain-gemini"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("plain").display_name == "plain"
    assert client.messages.count_tokens(model="plain", messages=ASK).input_tokens > 3


@pytest.mark.parametrize("end", FORMATS)
def test_each_error_is_the_sdks_own(gate: Stand, client: anthropic.Anthropic, end: str) -> None:
    def ask(model: str, key: str = gate.key, **more: Any) -> None:
        fields: Any = {"model": model + end, "messages": ASK, "max_tokens": 50} | more
        client.with_options(api_key=key).messages.create(**fields)

    with pytest.raises(anthropic.AuthenticationError, match="not known"):
        ask("plain", "sk-wrong")
    with pytest.raises(anthropic.NotFoundError) as unknown:
        ask("none")
    with pytest.raises(anthropic.RateLimitError) as limited:
        ask("limited")
    with pytest.raises(anthropic.BadRequestError, match="max_tokens") as wrong:
        ask("plain", max_tokens=-1)
    with pytest.raises(anthropic.BadRequestError, match="refused"):
        ask("wrong")
    with pytest.raises(anthropic.InternalServerError) as down:
        ask("down")

    said: Any = unknown.value.body
    assert (said["type"], said["error"]["type"]) == ("error", "not_found_error")
    assert limited.value.response.headers["retry-after"] == "1"
    assert down.value.status_code == 500
    assert all((caught.value.request_id or "").startswith("req_") for caught in (wrong, down))


@pytest.mark.parametrize("end", FORMATS)
def test_a_stream_that_breaks_off_is_no_answer(client: anthropic.Anthropic, end: str) -> None:
    seen: list[str] = []

    def read() -> None:
        with client.messages.stream(model=f"breaks{end}", max_tokens=50, messages=ASK) as events:
            seen.extend(events.text_stream)

    with pytest.raises(anthropic.APIError, match="broke off"):
        read()
    assert "".join(seen)
    assert TEXT.startswith("".join(seen))
