"""Places: in order, bounded, and none is ever lost, whoever is cancelled when."""

import asyncio
import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.gateway.routing.slots import Slots, wait_for_place


async def ticks(n: int = 5) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


async def test_first_come_first_served() -> None:
    slots = Slots(limit=1)
    slots.take()
    served: list[int] = []

    async def one(i: int) -> None:
        assert await wait_for_place([slots], timeout_s=60) is slots
        served.append(i)

    tasks = [asyncio.create_task(one(i)) for i in range(3)]
    await ticks()
    assert (slots.waiting, slots.free) == (3, False)
    for n in range(1, 4):
        slots.release()
        assert not slots.free  # handed over in the same instant: nobody can overtake
        await ticks()
        assert served == list(range(n))
    await asyncio.gather(*tasks)


async def test_the_first_place_in_any_line() -> None:
    a, b = Slots(limit=1), Slots(limit=1)
    a.take()
    b.take()
    waiting = asyncio.create_task(wait_for_place([a, b], timeout_s=60))
    await ticks()
    b.release()
    assert await waiting is b
    assert (a.waiting, b.waiting) == (0, 0)
    a.release()
    assert a.free


async def test_nothing_in_time() -> None:
    slots = Slots(limit=1)
    slots.take()
    with pytest.raises(TimeoutError):
        await wait_for_place([slots], timeout_s=0.001)
    assert slots.waiting == 0


async def test_sent_away_and_resized() -> None:
    a, b = Slots(limit=1, queue=1), Slots(limit=1)
    a.take()
    b.take()
    both = asyncio.create_task(wait_for_place([a, b], timeout_s=60))
    await ticks()
    assert not a.has_room
    a.send_away()  # still in line at b
    await ticks()
    assert (a.has_room, both.done()) == (True, False)
    b.resize(limit=2, queue=0)
    assert await both is b

    alone = asyncio.create_task(wait_for_place([b], timeout_s=60))
    await ticks()
    b.send_away()
    assert await alone is None
    assert b.in_flight == 2


async def test_emptied() -> None:
    slots = Slots()
    await slots.emptied()
    slots.take()
    slots.take()
    waiting = asyncio.create_task(slots.emptied())
    slots.release()
    await ticks()
    assert not waiting.done()
    slots.release()
    await waiting


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_no_place_is_lost(seed: int) -> None:
    """Whoever waits is cancelled, sent away or timed out at any moment, also when just served."""
    asyncio.run(_turmoil(random.Random(seed)))


async def _turmoil(rng: random.Random) -> None:
    places = [Slots(limit=rng.randint(1, 2), queue=50) for _ in range(rng.randint(1, 3))]
    limits = [slots.limit or 0 for slots in places]
    held = 0

    async def client() -> None:
        nonlocal held
        mine = rng.sample(places, rng.randint(1, len(places)))
        free = [slots for slots in mine if slots.free]
        place: Slots | None
        if free:
            place = free[0]
            place.take()
        else:
            try:
                place = await wait_for_place(mine, timeout_s=rng.choice([0.0, 60.0]))
            except TimeoutError:
                return
            if place is None:
                return
        held += 1
        try:
            await ticks(rng.randint(0, 4))
        finally:
            held -= 1
            place.release()
            if rng.random() < 0.5:  # whoever was served by this may go before it has run
                for task in rng.sample(clients, len(clients) // 2):
                    task.cancel()

    clients: list[asyncio.Task[None]] = []
    for _ in range(40):
        match rng.randrange(6):
            case 0 if clients:
                rng.choice(clients).cancel()
            case 1:
                rng.choice(places).send_away()
            case 2:
                await asyncio.sleep(0)
            case _:
                clients.append(asyncio.create_task(client()))
        for slots, limit in zip(places, limits, strict=True):
            assert slots.in_flight <= limit
    for task in clients:
        if rng.random() < 0.5:
            task.cancel()
    for slots in places:  # what still waits for ever is let go
        asyncio.get_running_loop().call_later(0.001, slots.send_away)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*clients, return_exceptions=True)
    assert held == 0
    assert [(slots.in_flight, slots.waiting) for slots in places] == [(0, 0)] * len(places)
