"""The board of a review queue is held back while a rater could learn from its moves."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from blindarena.domain.queue import QueueRules

from .server import Browser, serving
from .test_queue import PAIRS, cast, next_pair, owning, rating, replay_plan

RULES = QueueRules(open_to_all=True, overlap=0.0)
BOARDS = (
    "leaderboard",
    "leaderboard.csv",
    "pairs",
    "decision",
    "pareto?x=ttft",
    "categories/fit",
    "history",
    "snapshots",
    "snapshots/00000000-0000-7000-8000-000000000000",
)


async def statuses(browser: Browser) -> set[tuple[int, str | None]]:
    replies = [await browser.get(f"/api/arenas/test/{board}") for board in BOARDS]
    return {(r.status, r.json["code"] if r.status == 403 else None) for r in replies}


async def rate_all(browser: Browser) -> None:
    item = await next_pair(browser)
    while item is not None and not item["finished"]:
        item = (await cast(browser, item["battle_id"])).json["next"]


@pytest.mark.parametrize(
    "arena",
    [
        {"modes": ("queue",), "queue": RULES},
        {"modes": ("battle", "queue"), "queue": replace(RULES, board="after")},
    ],
)
async def test_no_board_moves_before_the_queue_has_ended(
    tmp_path: Path, arena: dict[str, object]
) -> None:
    plan = replay_plan(tmp_path, **arena)
    async with serving(plan) as server, rating(server) as rater, owning(server) as owner:
        await cast(rater, (await next_pair(rater))["battle_id"])

        assert await statuses(rater) == {(403, "board-held")}
        async with server.browser() as stranger:
            assert await statuses(stranger) == {(403, "board-held")}
            assert f"1 of {PAIRS} ratings" in (await stranger.get("/plain/test")).text
            assert "Redwood" not in (await stranger.get("/plain/test")).text
        assert (403, "board-held") not in await statuses(owner)
        assert (await owner.get("/api/arenas/test/leaderboard")).json["n"] == 1

        await rate_all(rater)
        assert (403, "board-held") not in await statuses(rater)
        assert (await rater.get("/api/arenas/test/leaderboard")).json["n"] == PAIRS
        assert "Redwood" in (await rater.get("/plain/test")).text


async def test_the_deadline_ends_it_too(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path, modes=("queue",), queue=RULES, deadline=date(2026, 12, 31))
    async with serving(plan) as server, rating(server) as rater:
        boards = server.app.queue.boards
        boards._now = lambda: datetime(2026, 12, 31, 23, tzinfo=UTC)
        assert await statuses(rater) == {(403, "board-held")}
        boards._now = lambda: datetime(2027, 1, 1, tzinfo=UTC)
        assert (403, "board-held") not in await statuses(rater)


@pytest.mark.parametrize(
    "arena",
    [
        {"modes": ("queue",), "queue": replace(RULES, board="live")},
        {"modes": ("battle", "queue"), "queue": RULES},
    ],
)
async def test_an_arena_with_battles_or_a_live_board_shows_it(
    tmp_path: Path, arena: dict[str, object]
) -> None:
    async with serving(replay_plan(tmp_path, **arena)) as server, rating(server) as rater:
        await cast(rater, (await next_pair(rater))["battle_id"])
        assert (await rater.get("/api/arenas/test/leaderboard")).json["n"] == 1
