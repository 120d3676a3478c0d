"""Every way in which an upstream can fail, over real HTTP."""

import asyncio
import time

import aiohttp
import pytest

from blindarena.domain.chat import TextDelta
from blindarena.errors import ConfigError, ProviderError
from blindarena.gateway.faults import error_of_status
from blindarena.gateway.http import Timeouts, open_session
from blindarena.testing import Behaviour, FakeUpstream
from blindarena.testing.fake_upstream import refused_url
from gateway.helpers import ASK, adapter, collect

QUICK = Timeouts(connect_s=1, first_token_s=1, idle_s=0.4, total_s=9)


async def failure(
    http: aiohttp.ClientSession, url: str, *, timeouts: Timeouts | None = None
) -> tuple[str, ProviderError]:
    """Return the text that came first, and the error."""
    text = ""

    async def read() -> None:
        nonlocal text
        async for event in adapter(http, url, timeouts=timeouts).stream(ASK):
            assert isinstance(event, TextDelta)
            text += event.text

    with pytest.raises(ProviderError) as caught:
        await read()
    assert caught.value.deployment == "deployment-1"
    assert str(caught.value).startswith("deployment-1: ")
    assert "sk-secret-key" not in str(caught.value)
    return text, caught.value


@pytest.mark.parametrize(
    ("behaviour", "fault", "status", "retryable"),
    [
        (Behaviour(fault="reset_before"), "reset", None, True),
        (Behaviour(fault="html"), "malformed", None, True),
        (Behaviour(fault="invalid_json"), "malformed", None, True),
        (Behaviour(fault="malformed_sse", after=0), "malformed", None, True),
        (Behaviour(fault="error_event", after=0), "malformed", None, True),
        (Behaviour(fault="redirect"), "malformed", 307, False),
        (Behaviour(fault="bad_request"), "bad_request", 400, False),
        (Behaviour(fault="unauthorized"), "auth", 401, False),
        (Behaviour(fault="forbidden"), "auth", 403, False),
        (Behaviour(fault="not_found"), "bad_request", 404, True),
        (Behaviour(fault="rate_limited"), "rate_limit", 429, True),
        (Behaviour(fault="server_error"), "server", 500, True),
        (Behaviour(fault="empty"), "empty", None, True),
        (Behaviour(fault="empty", streams=False), "empty", None, True),
        (Behaviour(text=" \n "), "empty", None, True),
        (Behaviour(text="x", fault="truncated", after=0), "reset", None, True),
        (Behaviour(finish_reason="error", text=""), "server", None, True),
    ],
)
async def test_before_the_first_token(
    upstream: FakeUpstream,
    http: aiohttp.ClientSession,
    behaviour: Behaviour,
    fault: str,
    status: int | None,
    retryable: bool,
) -> None:
    upstream.default = behaviour

    text, error = await failure(http, upstream.url)

    assert text == ""
    assert (error.fault, error.status, error.retryable) == (fault, status, retryable)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("fault", "ours"),
    [
        ("reset", "reset"),
        ("truncated", "reset"),
        ("malformed_sse", "malformed"),
        ("error_event", "malformed"),
    ],
)
@pytest.mark.parametrize("delay", [0.0, 0.01])
async def test_after_the_first_token(
    upstream: FakeUpstream, http: aiohttp.ClientSession, fault: str, ours: str, delay: float
) -> None:
    upstream.default = Behaviour(text="abcdef", chunk_size=1, fault=fault, after=3, delay_s=delay)  # type: ignore[arg-type]

    text, error = await failure(http, upstream.url)

    assert text == "abc"
    assert error.fault == ours


async def test_nobody_listens(http: aiohttp.ClientSession) -> None:
    _, error = await failure(http, refused_url())

    assert (error.fault, error.retryable) == ("refused", True)


async def test_not_tls(upstream: FakeUpstream, http: aiohttp.ClientSession) -> None:
    _, error = await failure(http, upstream.url.replace("http:", "https:"))

    assert error.fault == "refused"


async def test_not_http(http: aiohttp.ClientSession) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, error = await failure(http, f"http://127.0.0.1:{port}/v1")

    assert error.fault == "malformed"


async def test_a_closed_session(upstream: FakeUpstream) -> None:
    async with open_session() as http:
        pass

    _, error = await failure(http, upstream.url)

    assert error.fault == "refused"


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("soon", None), ("-1", None), (None, None)]
)
async def test_retry_after(
    upstream: FakeUpstream,
    http: aiohttp.ClientSession,
    header: str | None,
    seconds: float | None,
) -> None:
    upstream.default = Behaviour(fault="rate_limited", retry_after=header)

    _, error = await failure(http, upstream.url)

    assert error.retry_after_s == seconds


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "came", "words", "longest"),
    [
        (Behaviour(fault="hang_before"), QUICK, "", "no first token within 1 s", 4),
        (Behaviour(first_delay_s=9), QUICK, "", "no first token within 1 s", 4),
        (Behaviour(fault="hang", after=0), QUICK, "", "no first token within 1 s", 4),
        (Behaviour(text="abcd", fault="hang"), QUICK, "abcd", "no further token within 0.4 s", 4),
        (
            Behaviour(text="a" * 99, chunk_size=1, delay_s=0.05),
            Timeouts(total_s=0.3),
            None,
            "not finished within 0.3 s",
            4,
        ),
    ],
)  # fmt: skip
async def test_timeouts(
    upstream: FakeUpstream,
    http: aiohttp.ClientSession,
    behaviour: Behaviour,
    timeouts: Timeouts,
    came: str | None,
    words: str,
    longest: float,
) -> None:
    upstream.default = behaviour
    began = time.perf_counter()

    text, error = await failure(http, upstream.url, timeouts=timeouts)

    assert error.fault == "timeout"
    assert words in str(error)
    assert time.perf_counter() - began < longest
    assert came is None or text == came
    async with asyncio.timeout(3):
        await upstream.wait_for_disconnect()


async def test_reasoning_counts_as_a_sign_of_life(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="ok", reasoning="thinking" * 2, delay_s=0.05)
    limits = Timeouts(first_token_s=0.6, idle_s=0.6)

    texts, finished = await collect(adapter(http, upstream.url, timeouts=limits).stream(ASK))

    assert texts == ["ok"]
    assert finished.ttft_s > 0.6


async def test_a_slow_reader_is_not_the_upstreams_fault(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(text="abc", chunk_size=1, delay_s=0.02)
    text = ""

    async for event in adapter(http, upstream.url, timeouts=QUICK).stream(ASK):
        if isinstance(event, TextDelta):
            text += event.text
            await asyncio.sleep(0.6)

    assert text == "abc"


async def test_a_redirect_is_not_followed(
    upstream: FakeUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.default = Behaviour(fault="redirect")

    await failure(http, upstream.url)

    assert [request.path for request in upstream.requests] == ["/v1/chat/completions"]


async def test_a_quoted_key_is_blotted_out(http: aiohttp.ClientSession) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"bad key: " + next(line for line in head.split(b"\r\n") if b"Bearer" in line)
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, error = await failure(http, f"http://127.0.0.1:{port}/v1")

    assert "bad key" in str(error)
    assert "Bearer ***" in str(error)


async def test_a_body_that_breaks_off_after_the_finish_reason_is_whole(
    http: aiohttp.ClientSession,
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
            b'data: {"choices":[{"delta":{"content":"whole"},"finish_reason":"stop"}]}\n\n'
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        texts, finished = await collect(adapter(http, f"http://127.0.0.1:{port}/v1").stream(ASK))

    assert texts == ["whole"]
    assert not finished.usage.reported


@pytest.mark.parametrize("field", ["connect_s", "first_token_s", "idle_s", "total_s"])
@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_a_timeout_is_above_zero(field: str, value: float) -> None:
    with pytest.raises(ConfigError, match=field):
        Timeouts(**{field: value})


def test_googles_words_for_a_wrong_key_and_a_wait() -> None:
    wrong = b'{"error": {"code": 400, "message": "API key not valid. AIzaSyTheirKey01"}}'
    busy = b'{"error": {"code": 429, "details": [{"retryDelay": "17.5s"}]}}'

    refused = error_of_status(400, {}, wrong, deployment="d")
    limited = error_of_status(429, {}, busy, deployment="d")
    told = error_of_status(429, {"Retry-After": "0"}, busy, deployment="d")

    assert refused.fault == "auth"
    assert "AIzaSyTheirKey01" not in str(refused)
    assert (limited.retry_after_s, told.retry_after_s) == (17.5, 0)
