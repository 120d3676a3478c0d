import asyncio
from contextlib import aclosing

import aiohttp
import pytest

from blindarena.domain.chat import ChatRequest, Message, Parameters, TextDelta, Usage
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import Quirks
from blindarena.gateway.http import open_session
from blindarena.gateway.prices import HourlyPrice, TokenPrice, UnknownPrice
from blindarena.gateway.providers.openai_compatible import OpenAICompatible
from blindarena.testing import Behaviour, FakeUpstream
from gateway.helpers import ASK, adapter, collect


async def test_streams_deltas_then_one_finished(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    behaviour = Behaviour(text="Zwölf Pakete 漢字 😀 kamen an.", chunk_size=3)
    upstream.behaviours["any"] = behaviour

    texts, finished = await collect(adapter(http, upstream.url).stream(ASK))

    assert texts == behaviour.pieces
    assert finished.finish_reason == "stop"
    assert finished.usage == Usage(12, len(behaviour.pieces), reported=True)
    assert 0 < finished.ttft_s <= finished.seconds < 5
    assert (finished.cost_usd, finished.price) == (None, None)
    assert finished.deployment == "deployment-1"


async def test_sends_what_was_asked_and_nothing_else(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    request = ChatRequest(
        (Message("system", "Be kind."), Message("user", "Hi"), Message("assistant", "Yes?")),
        Parameters(temperature=0.0, top_p=0.9, max_tokens=77, seed=0, stop=("END",)),
    )

    await collect(adapter(http, upstream.url + "/", model="m").stream(request))

    received = upstream.requests[0]
    assert received.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 77,
        "temperature": 0.0,
        "top_p": 0.9,
        "seed": 0,
        "stop": ["END"],
    }
    assert received.headers["Authorization"] == "Bearer sk-secret-key"
    assert "Cookie" not in received.headers


async def test_quirks_rename_and_leave_out(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    quirks = Quirks(
        max_tokens_field="max_completion_tokens", seed_field="random_seed", stream_options=False
    )
    request = ChatRequest(ASK.messages, Parameters(seed=3))

    _, finished = await collect(
        adapter(http, upstream.url, quirks=quirks, key=None).stream(request)
    )

    received = upstream.requests[0]
    assert set(received.body) == {
        "model", "messages", "stream", "max_completion_tokens", "random_seed",
    }  # fmt: skip
    assert "Authorization" not in received.headers
    assert not finished.usage.reported


async def test_counts_where_the_upstream_does_not(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="One two three four five six.", usage="never")

    _, finished = await collect(adapter(http, upstream.url, price=TokenPrice(1.0, 1.0)).stream(ASK))

    assert not finished.usage.reported
    assert 4 <= finished.usage.completion_tokens <= 10
    assert finished.usage.prompt_tokens > 4
    assert finished.price is not None
    assert finished.price.endswith("tokens estimated")


@pytest.mark.parametrize(
    ("word", "reason"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"),
     ("tool_calls", "stop"), ("eos", "stop"), ("sensitive", "content_filter")],
)  # fmt: skip
async def test_finish_reasons(
    upstream: FakeUpstream, http: aiohttp.ClientSession, word: str, reason: str
) -> None:
    upstream.default = Behaviour(finish_reason=word)

    _, finished = await collect(adapter(http, upstream.url).stream(ASK))

    assert finished.finish_reason == reason


async def test_an_end_without_done_is_an_end(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(done=False)

    _, finished = await collect(adapter(http, upstream.url).stream(ASK))

    assert finished.finish_reason == "stop"
    assert finished.usage.reported


async def test_reasoning_is_not_text(upstream: FakeUpstream, http: aiohttp.ClientSession) -> None:
    upstream.default = Behaviour(text="Forty-two.", reasoning="hmm, well")

    texts, _ = await collect(adapter(http, upstream.url).stream(ASK))

    assert "".join(texts) == "Forty-two."


async def test_accepts_a_json_reply_to_a_stream_request(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="All at once.", streams=False, finish_reason="length")

    texts, finished = await collect(adapter(http, upstream.url).stream(ASK))

    assert texts == ["All at once."]
    assert finished.finish_reason == "length"
    assert finished.usage.reported


async def test_cost_is_tokens_times_price(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="abcdefgh", chunk_size=1)

    _, finished = await collect(
        adapter(http, upstream.url, price=TokenPrice(2.0, 10.0)).stream(ASK)
    )

    assert finished.cost_usd == pytest.approx((12 * 2 + 8 * 10) / 1e6)
    assert finished.price == "2.00/10.00 USD per M tokens (own price)"


async def test_cost_per_hour_is_measured(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    _, finished = await collect(adapter(http, upstream.url, price=HourlyPrice(3.6)).stream(ASK))

    assert finished.cost_usd == pytest.approx(finished.seconds / 1000)


async def test_a_text_past_the_limit_is_cut_and_the_upstream_closed(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="x" * 1000, chunk_size=10, delay_s=0.01)

    texts, finished = await collect(adapter(http, upstream.url, max_chars=25).stream(ASK))

    assert texts == ["x" * 10, "x" * 10, "x" * 5]
    assert finished.finish_reason == "length"
    async with asyncio.timeout(5):
        await upstream.wait_for_disconnect()


async def test_leading_blanks_wait_for_a_sign(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="\n\n Yes.", chunk_size=1)

    texts, _ = await collect(adapter(http, upstream.url).stream(ASK))

    assert texts == ["\n\n Y", "e", "s", "."]


async def test_nothing_of_the_upstream_is_in_the_events(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    events = [event async for event in adapter(http, upstream.url).stream(ASK)]

    assert upstream.canary not in repr(events)


async def test_a_finished_connection_is_used_again(upstream: FakeUpstream) -> None:
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    async with open_session() as http:
        http.trace_configs.append(trace)
        trace.freeze()
        for _ in range(3):
            await collect(adapter(http, upstream.url).stream(ASK))

    assert opened == 1


@pytest.mark.parametrize("delay", [0.0, 0.05])
async def test_closing_the_iterator_closes_the_upstream(
    upstream: FakeUpstream, http: aiohttp.ClientSession, delay: float
) -> None:
    upstream.default = Behaviour(text="x" * 500, chunk_size=1, delay_s=0.05, first_delay_s=delay)

    async with aclosing(adapter(http, upstream.url).stream(ASK)) as events:
        first = await anext(events)
        assert isinstance(first, TextDelta)
        assert upstream.open == 1

    async with asyncio.timeout(3):
        await upstream.wait_for_disconnect()


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(fault="hang_before"), Behaviour(fault="hang"), Behaviour(first_delay_s=30)],
)
async def test_cancelling_the_reader_closes_the_upstream(
    upstream: FakeUpstream, http: aiohttp.ClientSession, behaviour: Behaviour
) -> None:
    upstream.default = behaviour
    task = asyncio.create_task(collect(adapter(http, upstream.url).stream(ASK)))
    while not upstream.open:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(3):
        await upstream.wait_for_disconnect()


async def test_many_streams_at_once(upstream: FakeUpstream, http: aiohttp.ClientSession) -> None:
    upstream.default = Behaviour(text="word " * 20, chunk_size=5, delay_s=0.01)
    model = adapter(http, upstream.url)

    answers = await asyncio.gather(*(collect(model.stream(ASK)) for _ in range(150)))

    assert {"".join(texts) for texts, _ in answers} == {"word " * 20}


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
async def test_an_impossible_key_is_refused_without_showing_it(
    http: aiohttp.ClientSession, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        adapter(http, "http://127.0.0.1:1/v1", key=key)

    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:80", "ftp://host/v1", "http://", "http://h:x/", "https://k@h/v1", "http://h/v1?k=1"]
)  # fmt: skip
async def test_an_impossible_address_is_refused(http: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(ConfigError, match="base_url"):
        OpenAICompatible(name="d", http=http, base_url=url, model="m", price=UnknownPrice())
