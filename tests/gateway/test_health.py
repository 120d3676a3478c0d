"""The health watch: patient with one miss, quick to see a deployment come back."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from blindarena.errors import ProviderError
from blindarena.gateway.health import HealthWatch, models_question
from blindarena.testing.fake_upstream import refused_url


class Told:
    """Stands where the router does."""

    def __init__(self) -> None:
        self.found: list[str | None] = []

    def set_health(self, name: str, unwell: str | None) -> None:
        assert name == "a"
        self.found.append(unwell)


class Steps:
    """A sleep that ends when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._go = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self._go.acquire()

    async def step(self) -> None:
        self._go.release()
        for _ in range(5):
            await asyncio.sleep(0)


def down() -> ProviderError:
    return ProviderError("a: no connection", fault="refused", deployment="a")


def asking(answers: list[Exception | None]) -> Callable[[], Awaitable[None]]:
    async def ask() -> None:
        if error := answers.pop(0):
            raise error

    return ask


async def test_two_misses_are_unwell_and_one_answer_is_well() -> None:
    told, sleep = Told(), Steps()
    watch = HealthWatch(told, interval_s=10, rng=random.Random(1), sleep=sleep)
    watch.watch("a", asking([None, down(), None, down(), down(), down(), KeyError(), None]))
    await asyncio.sleep(0)
    seen = []
    for _ in range(8):
        told.found.clear()
        await sleep.step()
        seen.append(list(told.found))
    await watch.close()

    lost = ["a: no connection"]
    broken = ["its health question failed: KeyError"]
    assert seen == [[None], [], [None], [], lost, lost, broken, [None]]
    assert all(5 <= pause <= 15 for pause in sleep.asked)
    assert len(set(sleep.asked)) > 5


async def test_no_answer_in_time_is_a_miss() -> None:
    told, sleep = Told(), Steps()

    async def hang() -> None:
        await asyncio.Event().wait()

    watch = HealthWatch(told, interval_s=10, sleep=sleep, timeout_s=0.001)
    watch.watch("a", hang)
    await sleep.step()
    await sleep.step()
    while told.found[-1] is None:
        await asyncio.sleep(0.001)
    await watch.close()
    assert told.found[-1] == "no answer within 0.001 s"


async def test_what_is_watched_no_longer_is_taken_for_well() -> None:
    told, sleep = Told(), Steps()
    watch = HealthWatch(told, interval_s=10, sleep=sleep)
    watch.watch("a", asking([down(), down()]))
    await sleep.step()
    await sleep.step()
    watch.unwatch("a")
    assert told.found[-2:] == ["a: no connection", None]
    await sleep.step()
    assert told.found[-1] is None


async def test_an_interval_of_0_asks_nothing() -> None:
    told, sleep = Told(), Steps()
    watch = HealthWatch(told, interval_s=0, sleep=sleep)
    watch.watch("a", asking([]))
    await asyncio.sleep(0)
    assert sleep.asked == []
    await watch.close()


@pytest.mark.parametrize(("status", "well"), [(200, True), (401, True), (404, True), (503, False)])
async def test_any_answer_below_500_is_well(
    http: aiohttp.ClientSession, status: int, well: bool
) -> None:
    seen: list[str | None] = []

    async def models(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    ask = models_question(name="a", http=http, base_url=f"http://127.0.0.1:{port}/v1", key="sk-1")
    try:
        if well:
            await ask()
        else:
            with pytest.raises(ProviderError, match="HTTP 503"):
                await ask()
    finally:
        await runner.cleanup()
    assert seen == ["Bearer sk-1"]


async def test_no_connection_is_not_well(http: aiohttp.ClientSession) -> None:
    with pytest.raises(ProviderError) as caught:
        await models_question(name="a", http=http, base_url=refused_url())()
    assert caught.value.fault == "refused"
