"""Logging in by OpenID Connect: roles, pseudonyms, and everything that may not get in."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from blindarena.bootstrap.login import own_page
from blindarena.errors import ConfigError
from blindarena.settings.base import KeySource
from blindarena.settings.login import Login, Oidc
from blindarena.testing.fake_upstream import FakeUpstream
from login.provider import CLIENT, SECRET, Provider, provider

from .server import Browser, Reply, Server_, live_plan, serving

ROLES = {"owner": ("arena-owners",), "reviewer": ("arena-reviewers",)}


@pytest.fixture
async def company() -> AsyncIterator[Provider]:
    async with provider() as made:
        yield made


def plan_with(root: Path, company: Provider, upstream: FakeUpstream, **more: object):
    plan = live_plan(
        root,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
    )
    oidc = Oidc(
        issuer=company.url,
        client_id=CLIENT,
        client_secret=KeySource(env="OIDC_SECRET"),
        title="Example Ltd",
        roles=ROLES,
        **more,
    )
    return replace(plan, settings=plan.settings.model_copy(update={"login": Login(oidc=oidc)}))


@pytest.fixture
async def server(
    tmp_path: Path, company: Provider, upstream: FakeUpstream
) -> AsyncIterator[Server_]:
    plan = plan_with(tmp_path, company, upstream, allowed_domains=("example.org",))
    company.person = {"sub": "anna", "email": "anna@example.org", "email_verified": True}
    async with serving(plan, environ={"OIDC_SECRET": SECRET}) as running:
        yield running


async def hop(browser: Browser, url: str) -> Reply:
    """Ask without following; the browser's cookies go to its own server only."""
    async with browser.http.get(url, allow_redirects=False) as reply:
        return Reply(reply.status, dict(reply.headers), await reply.text())


async def to_provider(browser: Browser, back: str = "/owner") -> str:
    """Leave our page; return where the provider sends the browser."""
    away = await hop(browser, f"{browser.url}/login/oidc?back={back}")
    assert away.status == 303, away.text
    return (await hop(browser, away.headers["Location"])).headers["Location"]


async def log_in(browser: Browser, back: str = "/owner") -> str:
    """Log in; return where the browser is sent at last."""
    done = await hop(browser, await to_provider(browser, back))
    assert done.status == 303
    session = (await browser.get("/api/session")).json
    browser.csrf = session["csrf_token"] if session else ""
    return done.headers["Location"]


async def test_an_owner_by_group(server: Server_, company: Provider) -> None:
    company.person |= {"groups": ["staff", "arena-owners"]}
    async with server.browser() as browser:
        assert (await browser.get("/api/login")).json == {"oidc": "Example Ltd"}

        assert await log_in(browser, "/owner%23keys") == "/owner#keys"

        session = (await browser.get("/api/session")).json
        assert (session["role"], session["is_owner"]) == ("owner", True)
        asked = company.asked[0]
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["scope"] == "openid email profile"
        audit = (await browser.get("/api/owner/audit")).json["lines"]
        assert (audit[0]["who"], audit[0]["what"]) == ("Owner", "Logged in")
        assert "anna" not in json.dumps(audit)


async def test_a_reviewer_sees_no_texts_and_changes_nothing(
    server: Server_, company: Provider
) -> None:
    company.person |= {"groups": "arena-reviewers"}
    async with server.browser() as browser:
        await log_in(browser)
        seen = (await browser.get("/api/owner")).json
        contestant = seen["contestants"][0]
        assert (seen["role"], seen["deployments"], seen["votes"], seen["audit_id"]) == (
            "reviewer",
            [],
            [],
            None,
        )
        for path in (
            "/api/owner/keys",
            "/api/owner/arenas/test/file",
            "/api/owner/arenas/test/imports",
            "/api/owner/arenas/test/exclusions",
            "/api/arenas/test/votes.parquet",
            "/api/arenas/test/votes.csv",
        ):
            assert (await browser.get(path)).status == 403, path
        assert (await browser.get("/api/owner/arenas/test/report")).status == 200
        assert (await browser.get("/api/owner/arenas/test/report?comments=true")).status == 403
        progress = await browser.get("/api/owner/arenas/test/progress")
        assert "no review queue" in progress.text
        switched = await browser.post(
            f"/api/owner/contestants/{contestant['id']}", {"enabled": False}
        )
        assert switched.status == 403


async def test_a_voter_has_one_pseudonym_in_every_browser(
    server: Server_, company: Provider
) -> None:
    arena = await server.app.pool.by_slug("test")
    voters = []
    for person in ("anna", "anna", "bert"):
        company.person["sub"] = person
        async with server.browser() as browser:
            assert await log_in(browser, "/a/test") == "/a/test"
            assert (await browser.get("/api/owner")).status == 403
            await browser.consent()
            secret = next(c.value for c in browser.http.cookie_jar if c.key.endswith("session"))
            session = await server.app.sessions.find(secret)
            assert session is not None
            assert session.role == "voter"
            assert "anna" not in session.subject
            voters.append(await server.app.sessions.voter(session, arena))
    assert voters[0] == voters[1] != voters[2]


async def test_who_logs_in_again_finds_their_battles(server: Server_, company: Provider) -> None:
    battle = ""
    for person in ("anna", "anna", "bert"):
        company.person["sub"] = person
        async with server.browser() as browser:
            await log_in(browser, "/a/test")
            await browser.consent()
            if not battle:
                battle = await browser.battle()
                await browser.turn(battle)
                for _ in range(10):
                    voted = await browser.battle()
                    await browser.turn(voted)
                    assert (await browser.vote(voted)).status == 200
                continue
            mine = person == "anna"
            page = (await browser.get("/api/arenas/test/me")).json
            assert (page["votes"], page["mirror"] is not None) == (
                (10, True) if mine else (0, False)
            )
            assert (await browser.get(f"/api/battles/{battle}")).status == (200 if mine else 403)
            assert (await browser.vote(battle)).status == (200 if mine else 403)
            withdrawn = await browser.post(f"/api/battles/{battle}/share/withdraw")
            assert withdrawn.status == (200 if mine else 403)


async def test_a_team_behind_one_address_can_log_in_at_once(
    tmp_path: Path, company: Provider, upstream: FakeUpstream
) -> None:
    """The limit on guessing the owner's password is not for those whom a provider vouches for."""
    plan = plan_with(tmp_path, company, upstream)
    limits = plan.settings.limits.model_copy(update={"logins_per_address": 1})
    plan = replace(plan, settings=plan.settings.model_copy(update={"limits": limits}))
    async with serving(plan, environ={"OIDC_SECRET": SECRET}) as running:
        for _ in range(3):
            async with running.browser() as browser:
                assert await log_in(browser, "/a/test") == "/a/test"


async def test_wrong_id_tokens_let_nobody_in(server: Server_, company: Provider) -> None:
    company.person |= {"groups": ["arena-owners"]}
    async with server.browser() as browser:
        for claim in (
            {"nonce": "other"},
            {"aud": "another-program"},
            {"exp": 1},
            {"email": "eve@evil-example.org"},
            {"email_verified": False},
        ):
            company.forge = lambda claims, claim=claim: claims | claim
            assert await log_in(browser) == "/owner?login=refused", claim
            assert (await browser.get("/api/session")).json is None


async def test_a_state_is_good_once_and_in_its_own_browser(
    server: Server_, company: Provider
) -> None:
    async with server.browser() as browser, server.browser() as other:
        back = await to_provider(browser)
        await to_provider(other)
        stolen = await hop(other, back)
        assert stolen.headers["Location"] == "/owner?login=refused"
        assert (await hop(browser, back)).headers["Location"] == "/owner?login=refused"

        back = await to_provider(browser)
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert (await hop(browser, back)).headers["Location"] == "/owner"
        again = await hop(browser, back)
        assert again.headers["Location"] == "/owner?login=refused"
        made_up = await hop(browser, back.replace(state, "made-up"))
        assert made_up.headers["Location"] == "/owner?login=refused"


async def test_another_issuers_answer_a_refusal_and_an_end(
    server: Server_, company: Provider
) -> None:
    async with server.browser() as browser:
        back = await to_provider(browser)
        mixed = back.replace("iss=http://127.0.0.1", "iss=http://127.0.0.2")
        assert mixed != back
        assert (await hop(browser, mixed)).headers["Location"] == "/owner?login=refused"

        company.refuse = "access_denied"
        assert await log_in(browser) == "/owner?login=denied"

        company.refuse = None
        await log_in(browser)
        assert (await browser.get("/api/session")).json is not None
        later = server.app.now().replace(year=server.app.now().year + 1)
        server.app.sessions._now = lambda: later
        assert (await browser.get("/api/session")).json is None


async def test_a_wrong_issuer_and_no_configuration(
    tmp_path: Path, company: Provider, upstream: FakeUpstream
) -> None:
    plan = plan_with(tmp_path, company, upstream)
    with pytest.raises(ConfigError, match="OIDC_SECRET is not set"):
        async with serving(plan):
            pass
    company.issuer = "https://evil.example"
    async with (
        serving(plan, environ={"OIDC_SECRET": SECRET}) as running,
        running.browser() as browser,
    ):
        away = await hop(browser, f"{browser.url}/login/oidc")
        assert away.headers["Location"] == "/owner?login=provider"
    settings = plan.settings.model_copy(update={"login": Login()})
    async with serving(replace(plan, settings=settings)) as running, running.browser() as browser:
        assert (await browser.get("/api/login")).json == {"oidc": None}
        assert (await hop(browser, f"{browser.url}/login/oidc")).status == 404


@pytest.mark.parametrize(
    ("back", "page"),
    [
        ("/a/test?x=1#y", "/a/test?x=1#y"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("javascript:alert(1)", "/"),
        ("/api/owner/logout", "/"),
        ("/login/oidc", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_is_to_our_own_pages(back: str, page: str) -> None:
    assert own_page(back) == page
