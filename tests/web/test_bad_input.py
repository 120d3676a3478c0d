"""Bad input: a 4xx problem with one clear line, and nothing half-written."""

import asyncio
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from blindarena.settings import Limits
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Reply, Server_, live_plan, serving


def problem(reply: Reply, status: int, code: str) -> str:
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    body = reply.json
    assert (body["status"], body["code"]) == (status, code)
    assert "\n" not in body["detail"]
    assert "Traceback" not in reply.text
    return str(body["detail"])


async def ready(browser: Browser) -> str:
    battle = await browser.battle()
    await browser.turn(battle)
    return battle


async def test_unknown_outcome(browser: Browser) -> None:
    battle = await ready(browser)
    detail = problem(await browser.vote(battle, "leftvote"), 422, "invalid-input")

    assert "outcome" in detail
    assert "leftvote" in detail
    assert (await browser.get(f"/api/battles/{battle}")).json["status"] == "votable"


async def test_unknown_reason_and_unknown_field(browser: Browser) -> None:
    battle = await ready(browser)

    assert "pretty" in problem(await browser.vote(battle, reasons=["pretty"]), 422, "invalid-input")
    problem(await browser.vote(battle, wieght=3), 422, "invalid-input")
    problem(await browser.vote(battle, comment="x" * 3000), 422, "invalid-input")


async def test_vote_twice(browser: Browser) -> None:
    battle = await ready(browser)
    assert (await browser.vote(battle)).status == 200

    problem(await browser.vote(battle, "model_b"), 409, "already-voted")
    assert (await browser.get("/api/arenas/test/leaderboard")).json["n"] == 1


async def test_racing_votes_count_once(browser: Browser) -> None:
    battle = await ready(browser)
    replies = await asyncio.gather(*(browser.vote(battle) for _ in range(8)))

    assert sorted(r.status for r in replies) == [200] + [409] * 7
    assert (await browser.get("/api/arenas/test/leaderboard")).json["n"] == 1


async def test_vote_before_any_answer(browser: Browser) -> None:
    problem(await browser.vote(await browser.battle()), 409, "battle-state")


async def test_somebody_elses_battle(browser: Browser, server: Server_) -> None:
    battle = await ready(browser)
    async with server.browser() as stranger:
        await stranger.consent()
        problem(await stranger.vote(battle), 403, "forbidden")
        problem(await stranger.get(f"/api/battles/{battle}"), 403, "forbidden")
        problem(await stranger.turn(battle), 403, "forbidden")
        problem(await stranger.post(f"/api/battles/{battle}/skip"), 403, "forbidden")
    assert (await browser.vote(battle)).status == 200


async def test_unknown_things(browser: Browser) -> None:
    problem(await browser.get(f"/api/battles/{uuid4()}"), 404, "not-found")
    problem(await browser.get("/api/battles/nonsense"), 422, "invalid-input")
    problem(await browser.get("/api/arenas/nowhere"), 404, "not-found")
    problem(await browser.get("/api/nothing"), 404, "not-found")
    problem(await browser.post("/api/arenas/nowhere/battles", {}), 404, "not-found")
    problem(await browser.post("/api/arenas/test/simulate", {"voters": 3}), 404, "not-found")
    problem(await browser.get("/api/arenas/test/truth"), 404, "not-found")
    problem(await browser.get("/api/arenas/test/leaderboard?votes=0"), 422, "invalid-input")


async def test_no_session_no_token_other_site(server: Server_, browser: Browser) -> None:
    async with server.browser() as stranger:
        assert (await stranger.get("/api/session")).json is None
        problem(await stranger.post("/api/arenas/test/battles", {}), 403, "consent-required")
        unknown = await stranger.post("/api/session", {"consent_version": "old"})
        problem(unknown, 403, "consent-required")
    problem(await browser.post("/api/arenas/test/battles", {}, csrf=False), 403, "forbidden")
    async with browser.http.post(
        f"{server.url}/api/arenas/test/battles",
        json={},
        headers={"X-CSRF-Token": browser.csrf, "Sec-Fetch-Site": "cross-site"},
    ) as reply:
        assert reply.status == 403


async def test_a_megabyte_of_prompt(browser: Browser, server: Server_) -> None:
    battle = await browser.battle()
    vote = f"/api/battles/{battle}/vote"
    problem(await browser.post(vote, {"comment": "x" * 1_000_000}), 413, "too-large")
    detail = problem(await browser.turn(battle, "x" * 1_000_000), 422, "invalid-input")
    assert "1,000,000" in detail  # a message may be larger, for its pictures: not its text
    detail = problem(await browser.turn(battle, "x" * 30_000), 422, "invalid-input")
    assert "30,000" in detail
    problem(await browser.turn(battle, " \n"), 422, "invalid-input")

    async def endless():  # type: ignore[no-untyped-def]
        for _ in range(600):
            yield b" " * 1024

    headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"}
    async with browser.http.post(f"{server.url}{vote}", data=endless(), headers=headers) as reply:
        assert reply.status == 413
    state = (await browser.get(f"/api/battles/{battle}")).json
    assert (state["status"], state["turns"]) == ("waiting", [])
    assert (await browser.turn(battle)).events[-1][0] == "turn_done"


async def test_not_json(browser: Browser, server: Server_) -> None:
    headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"}
    async with browser.http.post(
        f"{server.url}/api/arenas/test/battles", data=b"{nonsense", headers=headers
    ) as reply:
        assert reply.status == 422
        assert (await reply.json(content_type=None))["code"] == "invalid-input"


async def test_rate_limits_say_when_to_come_back(upstream: FakeUpstream, tmp_path: Path) -> None:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        limits=Limits(battles_per_session=2, logins_per_address=1),
    )
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        await browser.battle()
        await browser.battle()
        refused = await browser.post("/api/arenas/test/battles", {})
        problem(refused, 429, "rate-limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        await browser.post("/api/owner/login", {"password": "x"})
        problem(await browser.post("/api/owner/login", {"password": "x"}), 429, "rate-limited")


async def test_a_changed_recipient_asks_for_consent_again(
    browser: Browser, server: Server_
) -> None:
    """The consent names every possible recipient; switching one off makes a new version."""
    before = (await browser.get("/api/arenas/test")).json
    assert [r["name"] for r in before["recipients"]]
    password = await server.app.sessions.first_password()
    async with server.browser() as owner:
        owner.csrf = (await owner.post("/api/owner/login", {"password": password})).json[
            "csrf_token"
        ]
        contestants = (await owner.get("/api/owner")).json["contestants"]
        for contestant in contestants:
            await owner.post(f"/api/owner/contestants/{contestant['id']}", {"enabled": False})
    after = (await browser.get("/api/arenas/test")).json
    assert after["recipients"] == []
    assert after["consent_version"] != before["consent_version"]
    problem(await browser.post("/api/arenas/test/battles", {}), 403, "consent-required")


@pytest.mark.parametrize("path", ["/", "/a/test", "/api/arenas", "/plain", "/plain/test"])
async def test_security_headers_on_everything(server: Server_, browser: Browser, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(server.url + path) as reply:
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "http" not in policy


async def test_the_cookie_is_closed_to_scripts(server: Server_) -> None:
    async with server.browser() as browser:
        cookie = (await browser.consent()).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


async def test_no_model_is_asked_for_a_battle_that_is_over(
    browser: Browser, upstream: FakeUpstream
) -> None:
    voted, skipped = await ready(browser), await ready(browser)
    await browser.vote(voted)
    await browser.post(f"/api/battles/{skipped}/skip")
    asked = len(upstream.requests)

    problem(await browser.turn(voted), 409, "battle-state")
    problem(await browser.turn(skipped), 409, "battle-state")
    assert len(upstream.requests) == asked


async def test_a_message_sent_twice_at_once_runs_once(
    browser: Browser, upstream: FakeUpstream
) -> None:
    slow = Behaviour(text="word " * 10, chunk_size=5, delay_s=0.05)
    upstream.behaviours |= {"red": slow, "blue": slow}
    battle = await browser.battle()
    replies = await asyncio.gather(browser.turn(battle), browser.turn(battle))

    assert sorted(r.status for r in replies) == [200, 409]
    assert (await browser.vote(battle)).status == 200
