"""One arena of two contestants, answered by the fake upstream over real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_, live_plan, serving


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    models = {"red": Behaviour(text="Red says hello."), "blue": Behaviour(text="Blue says hi.")}
    async with FakeUpstream(models) as fake:
        yield fake


@pytest.fixture
async def server(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
    )
    async with serving(plan) as running:
        yield running


@pytest.fixture
async def browser(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as one:
        await one.consent()
        yield one
