"""The demo's plan, served: replay, simulated voters, truth, the published board."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from blindarena.bootstrap.demo import SMALL, plan_demo
from blindarena.settings import Limits

from .server import NO_LIMITS, Browser, Server_, serving

REPLAY = "parcel-support"
BOARD = "chatbot-arena-2024-08-14"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server_]:
    environ = {"MISTRAL_API_KEY": "a-key-that-is-never-sent"}
    plan = await plan_demo(data_dir=tmp_path, host="127.0.0.1", port=0, model=None, environ=environ)
    deployments = {name: d for name, d in plan.deployments.items() if name != SMALL}
    plan = replace(
        plan,
        deployments=deployments,
        settings=plan.settings.model_copy(update={"limits": NO_LIMITS}),
    )
    async with serving(plan, environ=environ) as running:
        for name in plan.replays:  # at full speed; the page's pace is not what is tested here
            running.app.router._entries[name].model._ttft_s = 0.0  # type: ignore[attr-defined]
            running.app.router._entries[name].model._tokens_per_s = 1e6  # type: ignore[attr-defined]
        yield running


async def vote_through(browser: Browser, outcome: str) -> dict[str, object]:
    started = (await browser.post(f"/api/arenas/{REPLAY}/battles", {})).json
    turn = await browser.turn(started["battle_id"], "this text is ignored")
    assert turn.events[-1][0] == "turn_done", turn.text[-400:]
    reveal = await browser.vote(started["battle_id"], outcome)
    assert reveal.status == 200
    return started | {"reveal": reveal.json}


async def test_all_tickets_then_the_mirror_then_done(server: Server_) -> None:
    async with server.browser() as browser:
        await browser.consent(REPLAY)
        me = (await browser.get(f"/api/arenas/{REPLAY}/me")).json
        assert (me["mirror"], me["mirror_needs"]) == (None, 10)
        seen = [await vote_through(browser, "model_a") for _ in range(24)]

        assert len({s["ticket"]["key"] for s in seen}) == 24
        assert all(s["prompt"] == s["ticket"]["text"] for s in seen)
        assert all(s["reveal"]["counted"] for s in seen)
        over = await browser.post(f"/api/arenas/{REPLAY}/battles", {})
        assert (over.status, over.json["code"]) == (409, "prompts-exhausted")

        mirror = (await browser.get(f"/api/arenas/{REPLAY}/me")).json["mirror"]
        assert (mirror["left"]["count"], mirror["left"]["of"]) == (24, 24)
        breached = [s["reveal"][side]["breach"] for s in seen for side in "ab"]
        planted = [b for b in breached if b]
        assert mirror["breaches_noticed"]["of"] == len(planted)
        missed = sum(s["reveal"]["a"]["breach"] is not None for s in seen)
        assert len(mirror["missed"]) == missed


async def test_simulated_voters_stay_off_the_peoples_board(server: Server_) -> None:
    async with server.browser() as browser:
        await browser.consent(REPLAY)
        early = await browser.get(f"/api/arenas/{REPLAY}/truth")
        assert early.status == 409
        await vote_through(browser, "model_b")
        added = (await browser.post(f"/api/arenas/{REPLAY}/simulate", {"voters": 300})).json
        assert added == {"voters": 300, "votes": 3600}

        own = (await browser.get(f"/api/arenas/{REPLAY}/leaderboard")).json
        simulated = (
            await browser.get(f"/api/arenas/{REPLAY}/leaderboard?population=simulated")
        ).json
        assert (own["n"], simulated["n"]) == (1, 3600)
        assert {row["preliminary"] for row in simulated["rows"]} == {False}
        truth = (await browser.get(f"/api/arenas/{REPLAY}/truth")).json
        for row in truth["rows"]:
            assert abs(row["planted"] - row["rating"]) < 35, row
        assert [r["planted"] for r in truth["rows"]] == sorted(
            (r["planted"] for r in truth["rows"]), reverse=True
        )
        again = (await browser.post(f"/api/arenas/{REPLAY}/simulate", {"voters": 100})).json
        assert again == {"voters": 400, "votes": 4800}


async def test_the_published_board_is_read_only_and_thins(server: Server_) -> None:
    async with server.browser() as browser:
        await browser.consent(BOARD)
        refused = await browser.post(f"/api/arenas/{BOARD}/battles", {"mode": "battle"})
        assert (refused.status, refused.json["code"]) == (409, "arena-read-only")
        board = (await browser.get(f"/api/arenas/{BOARD}/leaderboard")).json
        assert board["n"] == 1_670_250
        anchor = next(r for r in board["rows"] if r["contestant"] == "mixtral-8x7b-instruct-v0.1")
        assert anchor["rating"] == pytest.approx(1114)
        assert anchor["upper"] - anchor["lower"] > 1
        assert anchor["avg_cost_usd"] is None

        thin = (await browser.get(f"/api/arenas/{BOARD}/leaderboard?votes=100&seed=3")).json
        assert (thin["n"], thin["thinned_from"]) == (100, 1_670_250)
        assert all(row["rank"] is None for row in thin["rows"])
        again = (await browser.get(f"/api/arenas/{BOARD}/leaderboard?votes=100&seed=3")).json
        assert again["data_hash"] == thin["data_hash"]


async def test_a_provider_key_is_listed_and_off_until_clicked(server: Server_) -> None:
    password = await server.app.sessions.first_password()
    async with server.browser() as owner:
        owner.csrf = (await owner.post("/api/owner/login", {"password": password})).json[
            "csrf_token"
        ]
        page = await owner.get("/api/owner")
        assert "a-key-that-is-never-sent" not in page.text
        found = next(c for c in page.json["contestants"] if "mistral" in c["name"].lower())
        assert (found["enabled"], found["health"]) == (False, "disabled")
        assert "USD per M tokens" in found["price"]
        before = (await owner.get("/api/arenas/live-small-model")).json
        assert "Mistral" not in str(before["recipients"])

        await owner.post(f"/api/owner/contestants/{found['id']}", {"enabled": True})
        after = (await owner.get("/api/arenas/live-small-model")).json
        assert "Mistral" in str(after["recipients"])
        assert after["consent_version"] != before["consent_version"]


async def test_the_demo_keeps_its_limits(tmp_path: Path) -> None:
    plan = await plan_demo(data_dir=tmp_path, host="127.0.0.1", port=0, model=None, environ={})

    assert plan.settings.limits == Limits()
