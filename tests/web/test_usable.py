"""The usable-answer question over HTTP: asked, refused, shown on the board, given as KPIs."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Reply, Server_, live_plan, serving

SAID = {"a": {"send": "as_is"}, "b": {"send": "never", "breaks_policy": True}}


@pytest.fixture
async def asking(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        usable_answer=True,
    )
    async with serving(plan) as running:
        yield running


async def votable(browser: Browser) -> str:
    battle = await browser.battle()
    await browser.turn(battle)
    return battle


async def vote(browser: Browser, battle: str, **body: Any) -> Reply:
    return await browser.post(f"/api/battles/{battle}/vote", {"outcome": "model_a", **body})


async def test_an_arena_that_asks_needs_the_answer(asking: Server_) -> None:
    async with asking.browser() as voter:
        await voter.consent()
        assert (await voter.get("/api/arenas/test")).json["usable_answer"] is True
        battle = await votable(voter)
        for body in (
            {},
            {"usable": None},
            {"usable": {"a": {"send": "as_is"}}},
            {"usable": {"a": {"send": "maybe"}, "b": {"send": "never"}}},
            {"usable": SAID | {"c": {"send": "never"}}},
        ):
            reply = await vote(voter, battle, **body)
            assert (reply.status, reply.json["code"]) == (422, "invalid-input"), body
        assert "as is, after edits or never" in (await vote(voter, battle)).json["detail"]

        of: dict[str, list[str]] = {"Redwood": [], "Bluebell": []}
        for each in (battle, await votable(voter)):
            reply = await vote(voter, each, usable=SAID)
            assert reply.status == 200, reply.text
            of[reply.json["a"]["contestant"]].append("as_is")
            of[reply.json["b"]["contestant"]].append("never")

        board = (await voter.get("/api/arenas/test/leaderboard")).json
        table = (await voter.get("/api/arenas/test/leaderboard.csv")).text
        plain = (await voter.get("/plain/test")).text
        thinned = (await voter.get("/api/arenas/test/leaderboard?votes=1")).json
        for row in board["rows"]:
            use, said = row["usable"], of[row["contestant"]]
            rate = said.count("as_is") / 2
            assert (use["n"], use["sendable_rate"], use["as_is_rate"]) == (2, rate, rate)
            assert use["breach_rate"] == 1 - rate
            assert use["sendable_lower"] <= rate <= use["sendable_upper"]
            assert use["cost_per_sendable_usd"] is None, "the price is unknown, not 0"
            line = next(
                line
                for line in csv.DictReader(io.StringIO(table))
                if line["contestant"] == row["contestant"]
            )
            assert (line["usable_n"], float(line["sendable_rate"])) == ("2", rate)
            assert line["cost_per_sendable_usd"] == ""
        assert [row["usable"] for row in thinned["rows"]] == [None, None]
        assert "Would be sent" in plain

        arena = await asking.app.pool.by_slug("test")
        kpis = await asking.app.desk.kpi_values(arena)
        assert {k.contestant: k.value for k in kpis["sendable_rate"]} == {
            row["contestant"]: row["usable"]["sendable_rate"] for row in board["rows"]
        }


async def test_an_arena_that_does_not_ask_refuses_it(browser: Browser) -> None:
    battle = await votable(browser)
    refused = await vote(browser, battle, usable=SAID)
    taken = await vote(browser, battle, usable=None)
    board = (await browser.get("/api/arenas/test/leaderboard")).json
    header = (await browser.get("/api/arenas/test/leaderboard.csv")).text.splitlines()[0]

    assert (refused.status, refused.json["code"]) == (422, "invalid-input")
    assert "leave it out" in refused.json["detail"]
    assert taken.status == 200
    assert {row["usable"] for row in board["rows"]} == {None}
    assert "sendable_rate" not in header
