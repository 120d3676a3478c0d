"""Deployments come, change and go while requests run."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.plan import Plan
from blindarena.domain.chat import ChatRequest, Finished, Message, Parameters
from blindarena.errors import ConfigError
from blindarena.settings import Deployment, Settings
from blindarena.settings.gateway import Gateway, Model
from blindarena.testing import Behaviour, FakeUpstream

ASK = ChatRequest((Message("user", "Hello?"),), Parameters(max_tokens=20))


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream({"m": Behaviour(text="Fine.")}) as server:
        yield server


def at(url: str, **more: object) -> Deployment:
    table = {"provider": "openai-compatible", "base_url": url, "model": "m"} | more
    return Deployment.model_validate(table)


@pytest.fixture
async def fleet(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Fleet]:
    deployments = {
        "one": at(upstream.url, weight=2, max_concurrent=3, queue=4),
        "ready-made": Deployment.model_validate({"replay": "answers.json"}),
    }
    settings = Settings(
        gateway=Gateway(drain_s=5, retries=0),
        models={"big": Model(deployments=("one",), fallbacks=("ready-made",), routing="prefix")},
        deployments=deployments,
    )
    plan = Plan(settings, (), deployments, {"ready-made": {"Hello?": "Hi."}})
    fleet = Fleet(plan, models_dir=tmp_path, environ={})
    await fleet.open()
    yield fleet
    await fleet.close()


async def asked(fleet: Fleet, name: str) -> Finished:
    last = [event async for event in fleet.router.stream([name], ASK)][-1]
    assert isinstance(last, Finished)
    return last


async def test_settings_reach_the_router(fleet: Fleet) -> None:
    state = fleet.router.states()["one"]
    assert (state.weight, state.max_concurrent, state.queue) == (2, 3, 4)
    assert fleet.router.models() == ["big", "ready-made"]
    assert len(fleet.router.dearest("big")) == 2
    assert (await asked(fleet, "one")).deployment == "one"


async def test_added_changed_and_removed(fleet: Fleet, upstream: FakeUpstream) -> None:
    fleet.put_hosted("two", at(upstream.url))
    assert fleet.router.models() == ["big", "ready-made", "two"]
    assert fleet.cards["two"].base_url == upstream.url

    events = fleet.router.stream(["two"], ASK)
    await anext(events)
    fleet.put_hosted("two", at(upstream.url, max_concurrent=1))
    assert fleet.router.states()["two"].max_concurrent == 1
    removing = asyncio.create_task(fleet.remove("two"))
    await asyncio.sleep(0)
    assert not fleet.router.available(["two"])
    rest = [event async for event in events]
    assert isinstance(rest[-1], Finished)
    assert await removing
    assert "two" not in fleet.router.states()
    assert "two" not in fleet.cards
    assert await fleet.remove("two")


async def test_only_a_provider_can_be_added(fleet: Fleet) -> None:
    with pytest.raises(ConfigError, match=r'deployments.local: give "provider"'):
        fleet.put_hosted("local", Deployment.model_validate({"engine": "llamacpp", "model": "m"}))
    assert "local" not in fleet.router.states()


async def test_what_cannot_be_used_changes_nothing(fleet: Fleet) -> None:
    before = fleet.prices["one"]
    with pytest.raises(ConfigError, match="base_url"):
        fleet.put_hosted("one", at("ftp://somewhere", cost_per_hour=3))
    assert fleet.prices["one"] is before
    assert (await asked(fleet, "one")).deployment == "one"
