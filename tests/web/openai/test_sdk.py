"""The official SDK against `/v1`."""

import openai
import pytest

from blindarena.testing import Behaviour
from web.openai.gate import KEY, Gate, gate

ASK = [{"role": "user", "content": "Where is my parcel?"}]


def client_of(found: Gate, key: str = KEY) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key=key, max_retries=0)


async def test_an_answer_in_one_piece() -> None:
    async with gate() as found, client_of(found) as client:
        reply = await client.chat.completions.with_raw_response.create(
            model="m1", messages=ASK, seed=7, temperature=0.5
        )
        answer = reply.parse()

        assert answer.choices[0].message.content == found.upstream.default.text
        assert answer.usage is not None
        assert answer.usage.prompt_tokens == 12
        row = await found.row()
        assert reply.headers["x-request-id"] == row.request_id
        assert (row.status, row.deployment, row.model, row.stream) == (200, "m1", "m1", False)
        assert (row.prompt_tokens, row.completion_tokens, row.reported) == (12, 7, True)
        assert row.cost_usd == pytest.approx((12 * 1 + 7 * 2) / 1e6)
        assert found.keys.admitted[0].settled == [(19, row.cost_usd)]
        sent = found.upstream.requests[0]
        assert sent.headers["Authorization"] == "Bearer sk-upstream-key"
        assert sent.body == {
            "model": "up-m1",
            "messages": ASK,
            "seed": 7,
            "temperature": 0.5,
            "max_tokens": 4096,
        }


async def test_a_stream_with_usage() -> None:
    async with gate() as found, client_of(found) as client:
        stream = await client.chat.completions.create(
            model="m1", messages=ASK, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]

        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == found.upstream.default.text
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 7
        row = await found.row()
        assert (row.prompt_tokens, row.completion_tokens, row.reported) == (12, 7, True)
        assert row.ttft_s is not None
        assert 0 < row.ttft_s <= row.seconds


async def test_usage_is_read_but_not_shown_unasked() -> None:
    async with gate() as found, client_of(found) as client:
        stream = await client.chat.completions.create(model="m1", messages=ASK, stream=True)
        chunks = [chunk async for chunk in stream]

        assert all(chunk.usage is None and chunk.choices for chunk in chunks)
        assert (await found.row()).completion_tokens == 7


@pytest.mark.parametrize("stream", [False, True])
async def test_tools(stream: bool) -> None:
    async with gate() as found, client_of(found) as client:
        found.upstream.default = Behaviour(text="", tool_calls=(("weather", '{"city":"Graz"}'),))
        tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
        if stream:
            async with client.chat.completions.stream(
                model="m1", messages=ASK, tools=[tool]
            ) as events:
                answer = await events.get_final_completion()
        else:
            answer = await client.chat.completions.create(model="m1", messages=ASK, tools=[tool])

        assert answer.choices[0].finish_reason == "tool_calls"
        calls = answer.choices[0].message.tool_calls
        assert calls is not None
        assert (calls[0].function.name, calls[0].function.arguments) == (
            "weather",
            '{"city":"Graz"}',
        )
        assert found.upstream.requests[0].body["tools"] == [tool]


async def test_several_answers_with_probabilities() -> None:
    async with gate() as found, client_of(found) as client:
        answer = await client.chat.completions.create(
            model="m1", messages=ASK, n=3, logprobs=True, max_completion_tokens=10
        )

        assert [choice.index for choice in answer.choices] == [0, 1, 2]
        assert answer.choices[2].logprobs is not None
        assert found.keys.admitted[0].estimate.tokens > 30
        assert found.upstream.requests[0].body["max_tokens"] == 10


async def test_legacy_completions_and_embeddings() -> None:
    async with gate() as found, client_of(found) as client:
        whole = await client.completions.create(model="m1", prompt="Once")
        stream = await client.completions.create(model="m1", prompt="Once", stream=True)
        pieces = [chunk.choices[0].text async for chunk in stream]
        vectors = await client.embeddings.create(model="m1", input=["a", "b"])

        assert whole.choices[0].text == "".join(pieces) == found.upstream.default.text
        assert [row.index for row in vectors.data] == [0, 1]
        assert found.upstream.requests[0].body["max_tokens"] == 4096
        assert "max_tokens" not in found.upstream.requests[2].body
        last = await found.row(3)
        assert (last.endpoint, last.prompt_tokens, last.completion_tokens) == ("embeddings", 8, 0)


async def test_models() -> None:
    async with gate() as found, client_of(found) as client:
        assert [model.id async for model in client.models.list()] == ["m1"]
        assert (await client.models.retrieve("m1")).object == "model"
        with pytest.raises(openai.NotFoundError, match="'m2' does not exist"):
            await client.models.retrieve("m2")


async def test_what_is_refused_before_anybody_is_asked() -> None:
    async with gate() as found, client_of(found) as client, client_of(found, "no") as stranger:
        chat = client.chat.completions
        with pytest.raises(openai.AuthenticationError, match="not known"):
            await stranger.chat.completions.create(model="m1", messages=ASK)
        with pytest.raises(openai.NotFoundError) as unknown:
            await chat.create(model="m2", messages=ASK)
        with pytest.raises(openai.PermissionDeniedError):
            await chat.create(model="secret", messages=ASK)
        with pytest.raises(openai.RateLimitError) as limited:
            await chat.create(model="limited", messages=ASK)

        assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
        assert limited.value.response.headers["retry-after"] == "12"
        assert limited.value.response.headers["x-request-id"].startswith("req_")
        assert found.upstream.requests == []
        row = await found.row()  # the model that is unknown was let in
        assert (row.status, row.fault, row.deployment) == (404, "model_not_found", None)
        assert found.keys.admitted[0].settled == [(0, 0.0)]


async def test_a_stream_that_breaks_off_ends_with_an_error() -> None:
    async with gate() as found, client_of(found) as client:
        found.upstream.default = Behaviour(fault="truncated")
        stream = await client.chat.completions.create(model="m1", messages=ASK, stream=True)
        seen: list[object] = []

        async def read() -> None:
            async for chunk in stream:
                seen.append(chunk)  # noqa: PERF401 - what came before the error counts

        with pytest.raises(openai.APIError, match="broke off") as broken:
            await read()
        assert len(seen) == 3
        assert broken.value.code == "upstream_reset"
        row = await found.row()
        assert (row.status, row.fault, row.reported) == (502, "reset", False)
