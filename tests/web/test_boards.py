"""The routes of the boards: every method, decisions, fronts, kept boards, history."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from blindarena.domain.boards import PairCount
from blindarena.leaderboard.public import verify_snapshot

from .server import Browser, Server_, live_plan, serving

ARENA = "/api/arenas/test"
NAMES = ("Redwood", "Bluebell", "Greenwich")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server_]:
    """Serve an arena of three contestants with simulated counts and no answers."""
    plan = live_plan(
        tmp_path,
        models={name: [name.lower()] for name in NAMES},
        base_urls={name.lower(): "http://127.0.0.1:9" for name in NAMES},
        min_votes=10,
        margin=40.0,
    )
    async with serving(plan) as running:
        arena = await running.app.pool.by_slug("test")
        ids = sorted(one.id for one in await running.app.pool.contestants(arena))
        counts = [
            PairCount(ids[0], ids[1], 60, 30, 10, 5),
            PairCount(ids[1], ids[2], 50, 40, 10, 2),
            PairCount(ids[0], ids[2], 70, 20, 5, 9),
        ]
        await running.app._database.counts.add(arena.id, counts, population="people")
        yield running


@pytest.fixture
async def browser(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as one:
        await one.consent()
        yield one


async def ready(browser: Browser, path: str) -> Any:
    """Ask until the board, or its rank sets, are there."""
    for _ in range(200):
        found = (await browser.get(path)).json
        if "computing" not in (found["status"], found.get("rank_sets")):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_every_live_method_with_its_rank_sets(browser: Browser) -> None:
    methods = ("bt", "davidson", "rao-kupper", "four-outcome")
    for method, interval in product(methods, ("sandwich", "anytime")):
        board = await ready(browser, f"{ARENA}/leaderboard?method={method}&interval={interval}")

        assert (board["method_key"], board["status"], board["dated"]) == (method, "live", False)
        assert (board["rank_sets"], board["rank_seed"], board["margin"]) == ("ready", 0, 40.0)
        assert board["rows"][0]["rank_low"] == 1
        assert board["n"] == 311


async def test_dated_boards_of_an_arena_without_vote_rows_say_so(browser: Browser) -> None:
    for query in ("method=elo", "method=contextual", "style=true", "cluster=voter"):
        board = await ready(browser, f"{ARENA}/leaderboard?{query}")
        assert (board["status"], board["dated"], board["rows"]) == ("none", True, [])
        assert board["warnings"] == ["There are no votes yet."]
    odd = await ready(browser, f"{ARENA}/leaderboard?method=elo&cluster=voter")
    assert "no cluster interval" in odd["warnings"][0]
    simulated = await ready(browser, f"{ARENA}/leaderboard?style=true&population=simulated")
    assert "one by one" in simulated["warnings"][0]
    assert (await browser.get(f"{ARENA}/leaderboard?method=trueskill")).status == 422


async def test_decision_fronts_and_categories(browser: Browser) -> None:
    decision = (await browser.get(f"{ARENA}/decision")).json
    assert (decision["margin"], decision["margin_declared"]) == (40.0, True)
    assert (decision["n"], decision["alpha"], decision["seed"]) == (311, 0.05, None)
    assert [one["verdict"] for one in decision["pairs"]].count("better") >= 1
    assert decision["spend_usd"] is None

    thin = (await browser.get(f"{ARENA}/decision?votes=5&seed=3")).json
    assert (thin["n"], thin["seed"], thin["may_stop"]) == (5, 3, False)

    front = (await browser.get(f"{ARENA}/pareto?x=ttft")).json
    assert (front["points"], len(front["unknown"])) == ([], 3)
    assert front["unit"] == "seconds to the first token"

    fit = await ready(browser, f"{ARENA}/categories/fit")
    assert (fit["status"], fit["one_ranking_suffices"]) == ("none", None)


async def test_the_owner_keeps_a_board_that_anybody_can_verify(
    server: Server_, browser: Browser, tmp_path: Path
) -> None:
    refused = await browser.post(f"{ARENA}/snapshots", {})
    assert refused.status == 403
    password = await server.app.sessions.first_password()
    async with server.browser() as owner:
        login = await owner.post("/api/owner/login", {"password": password})
        owner.csrf = login.json["csrf_token"]
        nothing = await owner.post(f"{ARENA}/snapshots", {})
        assert (nothing.status, nothing.json["detail"]) == (
            422,
            "no board to keep: there are no votes yet",
        )
        await cast_votes(server)
        kept = await owner.post(f"{ARENA}/snapshots", {"method": "davidson", "cluster": "voter"})
        assert kept.status == 201, kept.text
        plain = (await owner.post(f"{ARENA}/snapshots", {})).json
        votes = (await server.app.pool.by_slug("test"), tmp_path / "votes.parquet")
        await server.app.export_votes(*votes)

    listed = (await browser.get(f"{ARENA}/snapshots")).json["snapshots"]
    assert [one["id"] for one in listed] == [plain["id"], kept.json["id"]]
    assert (listed[1]["method"], listed[1]["cluster"], listed[1]["n"]) == ("davidson", "voter", 30)
    assert not listed[0]["automatic"]
    document = await browser.get(f"{ARENA}/snapshots/{kept.json['id']}")
    (tmp_path / "board.json").write_text(document.text)
    assert pq.read_table(votes[1]).num_rows == 30
    assert verify_snapshot(tmp_path / "board.json", votes[1]).holds
    missing = await browser.get(f"{ARENA}/snapshots/{'0' * 8}-0000-7000-8000-{'0' * 12}")
    assert missing.status == 404

    history = (await browser.get(f"{ARENA}/history?contestant=Redwood")).json["series"]
    assert [one["contestant"] for one in history] == ["Redwood"]
    assert [point["n"] for point in history[0]["points"]] == [30]


async def cast_votes(server: Server_) -> None:
    """Record thirty votes with answers, as the arena would."""
    from storage.builders import World

    database = server.app._database
    arena = await server.app.pool.by_slug("test")
    contestants = sorted(await server.app.pool.contestants(arena), key=lambda one: one.id)
    w = World(database, arena, contestants, [])
    outcomes = ("model_a", "model_a", "model_b", "tie", "both_bad")
    for i in range(30):
        battle = await w.votable(i % 3, (i + 1) % 3, voter=f"v{i % 7}")
        await w.record(battle, outcomes[(i * 7 + i // 3) % 5])
