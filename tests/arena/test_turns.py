"""One turn: two independent streams, a common start, a store before the end is told."""

import asyncio
from collections.abc import Mapping
from time import perf_counter

from blindarena.arena.events import Delta, SideDone, TurnDone, TurnError, TurnEvent
from blindarena.arena.turns import RunningTurn, SideRequest, SideResult
from blindarena.domain.battles import Side
from blindarena.domain.chat import ChatRequest, Message
from blindarena.errors import ProviderError, StorageError
from blindarena.gateway.router import Router
from blindarena.testing.fake_model import FakeChatModel

REQUEST = ChatRequest((Message("user", "Hello?"),))


class Kept:
    """Remembers what was stored, and when."""

    def __init__(self, error: Exception | None = None) -> None:
        self.results: Mapping[Side, SideResult] = {}
        self.left: bool | None = None
        self._error = error

    async def __call__(self, results: Mapping[Side, SideResult], left: bool) -> None:
        await asyncio.sleep(0)
        self.results, self.left = results, left
        if self._error is not None:
            raise self._error


def run(
    a: FakeChatModel, b: FakeChatModel, kept: Kept, *, together: float = 0.0, begun: bool = True
) -> RunningTurn:
    router = Router()
    router.put("a", a)
    router.put("b", b)
    sides: dict[Side, SideRequest] = {
        "a": SideRequest(("a",), REQUEST),
        "b": SideRequest(("b",), REQUEST),
    }
    turn = RunningTurn(models=router, sides=sides, number=1, start_together_s=together, store=kept)
    if begun:
        turn.begin()
    return turn


async def collect(turn: RunningTurn) -> list[tuple[float, TurnEvent]]:
    began = perf_counter()
    return [(perf_counter() - began, event) async for batch in turn.events() for event in batch]


def text(events: list[tuple[float, TurnEvent]], side: Side) -> str:
    return "".join(e.text for _, e in events if isinstance(e, Delta) and e.side == side)


async def test_a_slow_side_never_stalls_the_other() -> None:
    kept = Kept()
    slow = FakeChatModel("b", ["slow", 0.4, " end"])
    events = await collect(run(FakeChatModel("a", ["fast"]), slow, kept))

    done = {e.side: at for at, e in events if isinstance(e, SideDone)}
    assert done["a"] < 0.2 < done["b"]
    assert (text(events, "a"), text(events, "b")) == ("fast", "slow end")
    assert events[-1][1] == TurnDone(1)


async def test_both_sides_start_together() -> None:
    slow = FakeChatModel("b", [0.3, "late"])
    events = await collect(run(FakeChatModel("a", ["fast and long"]), slow, Kept(), together=3.0))

    first = {e.side: at for at, e in reversed(events) if isinstance(e, Delta)}
    assert abs(first["a"] - first["b"]) < 0.1
    assert first["a"] > 0.25


async def test_the_wait_for_a_common_start_is_bounded() -> None:
    slow = FakeChatModel("b", [0.8, "late"])
    events = await collect(run(FakeChatModel("a", ["fast"]), slow, Kept(), together=0.2))

    first = {e.side: at for at, e in reversed(events) if isinstance(e, Delta)}
    assert first["a"] < 0.6 < first["b"]


async def test_a_failed_side_releases_the_other_at_once() -> None:
    bad = FakeChatModel("b", [ProviderError("vendor words", fault="server", retryable=False)])
    kept = Kept()
    events = await collect(run(FakeChatModel("a", ["fast"]), bad, kept, together=30.0))

    assert text(events, "a") == "fast"
    errors = [e for _, e in events if isinstance(e, TurnError)]
    assert [e.side for e in errors] == ["b", None]
    assert "vendor" not in repr(errors)
    assert kept.results["b"].fault == "server"


async def test_the_end_is_told_only_after_it_is_stored() -> None:
    kept = Kept(StorageError("disk full"))
    events = await collect(run(FakeChatModel("a", ["x"]), FakeChatModel("b", ["y"]), kept))

    assert not any(isinstance(e, TurnDone) for _, e in events)
    last = events[-1][1]
    assert isinstance(last, TurnError)
    assert "could not be saved" in last.title
    assert "disk" not in repr(last)


async def test_a_reader_who_leaves_closes_both_and_it_is_stored() -> None:
    a, b = (FakeChatModel(n, ["word ", *[0.05, "word "] * 100]) for n in "ab")
    kept = Kept()
    turn = run(a, b, kept)
    async for _ in turn.events():
        break
    await turn.abandon()

    assert (a.closed_early, b.closed_early) == (1, 1)
    assert kept.left is True
    assert "".join(kept.results["a"].text).startswith("word ")


async def test_stopping_one_side_keeps_its_text_and_the_other_goes_on() -> None:
    a = FakeChatModel("a", ["first ", 30.0, "never"])
    kept = Kept()
    turn = run(a, FakeChatModel("b", ["one ", 0.2, "two"]), kept)
    reading = asyncio.create_task(collect(turn))
    await asyncio.sleep(0.1)
    turn.stop("a")
    events = await reading

    assert (text(events, "a"), text(events, "b")) == ("first ", "one two")
    assert events[-1][1] == TurnDone(1)
    assert kept.results["a"].stopped


async def test_stopping_a_side_without_text_is_no_answer() -> None:
    turn = run(FakeChatModel("a", [30.0, "never"]), FakeChatModel("b", ["fine"]), Kept())
    reading = asyncio.create_task(collect(turn))
    await asyncio.sleep(0.1)
    turn.stop("a")
    events = await reading

    assert [e.side for _, e in events if isinstance(e, TurnError)] == ["a", None]


async def test_a_discarded_turn_closes_both_and_stores_nothing() -> None:
    a, b = (FakeChatModel(n, ["word ", 30.0, "never"]) for n in "ab")
    kept = Kept()
    turn = run(a, b, kept, begun=False)
    await asyncio.sleep(0.05)
    await turn.discard()

    assert (a.closed_early, b.closed_early) == (1, 1)
    assert kept.left is None


async def test_the_end_waits_for_the_beginning() -> None:
    kept = Kept()
    turn = run(FakeChatModel("a", ["x"]), FakeChatModel("b", ["y"]), kept, begun=False)
    reading = asyncio.create_task(collect(turn))
    await asyncio.sleep(0.1)
    assert kept.left is None

    turn.begin()
    assert (await reading)[-1][1] == TurnDone(1)
