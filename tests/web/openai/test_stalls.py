"""Clients that stop reading at the very end, or while an error is told: nobody waits for ever."""

import asyncio
from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Message

from blindarena.bootstrap.gateway import GatewayDesk
from blindarena.errors import ProviderError
from blindarena.gateway.calls import Call, ReplyUsage
from blindarena.gateway.prices import TokenPrice
from blindarena.settings.gateway import Gateway
from blindarena.web.openai.answering import Exchange, answer
from web.openai.gate import OneKey, Rows


class Begun:
    """A relayed reply of one event, after which it ends or breaks off; its own router."""

    content_type = "text/event-stream"
    deployment = "m1"
    attempts = 1
    price = TokenPrice(1.0, 2.0)

    def __init__(self, error: ProviderError | None) -> None:
        self.reply = self
        self.ended: list[ProviderError | None] = []
        self.usage = ReplyUsage(3, 4)
        self._error = error
        self._pieces = [b"data: {}\n\n", b""]

    async def relay(self, call: Call) -> Any:
        return self

    async def read(self) -> bytes:
        piece = self._pieces.pop(0)
        if not piece and self._error is not None:
            raise self._error
        return piece

    async def aclose(self) -> None:
        self._pieces.clear()

    def end(self, error: ProviderError | None) -> None:
        self.ended.append(error)


@pytest.mark.parametrize("error", [None, ProviderError("m1: gone", fault="reset")])
async def test_a_client_that_takes_no_last_event_is_dropped(error: ProviderError | None) -> None:
    begun, rows, keys = Begun(error), Rows(), OneKey()
    desk = GatewayDesk(begun, keys, rows, Gateway())  # type: ignore[arg-type]
    admission = await keys.admit("ba-test-key", model="m1", estimate=None)  # type: ignore[arg-type]

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await asyncio.Event().wait()  # the buffer is full, and stays so

    call = Call("chat", "m1", {}, True, "req_1")
    exchange = Exchange(uuid4(), perf_counter(), call, admission)
    async with asyncio.timeout(2):
        await answer(desk, exchange, receive, send, stall_s=0.02)

    assert len(begun.ended) == len(admission.settled) == 1
    assert begun.ended == [error]
    assert (rows[0].status, rows[0].fault) == (499, "client_stalled")


async def test_a_server_that_stops_says_so_at_the_end_of_a_stream() -> None:
    begun, rows, keys = Begun(None), Rows(), OneKey()
    desk = GatewayDesk(begun, keys, rows, Gateway())  # type: ignore[arg-type]
    admission = await keys.admit("ba-test-key", model="m1", estimate=None)  # type: ignore[arg-type]
    sent: list[Message] = []
    passed = asyncio.Event()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("more_body"):
            passed.set()
            await asyncio.sleep(5)

    call = Call("chat", "m1", {}, True, "req_1")
    exchange = Exchange(uuid4(), perf_counter(), call, admission)
    answering = asyncio.create_task(answer(desk, exchange, receive, send, stall_s=9))
    await passed.wait()
    answering.cancel()
    await answering

    assert b'"code":"stopping"' in sent[-1]["body"]
    assert not sent[-1]["more_body"]
    assert (rows[0].status, rows[0].fault) == (503, "stopping")
    assert begun.ended == [None]
    assert admission.settled == [(7, 11e-6)]
