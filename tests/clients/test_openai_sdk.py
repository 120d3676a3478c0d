"""The official `openai` Python SDK against a gateway in a process of its own."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import openai
import pydantic
import pytest

from clients.stand import FORMATS, SCHEMA, TEXT, Stand

pytestmark = pytest.mark.clients
ASK: list[Any] = [{"role": "user", "content": "Where is my parcel?"}]
WHERE: Any = {
    "type": "function",
    "function": {
        "name": "where",
        "description": "Say where a parcel is.",
        "parameters": {"type": "object", "properties": {"parcel": {"type": "integer"}}},
    },
}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Place(pydantic.BaseModel):
    """What a model is asked to fill in."""

    city: str
    days: int


@pytest.fixture
def client(gate: Stand) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gate.url}/v1", api_key=gate.key, max_retries=0) as one:
        yield one


@pytest.mark.parametrize("end", FORMATS)
def test_an_answer_in_one_piece_and_as_a_stream(client: openai.OpenAI, end: str) -> None:
    whole = client.chat.completions.create(model=f"plain{end}", messages=ASK, temperature=0.3)
    with client.chat.completions.stream(
        model=f"plain{end}", messages=ASK, stream_options={"include_usage": True}
    ) as events:
        streamed = events.get_final_completion()

    for answer in (whole, streamed):
        assert answer.choices[0].message.content == TEXT
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage is not None
        assert answer.usage.prompt_tokens == 12
        assert answer.usage.total_tokens == 12 + answer.usage.completion_tokens > 12


@pytest.mark.parametrize("end", FORMATS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_and_its_result_answered(
    gate: Stand, client: openai.OpenAI, end: str, stream: bool
) -> None:
    def turn(messages: list[Any]) -> Any:
        fields: Any = {"model": f"tools{end}", "messages": messages, "tools": [WHERE]}
        if not stream:
            return client.chat.completions.create(**fields).choices[0]
        with client.chat.completions.stream(**fields) as events:
            return events.get_final_completion().choices[0]

    first = turn(ASK)
    (call,) = first.message.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "content": '{"city": "Graz"}'}
    second = turn([*ASK, first.message.model_dump(exclude_none=True), result])

    assert (first.finish_reason, second.finish_reason) == ("tool_calls", "stop")
    assert call.function.name == "where"
    assert json.loads(call.function.arguments) == {"parcel": 7}
    assert second.message.content == "Parcel 7 is in Graz."
    assert "Graz" in json.dumps(gate.upstream.requests[-1].body)


@pytest.mark.parametrize("end", FORMATS)
def test_an_answer_by_a_schema(gate: Stand, client: openai.OpenAI, end: str) -> None:
    answer = client.chat.completions.parse(
        model=f"schema{end}", messages=ASK, response_format=Place
    )

    assert answer.choices[0].message.parsed == Place(city="Graz", days=2)
    sent = json.dumps(gate.upstream.requests[-1].body)
    assert all(name in sent for name in SCHEMA["properties"])


@pytest.mark.parametrize("end", FORMATS)
def test_a_picture_arrives_as_it_was(gate: Stand, client: openai.OpenAI, end: str) -> None:
    data = base64.b64encode(PIXEL).decode()
    parts: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
    ]
    client.chat.completions.create(
        model=f"plain{end}", messages=[{"role": "user", "content": parts}]
    )

    assert data in json.dumps(gate.upstream.requests[-1].body)


def test_models_completions_embeddings(client: openai.OpenAI) -> None:
    assert {"plain", "plain-gemini"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("plain").id == "plain"
    assert client.completions.create(model="plain", prompt="Once").choices[0].text == TEXT
    pieces = client.completions.create(model="plain", prompt="Once", stream=True)
    assert "".join(piece.choices[0].text for piece in pieces) == TEXT
    vectors = client.embeddings.create(model="plain", input=["a", "b"], encoding_format="float")
    assert [row.index for row in vectors.data] == [0, 1]


@pytest.mark.parametrize("end", FORMATS)
def test_each_error_is_the_sdks_own(gate: Stand, client: openai.OpenAI, end: str) -> None:
    def ask(model: str, key: str = gate.key, **more: Any) -> None:
        client.with_options(api_key=key).chat.completions.create(
            model=model + end, messages=ASK, **more
        )

    with pytest.raises(openai.AuthenticationError, match="not known"):
        ask("plain", "sk-wrong")
    with pytest.raises(openai.NotFoundError) as unknown:
        ask("none")
    with pytest.raises(openai.RateLimitError) as limited:
        ask("limited")
    with pytest.raises(openai.BadRequestError) as wrong:
        ask("plain", max_tokens=-1)
    with pytest.raises(openai.BadRequestError, match="refused"):
        ask("wrong")
    with pytest.raises(openai.InternalServerError) as down:
        ask("down")

    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert limited.value.response.headers["retry-after"] == "1"
    assert wrong.value.param == "max_tokens"
    assert down.value.status_code == 500
    assert all(
        raised.value.response.headers["x-request-id"].startswith("req_")
        for raised in (unknown, limited, wrong, down)
    )


def test_a_key_that_is_used_up_says_when_to_come_back(gate: Stand) -> None:
    def ask() -> None:
        for _ in range(3):  # at the turn of a minute there may be room for a second one
            client.chat.completions.create(model="plain", messages=ASK)

    client = openai.OpenAI(base_url=f"{gate.url}/v1", api_key=gate.once, max_retries=0)
    with client, pytest.raises(openai.RateLimitError) as refused:
        ask()

    assert refused.value.code == "rate_limit_exceeded"
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 61


@pytest.mark.parametrize("end", FORMATS)
def test_a_stream_that_breaks_off_is_no_answer(client: openai.OpenAI, end: str) -> None:
    stream = client.chat.completions.create(model=f"breaks{end}", messages=ASK, stream=True)
    seen: list[str] = []

    with pytest.raises(openai.APIError, match="broke off"):
        seen.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "".join(seen)
    assert TEXT.startswith("".join(seen))
