"""The database fails just when a turn's start or end is to be stored: the battle goes on after."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from blindarena.errors import StorageError
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_


class Failing:
    """The battles' repository, of which one method fails once.

    Args:
        late: it fails after its work, as where the connection breaks at COMMIT.
    """

    def __init__(self, battles: Any, *, method: str, late: bool = False) -> None:
        self._battles = battles
        self._method = method
        self._late = late

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._battles, name)
        if name != self._method:
            return work
        self._method = ""
        return self._fail_after(work if self._late else None)

    def _fail_after(self, work: Callable[..., Awaitable[Any]] | None) -> Any:
        async def fail(*args: Any, **kwargs: Any) -> None:
            if work is not None:
                await work(*args, **kwargs)
            raise StorageError("the connection was closed in the middle of operation")

        return fail


def install(server: Server_, failing: Callable[[Any], Failing]) -> None:
    service = server.app.battles
    service._battles = service._sender._battles = failing(service._battles)  # type: ignore[assignment]


async def status(browser: Browser, battle: str) -> tuple[str, list[str]]:
    state = (await browser.get(f"/api/battles/{battle}")).json
    return state["status"], [turn["status"] for turn in state["turns"]]


async def test_answers_that_cannot_be_saved_leave_the_battle_to_be_sent_again(
    browser: Browser, server: Server_
) -> None:
    battle = await browser.battle()
    install(server, lambda battles: Failing(battles, method="end_turn"))
    turn = await browser.turn(battle)

    name, told = turn.events[-1]
    assert (name, told["detail"]) == ("error", "Please send it again.")
    assert await status(browser, battle) == ("waiting", ["interrupted"])
    assert (await browser.turn(battle)).events[-1] == ("turn_done", {"turn": 1})
    assert (await browser.vote(battle)).status == 200


async def test_a_lost_second_turn_leaves_the_first_to_be_voted_on(
    browser: Browser, server: Server_
) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    install(server, lambda battles: Failing(battles, method="end_turn"))
    await browser.turn(battle, "And then?")

    assert await status(browser, battle) == ("votable", ["complete", "interrupted"])
    assert (await browser.vote(battle)).status == 200


async def test_a_start_stored_in_a_broken_connection_can_be_sent_again(
    browser: Browser, server: Server_
) -> None:
    battle = await browser.battle()
    install(server, lambda battles: Failing(battles, method="start_turn", late=True))

    assert (await browser.turn(battle)).status == 503
    assert (await browser.turn(battle)).events[-1] == ("turn_done", {"turn": 1})


async def test_a_lost_turn_can_be_skipped(browser: Browser, server: Server_) -> None:
    battle = await browser.battle()
    install(server, lambda battles: Failing(battles, method="end_turn"))
    await browser.turn(battle)

    assert (await browser.post(f"/api/battles/{battle}/skip")).json == {"status": "skipped"}


async def test_looking_at_a_battle_does_not_end_its_turn(
    browser: Browser, upstream: FakeUpstream
) -> None:
    slow = Behaviour(text="word " * 30, chunk_size=5, delay_s=0.02)
    upstream.behaviours |= {"red": slow, "blue": slow}
    battle = await browser.battle()
    turn = asyncio.create_task(browser.turn(battle))
    seen = set()
    while not turn.done():
        seen.add((await status(browser, battle))[0])
        again = await browser.turn(battle)
        assert again.status in (409, 200)  # 200 only where the first has just ended
        if again.status == 200:
            break

    assert "streaming" in seen
    assert (await turn).events[-1] == ("turn_done", {"turn": 1})
