"""Workers in the registry become deployments of every gateway, and leave them again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from blindarena.bootstrap.workers import WorkerDesk
from blindarena.errors import ConfigError, GatewayError
from blindarena.gateway.calls import Call
from blindarena.gateway.router import ModelRoute, Router
from blindarena.testing import FakeUpstream
from blindarena.testing.memory import MemoryDatabase
from bootstrap.worker_stand import ENVIRON, SETTINGS, TOKEN, Clock, desk, joining


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def router() -> Router:
    return Router(jitter_s=0.0, retries=0)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
async def here(
    database: MemoryDatabase, router: Router, tmp_path: Path, clock: Clock
) -> AsyncIterator[WorkerDesk]:
    made = desk(database, router, tmp_path, clock)
    yield made
    await made.close()


def _call(model: str = "small") -> Call:
    fields: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()}
    return Call("chat", model, raw, False, "req_1", max_tokens=10)


async def _ask(router: Router, model: str = "small") -> str:
    relayed = await router.relay(_call(model))
    body = await relayed.reply.read()
    await relayed.reply.aclose()
    relayed.end(None)
    return body.decode()


async def test_a_joined_worker_is_asked_with_its_engines_key(
    here: WorkerDesk, router: Router
) -> None:
    async with FakeUpstream() as engine:
        await here.join(joining(engine.url))

        assert "small" in router.models()
        assert "choices" in await _ask(router)
        [asked] = engine.requests
        assert asked.headers["Authorization"] == "Bearer engine-key"
        assert asked.body["model"] == "small"
        await here.close()


async def test_the_engines_key_is_not_in_the_database_in_clear(
    here: WorkerDesk, database: MemoryDatabase
) -> None:
    await here.join(joining())

    [kept] = await database.workers.all()
    assert "engine-key" not in repr(kept) + kept.sealed_key


async def test_several_workers_share_a_model_by_their_slots(
    here: WorkerDesk, router: Router
) -> None:
    await here.join(joining(name="small@one", slots=4))
    await here.join(joining(name="small@two", slots=2))
    await here.join(joining(name="small@three", slots=0))

    assert router.routes() == {"small": ModelRoute(("small@one", "small@three", "small@two"))}
    states = router.states()
    weights = {name: (s.weight, s.max_concurrent) for name, s in states.items()}
    assert weights == {"small@one": (4, 4), "small@two": (2, 2), "small@three": (1, None)}


async def test_workers_are_added_to_a_configured_model(
    database: MemoryDatabase, router: Router, tmp_path: Path, clock: Clock
) -> None:
    models = {"fixed": {"deployments": ["fixed"], "fallbacks": []}}
    here = desk(database, router, tmp_path, clock, settings={**SETTINGS, "models": models})

    await here.join(joining(model="fixed", name="fixed@one"))

    assert router.routes() == {"fixed": ModelRoute(("fixed", "fixed@one"))}
    await here.close()


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"name": "fixed"}, 409, "configured in blindarena.toml"),
        ({"model": "fixed"}, 409, "configured deployment"),
        ({"name": "a b"}, 400, "letters, digits"),
        ({"model": ""}, 400, "letters, digits"),
        ({"base_url": "file:///etc/passwd"}, 400, "http"),
        ({"base_url": "http://user:secret@10.0.0.1/v1"}, 400, "no user"),
        ({"base_url": "http://169.254.169.254/v1"}, 400, "no engine answers there"),
        ({"base_url": "http://[::ffff:169.254.169.254]/v1"}, 400, "no engine answers there"),
        ({"base_url": "http://2852039166/v1"}, 400, "no engine answers there"),
        ({"base_url": "http://169.254.43518/v1"}, 400, "no engine answers there"),
        ({"base_url": "http://0.0.0.0:8000/v1"}, 400, "no engine answers there"),
        ({"key": "two\nlines"}, 400, "no key has"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_changes_nothing(
    here: WorkerDesk,
    database: MemoryDatabase,
    router: Router,
    changed: dict[str, Any],
    status: int,
    words: str,
) -> None:
    with pytest.raises(GatewayError, match=words) as caught:
        await here.join(joining(**changed))

    assert caught.value.status == status
    assert await database.workers.all() == []
    assert router.models() == []


async def test_a_name_in_use_is_refused_until_its_worker_is_silent(
    here: WorkerDesk, clock: Clock
) -> None:
    await here.join(joining())

    with pytest.raises(GatewayError, match="there already"):
        await here.join(joining())
    clock.passed += 9.5

    await here.join(joining())


async def test_a_worker_silent_for_three_heartbeats_is_out_until_it_is_heard_again(
    here: WorkerDesk, router: Router, clock: Clock
) -> None:
    said = joining()
    await here.join(said)
    for passed in (3, 3, 2.9):
        clock.passed += passed
        await here.routing.sync()
        assert router.statuses()["small@one"].status == "ready"
    clock.passed += 0.2
    await here.routing.sync()
    silent = router.statuses()["small@one"]

    await here.beat(said.id, state="ready", busy=0)
    await here.routing.sync()

    assert (silent.status, silent.detail) == ("down", "no heartbeat for more than 9 s")
    assert router.statuses()["small@one"].status == "ready"


async def test_another_gateway_follows_whatever_its_clock_says(
    here: WorkerDesk, database: MemoryDatabase, tmp_path: Path, clock: Clock
) -> None:
    """The other one's wall clock is an hour ahead: heartbeats are counted, not dated."""
    said, other = joining(), Router()
    await here.join(said)
    ahead = Clock()
    ahead.passed = 3600
    there = desk(database, other, tmp_path, ahead)
    await there.routing.sync()
    assert other.statuses()["small@one"].status == "down"

    for _ in range(4):
        clock.passed += 3
        ahead.passed += 3
        await here.beat(said.id, state="ready", busy=0)
        await there.routing.sync()
        assert other.statuses()["small@one"].status == "ready"

    await here.leave(said.id)
    await there.routing.sync()
    assert other.models() == []
    await there.close()


async def test_a_draining_worker_gets_nothing_new(
    here: WorkerDesk, router: Router, clock: Clock
) -> None:
    async with FakeUpstream() as engine:
        said = joining(engine.url)
        await here.join(said)
        relayed = await router.relay(_call())

        assert await here.beat(said.id, state="draining", busy=1) == 1
        assert router.states()["small@one"].draining
        with pytest.raises(GatewayError) as caught:
            await router.relay(_call())
        assert caught.value.status == 503

        await relayed.reply.aclose()
        relayed.end(None)
        clock.passed += 8
        assert await here.beat(said.id, state="draining", busy=0) == 0
        await here.close()


async def test_a_draining_worker_waits_for_the_requests_of_other_gateways(
    here: WorkerDesk, database: MemoryDatabase, tmp_path: Path, clock: Clock
) -> None:
    async with FakeUpstream() as engine:
        said, other = joining(engine.url), Router(jitter_s=0.0, retries=0)
        there = desk(database, other, tmp_path, clock)
        await here.join(said)
        await there.routing.sync()
        relayed = await other.relay(_call())

        await here.beat(said.id, state="draining", busy=None)
        await there.routing.sync()
        assert await here.beat(said.id, state="draining", busy=None) == 1

        await relayed.reply.aclose()
        relayed.end(None)
        clock.passed += 8
        await there.routing.sync()
        assert await here.beat(said.id, state="draining", busy=None) == 0
        await there.close()
        await here.close()


async def test_a_worker_that_joins_again_from_elsewhere_is_asked_there(
    here: WorkerDesk, router: Router
) -> None:
    async with FakeUpstream() as before, FakeUpstream() as after:
        said = joining(before.url)
        await here.join(said)
        await here.join(replace(said, base_url=after.url))

        await _ask(router)
        assert (len(before.requests), len(after.requests)) == (0, 1)
        await here.close()


async def test_a_key_that_another_gateway_sealed_differently_is_asked_for_again(
    here: WorkerDesk, database: MemoryDatabase, tmp_path: Path, clock: Clock
) -> None:
    said, other = joining(), Router()
    await here.join(said)
    environ = ENVIRON | {"BLINDARENA_SECRET_KEY": "t" * 40}
    there = desk(database, other, tmp_path, clock, environ=environ)
    await there.routing.sync()
    assert other.models() == []

    with pytest.raises(GatewayError) as caught:
        await there.beat(said.id, state="ready", busy=0)
    assert caught.value.code == "unknown_worker"
    await there.join(said)

    assert other.models() == ["small"]
    await there.close()


async def test_unknown_workers_must_join_and_may_leave(here: WorkerDesk) -> None:
    said = joining()
    with pytest.raises(GatewayError) as caught:
        await here.beat(said.id, state="ready", busy=0)

    assert caught.value.code == "unknown_worker"
    await here.leave(said.id)


@pytest.mark.parametrize("given", [None, "", TOKEN[:-1], TOKEN + "x", "\udcff"])
def test_another_token_is_refused(here: WorkerDesk, given: str | None) -> None:
    with pytest.raises(GatewayError) as caught:
        here.check(given)

    assert caught.value.status == 401
    here.check(TOKEN)


async def test_without_a_token_nobody_joins(
    database: MemoryDatabase, router: Router, tmp_path: Path, clock: Clock
) -> None:
    closed = desk(database, router, tmp_path, clock, settings={})
    await closed.open()

    with pytest.raises(GatewayError) as caught:
        closed.check(TOKEN)

    assert (closed.enabled, caught.value.status) == (False, 404)
    await closed.close()


@pytest.mark.parametrize(
    ("source", "words"),
    [({"env": "UNSET"}, "UNSET has 0 characters"), ({"vault": "token"}, "give { env")],
)
def test_a_token_that_cannot_be_one_is_told_at_the_start(
    database: MemoryDatabase,
    router: Router,
    tmp_path: Path,
    clock: Clock,
    source: dict[str, str],
    words: str,
) -> None:
    settings = {"gateway": {"worker_token": source}}
    with pytest.raises(ConfigError, match=words):
        desk(database, router, tmp_path, clock, settings=settings)
