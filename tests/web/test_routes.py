"""Who may call what: every route of the API's own description, asked by everybody."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from yarl import URL

from blindarena.domain.battles import Role

from .server import Browser, Reply, Server_, serving
from .test_queue import replay_plan

Route = tuple[str, str]
NOBODY = UUID("018f0000-0000-7000-8000-000000000000")
WITHOUT_SESSION: frozenset[Route] = frozenset(
    {("POST", "/api/session"), ("POST", "/api/owner/login")}
    | {
        ("GET", path)
        for path in (
            "/api/arenas",
            "/api/arenas/{slug}",
            "/api/arenas/{slug}/categories/fit",
            "/api/arenas/{slug}/contestants",
            "/api/arenas/{slug}/decision",
            "/api/arenas/{slug}/history",
            "/api/arenas/{slug}/leaderboard",
            "/api/arenas/{slug}/leaderboard.csv",
            "/api/arenas/{slug}/pairs",
            "/api/arenas/{slug}/pareto",
            "/api/arenas/{slug}/snapshots",
            "/api/arenas/{slug}/snapshots/{snapshot_id}",
            "/api/arenas/{slug}/truth",
            "/api/arenas/{slug}/versions",
            "/api/challenge",
            "/api/health",
            "/api/login",
            "/api/queue/invites/{token}",
            "/api/session",
            "/api/shares/{token}",
            "/api/shares/{token}/images/{image_id}",
        )
    }
)
"""Routes that ask for no session: they tell what everybody may see, or open a session."""
OF_ANY_SESSION: frozenset[Route] = frozenset({("POST", "/api/owner/logout")})
"""Routes below /owner that are not for owners alone."""
OF_REVIEWERS: frozenset[Route] = frozenset(
    ("GET", path)
    for path in (
        "/api/owner",
        "/api/owner/gateway",
        "/api/owner/arenas/{slug}/report",
        "/api/owner/arenas/{slug}/progress",
        "/owner/report/{slug}.html",
    )
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server_]:
    async with serving(replay_plan(tmp_path)) as running:
        yield running


async def routes(browser: Browser) -> dict[Route, list[str]]:
    """Return every route with its tags."""
    described = (await browser.get("/api/openapi.json")).json
    return {
        (method.upper(), path): operation.get("tags", [])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def of_owner(route: Route, tags: list[str]) -> bool:
    below = re.search(r"/owner\b", route[1]) is not None
    return ("owner" in tags or below) and route not in WITHOUT_SESSION | OF_ANY_SESSION


async def ask(
    browser: Browser, route: Route, *, csrf: str | None, battle: object = NOBODY
) -> Reply:
    method, path = route
    path = path.replace("{slug}", "test").replace("{battle_id}", str(battle))
    path = re.sub(r"\{\w+_id\}", str(NOBODY), path)
    path = re.sub(r"\{\w+\}", "upstream-1", path)
    headers = {} if csrf is None else {"X-CSRF-Token": csrf}
    return await browser._ask(method, path, None if method == "GET" else {}, headers)


async def become(server: Server_, browser: Browser, role: Role) -> None:
    """Log in as an identity provider would have it."""
    until = server.app.now() + timedelta(hours=1)
    session, secret = await server.app.sessions.log_in_as(f"who is {role}", role, until=until)
    browser.http.cookie_jar.update_cookies({"blindarena_session": secret}, URL(browser.url))
    browser.csrf = session.csrf_token


async def test_without_a_session_nothing_but_the_public_routes_answers(server: Server_) -> None:
    async with server.browser() as stranger:
        known = await routes(stranger)
        assert known.keys() >= WITHOUT_SESSION | OF_ANY_SESSION | OF_REVIEWERS
        for route in known.keys() - WITHOUT_SESSION:
            reply = await ask(stranger, route, csrf="made up")
            assert (reply.status, reply.json["code"]) == (403, "consent-required"), route
        for route in WITHOUT_SESSION:
            reply = await ask(stranger, route, csrf=None)
            assert reply.status == 422 if route[0] == "POST" else reply.status < 500, route


async def test_no_change_without_the_csrf_token(server: Server_) -> None:
    async with server.browser() as owner:
        await become(server, owner, "owner")
        known = await routes(owner)
        changes = [one for one in known.keys() - WITHOUT_SESSION if one[0] != "GET"]
        assert len(changes) > 20
        for route in changes:
            for wrong in (None, "made up"):
                reply = await ask(owner, route, csrf=wrong)
                assert (reply.status, reply.json["code"]) == (403, "forbidden"), route
                assert "X-CSRF-Token" in reply.json["detail"], route


async def test_routes_of_the_owner_refuse_everybody_else(server: Server_) -> None:
    async with server.browser() as voter, server.browser() as reviewer:
        await voter.consent()
        await become(server, reviewer, "reviewer")
        await reviewer.consent()
        known = await routes(voter)
        owners = [route for route, tags in known.items() if of_owner(route, tags)]
        assert len(owners) > 25
        for route in owners:
            reply = await ask(voter, route, csrf=voter.csrf)
            assert (reply.status, reply.json["code"]) == (403, "forbidden"), route
            reply = await ask(reviewer, route, csrf=reviewer.csrf)
            if route in OF_REVIEWERS:
                assert reply.status == 200, (route, reply.text)
            else:
                assert (reply.status, reply.json["code"]) == (403, "forbidden"), route


async def test_a_battle_and_a_pair_are_their_voters_alone(server: Server_) -> None:
    async with server.browser() as voter, server.browser() as other:
        for one in (voter, other):
            await one.consent()
            await one.post("/api/arenas/test/queue/join", {"invite": None})
        battle = await voter.battle()
        await voter.turn(battle, "")
        pair = (await voter.post("/api/arenas/test/queue/next", {})).json["battle_id"]
        body = {"outcome": "tie", "reasons": [], "comment": ""}
        for method, path in await routes(voter):
            if "{battle_id}" not in path:
                continue
            mine = pair if "/queue/" in path else battle
            at = path.replace("{slug}", "test").replace("{battle_id}", str(mine))
            at = at.replace("{image_id}", str(NOBODY))
            given = body if path.endswith("/vote") else {}
            reply = await (other.get(at) if method == "GET" else other.post(at, given))
            assert (reply.status, reply.json["code"]) == (403, "forbidden"), path
            assert (await ask(other, (method, path), csrf=other.csrf)).status in (404, 422), path
        assert (await voter.vote(battle)).status == 200
