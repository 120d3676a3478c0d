"""However several processes take turns, together they never pass a limit."""

import asyncio
import random
from collections import defaultdict
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from blindarena.domain.key_counters import NANO, Taken
from blindarena.errors import GatewayError
from blindarena.gateway.limits.doorkeeper import KeyDoorkeeper
from blindarena.testing.memory_gateway import MemoryKeyCounters

from .builders import NOON, World, use

LIMITS = {"requests": 40, "tokens": 300, "day": 2 * NANO}


class Slow(MemoryKeyCounters):
    """Answers after a while, so that others come between."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def take(self, key_id: UUID, holder: UUID, asks: Any, **times: Any) -> Taken:
        await self._pause()
        taken = await super().take(key_id, holder, asks, **times)
        await self._pause()
        return taken

    async def report(self, holder: UUID, shares: Any, **times: Any) -> None:
        await self._pause()
        await super().report(holder, shares, **times)
        await self._pause()

    async def _pause(self) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)


class Books:
    """What really was let in, by period, kept apart from what is tested."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, int], int] = defaultdict(int)
        self.most: dict[str, int] = defaultdict(int)

    def add(self, world: World, *, requests: int, tokens: int, nano: int, at: float) -> None:
        for kind, amount, seconds in (
            ("requests", requests, 60),
            ("tokens", tokens, 60),
            ("day", nano, 86_400),
        ):
            self.used[kind, int(at // seconds)] += amount
            self.most[kind] = max(self.most[kind], self.used[kind, int(at // seconds)])


async def client(
    world: World, keeper: KeyDoorkeeper, secret: str, books: Books, chance: random.Random
) -> None:
    for _ in range(chance.randrange(12)):
        tokens, nano = chance.randrange(30), chance.randrange(NANO // 10)
        at = world.time
        try:
            admitted = await keeper.admit(secret, model="m", estimate=use(tokens, nano / NANO))
        except GatewayError as error:
            if error.status != 429:
                raise
            await asyncio.sleep(0)
            continue
        books.add(world, requests=1, tokens=tokens, nano=nano, at=at)
        for _ in range(chance.randrange(5)):
            await asyncio.sleep(0)
        used = (chance.randrange(tokens + 1), chance.randrange(nano + 1))
        admitted.settle(tokens=used[0], cost_usd=used[1] / NANO)
        books.add(world, requests=0, tokens=used[0] - tokens, nano=used[1] - nano, at=at)


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_limits_hold(seed: int, processes: int) -> None:
    async def run() -> None:
        chance, books = random.Random(seed), Books()
        world = World(counters=Slow(chance), time=NOON)
        secret, _ = await world.key(
            requests_per_minute=LIMITS["requests"],
            tokens_per_minute=LIMITS["tokens"],
            usd_per_day=LIMITS["day"] / NANO,
        )
        keepers = [world.keeper() for _ in range(processes)]
        for _ in range(12):
            work: list[Any] = [
                client(world, chance.choice(keepers), secret, books, chance)
                for _ in range(chance.randrange(6))
            ]
            work += [chance.choice(keepers).report() for _ in range(chance.randrange(3))]
            chance.shuffle(work)
            await asyncio.gather(*work)
            if chance.random() < 0.3:
                await asyncio.gather(*(keeper.report() for keeper in keepers))
                world.time += chance.choice([1, 4, 9])
            if chance.random() < 0.1:
                index = chance.randrange(processes)
                await keepers[index].close()
                keepers[index] = world.keeper()
        for kind, most in books.most.items():
            assert most <= LIMITS[kind]

    asyncio.run(run())


@given(st.integers(0, 2**32))
def test_nothing_is_lost_either(seed: int) -> None:
    """After many requests and reports, what the store says is spent is what was used."""

    async def run() -> None:
        chance, books = random.Random(seed), Books()
        world = World(counters=Slow(chance), time=NOON)
        secret, key = await world.key(usd_per_day=LIMITS["day"] / NANO)
        keepers = [world.keeper() for _ in range(2)]
        await asyncio.gather(*(client(world, k, secret, books, chance) for k in keepers * 3))
        for keeper in keepers:
            await keeper.close()

        shares = await world.counters.shares(key.id)
        assert sum(share.spent for share in shares) == books.used["day", int(NOON // 86_400)]
        assert not any(share.held for share in shares)

    asyncio.run(run())
