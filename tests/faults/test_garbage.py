"""Upstreams that send garbage: a clear error or another deployment's answer, never both."""

import asyncio
import json
from typing import Any

import pytest

from blindarena.gateway.relay import streamed
from blindarena.gateway.routing.routes import ModelRoute
from faults.rogue import BEFORE, BEFORE_STREAM, BEGINNING, GOOD, WITHIN, chunk, rogue
from web.openai.gate import HASTY, KEY, Gate, gate

CHAT = "/v1/chat/completions"
ASK = {"model": "m1", "messages": [{"role": "user", "content": "Hello"}]}


async def answer_of(found: Gate, *, stream: bool) -> tuple[int, str]:
    """Ask, and read all that comes."""
    headers = {"Authorization": f"Bearer {KEY}"}
    body: dict[str, Any] = ASK | {"stream": stream}
    async with (
        asyncio.timeout(5),
        found.http.post(found.url + CHAT, json=body, headers=headers) as reply,
    ):
        return reply.status, await reply.text()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_garbage_is_an_error(stream: bool) -> None:
    async with (
        rogue() as bad,
        gate(upstreams={"m1": bad.url}, retries=0, failures_to_open=1000, timeouts=HASTY) as found,
    ):
        for name, data in (BEFORE | (BEFORE_STREAM if stream else {})).items():
            bad.answer = data
            status, text = await answer_of(found, stream=stream)

            assert (name, status) == (name, 502)
            assert json.loads(text)["error"]["code"].startswith("upstream_")
        assert bad.asked == len(BEFORE) + (len(BEFORE_STREAM) if stream else 0)
        assert found.router.states()["m1"].in_flight == 0


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_another_deployment_answers_in_place_of_garbage(stream: bool) -> None:
    async with (
        rogue() as bad,
        rogue() as good,
        gate(
            models={"m1": ModelRoute(("bad", "good"))},
            upstreams={"bad": bad.url, "good": good.url},
            failures_to_open=1000,
            timeouts=HASTY,
        ) as found,
    ):
        for name, data in (BEFORE | (BEFORE_STREAM if stream else {})).items():
            bad.answer = data
            status, text = await answer_of(found, stream=stream)

            assert (name, status) == (name, 200)
            assert text.count("well") == 1
            assert ("[DONE]" in text) == stream
        assert {row.deployment for row in found.rows} == {"good"}


async def test_a_stream_that_goes_wrong_ends_with_an_error_and_is_not_sent_again() -> None:
    async with (
        rogue() as bad,
        rogue() as good,
        gate(
            models={"m1": ModelRoute(("bad",), fallbacks=("good",))},
            upstreams={"bad": bad.url, "good": good.url},
            timeouts=HASTY,
            failures_to_open=1000,
        ) as found,
    ):
        for count, (name, data) in enumerate(WITHIN.items(), start=1):
            bad.answer, bad.then = BEGINNING, data
            status, text = await answer_of(found, stream=True)

            events = text.strip().split("\n\n")
            assert (name, status, text.count("one ")) == (name, 200, 1)
            assert "error" in json.loads(events[-1].removeprefix("data: "))
            assert "[DONE]" not in text
            assert bad.asked == count
        assert good.asked == 0


async def test_an_endless_line_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "_MAX_EVENT_BYTES", 2**19)
    async with rogue() as bad, gate(upstreams={"m1": bad.url}, retries=0) as found:
        bad.answer, bad.endless = BEGINNING, chunk(b"x" * 2**16)
        status, text = await answer_of(found, stream=True)

        assert status == 200
        assert "error" in json.loads(text.strip().split("\n\n")[-1].removeprefix("data: "))
        assert len(text) < 10_000
        async with asyncio.timeout(5):
            while not bad.left:
                await asyncio.sleep(0.01)
        assert bad.sent < 2**24  # what fits into buffers


async def test_the_breaker_opens_and_closes_again() -> None:
    async with (
        rogue() as bad,
        rogue() as good,
        gate(
            models={"m1": ModelRoute(("bad", "good"))},
            upstreams={"bad": bad.url, "good": good.url},
            failures_to_open=3,
            open_s=0.2,
        ) as found,
    ):
        bad.answer = BEFORE["no HTTP"]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for _ in range(20):
            assert (await answer_of(found, stream=True))[0] == 200
        assert found.router.states()["bad"].breaker != "closed"
        tries = (loop.time() - begun) / 0.2
        assert 3 <= bad.asked <= 4 + tries  # three to open, then one each time it may try again

        bad.answer = GOOD
        async with asyncio.timeout(10):
            while found.router.states()["bad"].breaker != "closed":
                assert (await answer_of(found, stream=True))[0] == 200
                await asyncio.sleep(0.02)
        before = bad.asked
        for _ in range(10):
            assert (await answer_of(found, stream=True))[0] == 200
        assert bad.asked > before
