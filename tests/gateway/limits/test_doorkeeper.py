"""Who is let in, what is counted, what is told; one process and several."""

import asyncio
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.key_counters import Ask, Share, Taken
from blindarena.errors import GatewayError, StorageError
from blindarena.gateway.limits.doorkeeper import LEASE_S, KeyDoorkeeper
from blindarena.gateway.limits.secrets import new_secret, secret_hash
from blindarena.testing.memory_gateway import MemoryApiKeys, MemoryKeyCounters

from .builders import NOON, World, use

EACH: dict[str, Any] = {"model": "small", "estimate": use(10, 0.1)}


async def refusal(keeper: KeyDoorkeeper, secret: str | None, **changed: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await keeper.admit(secret, **(EACH | changed))
    return caught.value


class Counting(MemoryKeyCounters):
    """Counts what is asked, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, key_id: UUID, holder: UUID, asks: Any, **times: Any) -> Taken:
        self.taken += 1
        await self.gate.wait()
        return await super().take(key_id, holder, asks, **times)


class Broken:
    """A database that does not answer."""

    async def by_hash(self, secret_hash: str) -> ApiKey | None:
        raise StorageError("gone")

    async def take(self, key_id: UUID, holder: UUID, asks: list[Ask], **times: Any) -> Taken:
        raise StorageError("gone")

    async def report(self, holder: UUID, shares: list[Share], **times: Any) -> None:
        raise StorageError("gone")


def test_secrets_are_long_random_and_hashed() -> None:
    one = new_secret()

    assert len(one) == 46
    assert one.startswith("ba-")
    assert one != new_secret()
    assert len(secret_hash(one)) == 64
    assert secret_hash("\ud800") != secret_hash("?")


async def test_without_a_key_or_with_a_wrong_one() -> None:
    world = World()
    keeper = world.keeper()

    for secret in (None, "", "sk-of-another", new_secret(), "ba-" + "x" * 10_000, "ba-\udc80"):
        error = await refusal(keeper, secret)
        assert (error.status, error.type) == (401, "authentication_error")
        assert error.code == "invalid_api_key"
        assert not secret or secret not in str(error)
        with pytest.raises(GatewayError):
            await keeper.allowed(secret)


async def test_where_no_key_is_required_another_secret_is_nobody() -> None:
    world = World()
    keeper = world.keeper(required=False)
    secret, key = await world.key(models=("big",))

    for other in (None, "", "sk-of-another"):
        assert (await keeper.admit(other, **EACH)).key_id is None
        assert await keeper.allowed(other) is None
    assert (await refusal(keeper, new_secret())).status == 401
    assert await keeper.allowed(secret) == {"big"}
    assert (await refusal(keeper, secret)).status == 403
    await world.keys.revoke(key.id, at=datetime.now(UTC))
    assert (await refusal(world.keeper(required=False), secret)).status == 401


async def test_models_and_end_of_a_key() -> None:
    world = World()
    end = datetime.fromtimestamp(NOON, UTC) + timedelta(hours=1)
    secret, key = await world.key(models=("small", "tiny"), expires_at=end)
    keeper = world.keeper()

    assert (await keeper.admit(secret, **EACH)).key_id == key.id
    assert await keeper.allowed(secret) == {"small", "tiny"}
    error = await refusal(keeper, secret, model="big")
    assert (error.status, error.code, error.param) == (403, "model_not_allowed", "model")
    world.time = end.timestamp()
    assert "ended at 2026-03-31T13:00+00:00" in str(await refusal(keeper, secret))


async def test_a_key_without_limits_needs_no_counters() -> None:
    world = World()
    secret, key = await world.key()
    keeper = world.keeper(counters=Broken())

    admitted = await keeper.admit(secret, model="small", estimate=use(10**9, None))
    admitted.settle(tokens=5, cost_usd=None)
    await keeper.report()

    assert admitted.key_id == key.id


async def test_requests_per_minute_and_the_next_minute() -> None:
    world = World(time=NOON + 48)
    secret, _ = await world.key(requests_per_minute=3)
    keeper = world.keeper()

    for _ in range(3):
        await keeper.admit(secret, **EACH)
    error = await refusal(keeper, secret)
    assert (error.status, error.type, error.code) == (
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
    )
    assert error.retry_after_s == 12.0
    assert (
        str(error) == "the 3 requests per minute of the API key 'ci' are used up: try again in 12 s"
    )
    world.time = NOON + 60
    await keeper.admit(secret, **EACH)


async def test_a_reservation_becomes_what_was_used() -> None:
    world = World()
    secret, _ = await world.key(tokens_per_minute=100, usd_per_day=1.0)
    keeper = world.keeper()

    first = await keeper.admit(secret, model="small", estimate=use(90, 0.9))
    error = await refusal(keeper, secret, estimate=use(20, 0.05))
    assert "100 tokens per minute" in str(error)
    assert error.retry_after_s == 1.0  # what is reserved may come back before the minute ends
    first.settle(tokens=30, cost_usd=0.85)
    first.settle(tokens=0, cost_usd=0.0)  # the second time changes nothing
    await keeper.admit(secret, model="small", estimate=use(20, 0.15))
    world.time += 1
    error = await refusal(keeper, secret, estimate=use(20, 0.15))
    assert error.code == "insufficient_quota"
    assert "the 1 USD per day of" in str(error)
    await keeper.admit(secret, model="small", estimate=use(50, 0.0))


async def test_what_is_spent_for_good_waits_for_the_next_day() -> None:
    world = World()
    secret, _ = await world.key(usd_per_day=1.0, usd_per_month=1.5)
    keeper = world.keeper()

    (await keeper.admit(secret, **EACH)).settle(tokens=10, cost_usd=0.95)  # more than estimated
    assert (await refusal(keeper, secret)).retry_after_s == 12 * 3600
    world.time += 12 * 3600  # into April
    (await keeper.admit(secret, **EACH)).settle(tokens=None, cost_usd=None)
    await keeper.admit(secret, model="small", estimate=use(0, 0.9))


async def test_a_month_outlasts_its_days() -> None:
    world = World(time=NOON - 86_400)
    secret, _ = await world.key(usd_per_day=1.0, usd_per_month=1.5)
    keeper = world.keeper()

    (await keeper.admit(secret, model="small", estimate=use(0, 1.0))).settle(tokens=0, cost_usd=1.0)
    world.time = NOON
    error = await refusal(keeper, secret, estimate=use(0, 0.6))
    assert "1.5 USD per month" in str(error)
    assert error.retry_after_s == 12 * 3600
    await keeper.admit(secret, model="small", estimate=use(0, 0.5))


async def test_a_budget_needs_a_price() -> None:
    world = World()
    secret, _ = await world.key(usd_per_month=5.0)
    free, _ = await world.key(tokens_per_minute=5)
    keeper = world.keeper()

    error = await refusal(keeper, secret, estimate=use(1, None))
    assert (error.status, error.code) == (403, "price_unknown")
    assert "input_price and output_price" in str(error)
    await keeper.admit(free, model="small", estimate=use(1, None))
    nothing, _ = await world.key(usd_per_day=0.0)
    await keeper.admit(nothing, model="small", estimate=use(1, 0.0))  # a model that costs nothing


async def test_more_than_the_whole_limit_is_no_matter_of_time() -> None:
    world = World()
    secret, _ = await world.key(tokens_per_minute=100)

    error = await refusal(world.keeper(), secret, estimate=use(101, 0.0))

    assert (error.status, error.code) == (400, "request_over_limit")
    assert "may use 101 tokens, more than the 100 tokens per minute" in str(error)
    assert error.retry_after_s is None


async def test_a_burst_asks_the_database_seldom_and_a_refused_one_too() -> None:
    world, counters = World(), Counting()
    secret, _ = await world.key(requests_per_minute=1000)
    keeper = world.keeper(counters=counters)

    for _ in range(900):
        await keeper.admit(secret, **EACH)
    assert counters.taken < 40
    while True:
        try:
            await keeper.admit(secret, **EACH)
        except GatewayError:
            break
    asked = counters.taken
    for _ in range(100):
        await refusal(keeper, secret)
    assert counters.taken == asked


async def test_one_process_gives_back_what_another_needs() -> None:
    world = World()
    secret, _ = await world.key(requests_per_minute=16)
    a, b = world.keeper(), world.keeper()

    for keeper in (a, b):
        for _ in range(4):
            await keeper.admit(secret, **EACH)
    for _ in range(6):  # a is idle: after some seconds it holds nothing
        world.time += 1
        await a.report()
    for _ in range(8):
        await b.admit(secret, **EACH)
    assert (await refusal(b, secret)).retry_after_s == 54.0
    assert (await refusal(a, secret)).status == 429


async def test_a_killed_process_keeps_what_it_spent_and_reserved() -> None:
    world = World()
    secret, _ = await world.key(usd_per_day=8.0)
    dead, alive = world.keeper(), world.keeper()
    (await dead.admit(secret, model="small", estimate=use(0, 1.0))).settle(tokens=0, cost_usd=1.0)
    await dead.admit(secret, model="small", estimate=use(0, 1.0))
    await dead.report()

    world.time += LEASE_S
    admitted = [await alive.admit(secret, model="small", estimate=use(0, 1.0)) for _ in range(6)]

    assert len(admitted) == 6
    assert (await refusal(alive, secret, estimate=use(0, 1.0))).status == 429


async def test_closing_gives_back_all_but_what_was_spent() -> None:
    world = World()
    secret, key = await world.key(usd_per_day=8.0)
    keeper = world.keeper()
    (await keeper.admit(secret, model="small", estimate=use(0, 1.0))).settle(tokens=0, cost_usd=0.5)

    await keeper.close()

    (share,) = await world.counters.shares(key.id)
    assert (share.spent, share.held, share.reserved) == (500_000_000, 0, 0)


async def test_a_client_that_leaves_while_the_database_is_asked_gives_back() -> None:
    world, counters = World(), Counting()
    secret, _ = await world.key(requests_per_minute=1)
    keeper = world.keeper(counters=counters)
    counters.gate.clear()
    leaving = asyncio.create_task(keeper.admit(secret, **EACH))
    while not counters.taken:
        await asyncio.sleep(0)

    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    counters.gate.set()
    await asyncio.sleep(0.01)  # it ends without anybody waiting

    await keeper.admit(secret, **EACH)
    assert (await refusal(keeper, secret)).status == 429


async def test_a_revoked_or_changed_key_is_seen_with_the_next_refresh() -> None:
    world = World()
    secret, key = await world.key(requests_per_minute=100)
    keeper, other = world.keeper(), world.keeper()
    for one in (keeper, other):
        await one.admit(secret, **EACH)

    await world.keys.change(key.id, name="new", limits=KeyLimits(requests_per_minute=2))
    await keeper.refresh()
    assert "'new'" in str(await refusal(keeper, secret))
    await world.keys.revoke(key.id, at=datetime.now(UTC))
    await keeper.refresh()
    assert "revoked" in str(await refusal(keeper, secret))
    await other.admit(secret, **EACH)  # it has not looked yet
    world.time += 5
    assert "revoked" in str(await refusal(other, secret))  # nobody believes a key longer
    assert (await world.keys.by_id(key.id)).last_used_on == date(2026, 3, 31)


async def test_an_unknown_key_is_not_looked_up_again_and_again() -> None:
    world = World()
    looked: list[str] = []

    class Keys(MemoryApiKeys):
        async def by_hash(self, secret_hash: str) -> ApiKey | None:
            looked.append(secret_hash)
            return await super().by_hash(secret_hash)

    world.keys = Keys()
    keeper, secret = world.keeper(), new_secret()
    found = await asyncio.gather(
        *(keeper.allowed(secret) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(one, GatewayError) for one in found)
    await refusal(keeper, secret)
    assert len(looked) == 1
    world.time += 2
    await refusal(keeper, secret)
    assert len(looked) == 2


async def test_while_the_database_is_gone() -> None:
    world = World()
    plain, _ = await world.key()
    limited, _ = await world.key(requests_per_minute=8)
    keeper = world.keeper()
    for secret in (plain, limited):
        await keeper.admit(secret, **EACH)
    keeper._ring._keys = Broken()  # type: ignore[assignment]
    keeper._counters = Broken()  # type: ignore[assignment]

    world.time += 10
    await keeper.admit(plain, **EACH)  # known within the last minute
    assert (await refusal(keeper, limited)).status == 503
    with pytest.raises(StorageError):
        await keeper.report()
    assert (await refusal(keeper, new_secret())).code == "keys_unavailable"
    world.time += 60
    assert (await refusal(keeper, plain)).retry_after_s == 2.0


async def test_an_upstream_that_reports_nonsense_is_charged_the_reservation() -> None:
    world = World()
    secret, key = await world.key(tokens_per_minute=100, usd_per_day=1.0)
    keeper = world.keeper()

    for tokens, usd in ((-5, -1.0), (2**70, math.nan), (2**70, math.inf)):
        (await keeper.admit(secret, **EACH)).settle(tokens=tokens, cost_usd=usd)
    await keeper.close()

    spent = {share.kind: share.spent for share in await world.counters.shares(key.id)}
    assert spent == {"tokens": 30, "day": 300_000_000}


async def test_what_was_spent_is_remembered_by_an_idle_process() -> None:
    world = World()
    secret, _ = await world.key(usd_per_day=1.0)
    plain, _ = await world.key()
    keeper = world.keeper()
    for one in (secret, plain):
        (await keeper.admit(one, model="m", estimate=use(0, 1.0))).settle(tokens=0, cost_usd=1.0)
    for _ in range(3):
        await keeper.report()
        await keeper.refresh()
        world.time += 3600

    assert (await refusal(keeper, secret)).status == 429
    assert len(keeper._ring.entries()) == 1  # the key without limits is forgotten


async def test_a_limit_that_is_taken_away_and_comes_back_remembers_what_was_spent() -> None:
    world = World()
    secret, key = await world.key(usd_per_day=1.0)
    keeper = world.keeper()
    (await keeper.admit(secret, model="m", estimate=use(0, 1.0))).settle(tokens=0, cost_usd=1.0)
    for limits in (KeyLimits(), KeyLimits(usd_per_day=1.5)):
        await world.keys.change(key.id, name="ci", limits=limits)
        await keeper.refresh()
        await keeper.admit(secret, model="m", estimate=use(0, 0.5))
        await keeper.report()

    assert (await refusal(keeper, secret)).status == 429
