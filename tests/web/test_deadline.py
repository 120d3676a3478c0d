"""The deadline of an arena over real HTTP: nothing begins after it, what began may end."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from .server import Browser, Reply, Server_, serving
from .test_queue import PAIRS, QUEUE, cast, next_pair, replay_plan, votes_on_board

BEFORE = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
AFTER = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
DETAIL = "'Test arena' closed on 2026-12-31 (UTC); nothing new can be voted on here"


def turn_clock(server: Server_, at: datetime) -> None:
    app = server.app
    app.now = lambda: at
    for service in (app.battles, app.voting, app.named, app.queue.service, app.queue.voting):
        service._now = app.now


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server_]:
    async with serving(replay_plan(tmp_path, deadline=date(2026, 12, 31))) as running:
        turn_clock(running, BEFORE)
        yield running


def refused(reply: Reply) -> None:
    assert (reply.status, reply.json["code"], reply.json["detail"]) == (409, "arena-closed", DETAIL)


async def test_no_battle_begins_and_a_vote_on_an_earlier_one_counts(
    server: Server_, browser: Browser
) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    assert (await browser.get("/api/arenas/test")).json["status"] == "ready"
    turn_clock(server, AFTER)

    refused(await browser.post("/api/arenas/test/battles", {"mode": "battle"}))
    arena = (await browser.get("/api/arenas/test")).json
    assert (arena["status"], arena["status_detail"]) == ("closed", "closed on 2026-12-31 (UTC)")
    await browser.vote(battle, "model_a")

    assert await votes_on_board(server) == 1


async def test_no_pair_of_the_queue_begins_and_an_open_one_still_takes_its_vote(
    server: Server_, browser: Browser
) -> None:
    assert (await browser.post(f"{QUEUE}/join", {"invite": None})).json["total"] == PAIRS
    item = await next_pair(browser)
    turn_clock(server, AFTER)

    again = await next_pair(browser)
    assert again["battle_id"] == item["battle_id"]
    reply = await cast(browser, item["battle_id"], "tie")

    assert (reply.status, reply.json["next"]) == (200, None)
    state = reply.json["state"]
    assert (state["done"], state["total"], state["finished"], state["waiting"]) == (1, 1, True, 0)
    refused(await browser.post(f"{QUEUE}/next", {"after": None}))
    assert await votes_on_board(server) == 1
