"""Upstream faults: never a stuck battle, a lost half, a vote on an error or a traceback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import UnknownPrice
from blindarena.gateway.providers.openai_compatible import OpenAICompatible
from blindarena.testing.fake_upstream import FakeUpstream, refused_url
from blindarena.testing.upstream_behaviour import Behaviour

from .server import live_plan, serving

FINE = Behaviour(text="A fine answer.")


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream({"good": FINE, "bad": FINE, "spare": FINE}) as fake:
        yield fake


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refused", "could not be reached"),
        ("reset_before", "broke off"),
        ("reset", "broke off"),
        ("truncated", "broke off"),
        ("hang_before", "took too long"),
        ("hang", "took too long"),
        ("malformed_sse", "could not be read"),
        ("invalid_json", "could not be read"),
        ("html", "could not be read"),
        ("unauthorized", "refused our request"),
        ("rate_limited", "too busy"),
        ("server_error", "reported an error"),
        ("empty", "empty answer"),
    ],
)
async def test_a_fault_fails_the_battle_plainly(
    upstream: FakeUpstream, tmp_path: Path, fault: str, words: str
) -> None:
    url = upstream.url
    if fault == "refused":
        url = refused_url()
    else:
        upstream.behaviours["bad"] = Behaviour(text="never " * 9, fault=fault)  # type: ignore[arg-type]
    plan = live_plan(
        tmp_path,
        models={"Good": ["good"], "Bad": ["bad"]},
        base_urls={"good": upstream.url, "bad": url},
    )
    async with serving(plan) as server, server.browser() as browser:
        quick = Timeouts(connect_s=0.5, first_token_s=0.5, idle_s=0.5, total_s=5)
        server.app.router.put(
            "bad",
            OpenAICompatible(
                name="bad",
                http=server.app._fleet._http,
                base_url=url,
                model="bad",
                price=UnknownPrice(),
                timeouts=quick,
            ),
        )
        await browser.consent()
        battle = await browser.battle()
        async with asyncio.timeout(10):
            turn = await browser.turn(battle)

        errors = [data for name, data in turn.events if name == "error"]
        assert len(errors) == 2
        failed, whole = errors
        assert words in failed["detail"]
        assert failed["title"] == f"{failed['side'].upper()} could not answer."
        assert "side" not in whole
        other = "a" if failed["side"] == "b" else "b"
        assert turn.answer(other) == "A fine answer."
        assert "Traceback" not in turn.text
        assert turn.events[-1][0] == "error"
        assert (await browser.get(f"/api/battles/{battle}")).json["status"] == "failed"

        refused = await browser.vote(battle)
        assert (refused.status, refused.json["code"]) == (409, "battle-state")
        rows = (await browser.get("/api/arenas/test/leaderboard")).json["rows"]
        assert {r["contestant"]: (r["losses"], r["error_rate"]) for r in rows} == {
            "Good": (0, 0.0),
            "Bad": (0, 1.0),
        }
        if fault == "rate_limited":  # its host has asked to be left alone for a while
            later = await browser.post("/api/arenas/test/battles", {"mode": "battle"})
            assert (later.status, later.json["code"]) == (503, "not-ready")
            return
        again = await browser.battle()
        assert again != battle


@pytest.mark.parametrize("fault", ["reset_before", "server_error", "rate_limited", "unauthorized"])
async def test_before_the_first_token_another_deployment_is_asked(
    upstream: FakeUpstream, tmp_path: Path, fault: str
) -> None:
    upstream.behaviours["bad"] = Behaviour(fault=fault)  # type: ignore[arg-type]
    plan = live_plan(
        tmp_path,
        models={"Good": ["good"], "Twice": ["bad", "spare"]},
        base_urls=dict.fromkeys(("good", "bad", "spare"), upstream.url),
    )
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        turn = await browser.turn(await browser.battle())

        assert turn.events[-1] == ("turn_done", {"turn": 1})
        assert "spare" in {r.body["model"] for r in upstream.requests}


async def test_a_slow_first_token_is_waited_for(upstream: FakeUpstream, tmp_path: Path) -> None:
    upstream.behaviours["bad"] = Behaviour(text="late but fine", first_delay_s=0.7)
    plan = live_plan(
        tmp_path,
        models={"Good": ["good"], "Slow": ["bad"]},
        base_urls=dict.fromkeys(("good", "bad"), upstream.url),
        start_together_s=0.2,
    )
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        battle = await browser.battle()
        turn = await browser.turn(battle)

        assert turn.events[-1] == ("turn_done", {"turn": 1})
        names = [data.get("side") for name, data in turn.events if name == "side_done"]
        assert len(names) == 2
        assert (await browser.vote(battle)).status == 200
