"""Scripted upstreams, calls and a router with a clock, for tests of the relay's door."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from blindarena.errors import GatewayError, ProviderError, ProviderFault
from blindarena.gateway.calls import Call
from blindarena.gateway.prices import TokenPrice
from blindarena.gateway.router import ModelRoute, Router

Answer = ProviderError | GatewayError | asyncio.Event | None
"""What a send does: fails, waits for the event, or answers."""


class FakeReply:
    content_type = "application/json"
    usage = None

    async def read(self) -> bytes:
        return b""

    async def aclose(self) -> None:
        pass


class FakeUpstream:
    """Plays its answers one after the other, then answers well for ever."""

    def __init__(self, name: str, answers: Sequence[Answer] = (), *, usd: float = 1.0) -> None:
        self.name = name
        self.price = TokenPrice(usd, usd)
        self.asked = 0
        self._answers = list(answers)

    async def send(self, call: Call) -> FakeReply:
        self.asked += 1
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        elif answer is not None:
            raise answer
        return FakeReply()


def call(model: str = "m", *, prefix: bytes | None = None) -> Call:
    return Call("chat", model, {}, stream=False, request_id="r", prefix=prefix)


def failure(
    fault: ProviderFault = "server",
    *,
    retryable: bool = True,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> ProviderError:
    return ProviderError(
        f"it failed: {fault}",
        fault=fault,
        deployment="x",
        status=status,
        retryable=retryable,
        retry_after_s=retry_after_s,
    )


async def ticks(n: int = 6) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


class World:
    """A router whose time moves only while it sleeps."""

    def __init__(self, *, retries: int = 2, queue_timeout_s: float = 30.0) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.upstreams: dict[str, FakeUpstream] = {}
        self.router = Router(
            rng=random.Random(3),
            sleep=self._sleep,
            time=lambda: self.now,
            retries=retries,
            queue_timeout_s=queue_timeout_s,
            failures_to_open=3,
            open_s=10.0,
        )

    def put(self, name: str, *answers: Answer, limit: int | None = None, queue: int = 9) -> None:
        self.upstreams[name] = FakeUpstream(name, answers, usd=len(self.upstreams))
        self.router.put_upstream(name, self.upstreams[name], max_concurrent=limit, queue=queue)

    def model(self, *deployments: str) -> None:
        self.router.set_models({"m": ModelRoute(deployments)})

    @property
    def asked(self) -> dict[str, int]:
        return {name: upstream.asked for name, upstream in self.upstreams.items()}

    @property
    def in_flight(self) -> dict[str, int]:
        return {name: state.in_flight for name, state in self.router.states().items()}

    async def refused(self, model: str = "m") -> GatewayError:
        with pytest.raises(GatewayError) as caught:
            await self.router.relay(call(model))
        return caught.value

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
