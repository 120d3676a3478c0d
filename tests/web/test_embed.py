"""An arena in another website's frame: who may frame it, and with which cookie."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Reply, Server_, live_plan, serving

SITE = "https://www.example.org"
FRAMED = {"X-BlindArena-Embedded": "1"}


@pytest.fixture
async def shown(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        embed_origins=(SITE, "https://intranet.example.org:8443"),
    )
    async with serving(plan) as running:
        yield running


def _headers(reply: Reply) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers.items()}


def _ancestors(reply: Reply) -> str:
    return _headers(reply)["content-security-policy"].rpartition("frame-ancestors ")[2]


async def test_only_the_websites_of_the_file_may_frame_it(shown: Server_) -> None:
    async with shown.browser() as browser:
        for path in ("/embed/test", "/embed/test/b/1", "/embed/test/leaderboard"):
            assert (
                _ancestors(await browser.get(path)) == f"{SITE} https://intranet.example.org:8443"
            )
        for path in ("/", "/a/test", "/owner", "/api/arenas", "/s/token"):
            assert _ancestors(await browser.get(path)) == "'none'"


async def test_an_arena_without_websites_has_no_frame(browser: Browser) -> None:
    reply = await browser.get("/embed/test")

    assert reply.status == 404
    assert _ancestors(reply) == "'none'"


async def test_the_script_may_be_loaded_by_other_sites(browser: Browser) -> None:
    reply = await browser.get("/embed.js")

    headers = _headers(reply)
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert "data-arena" in reply.text


async def test_a_framed_page_has_a_partitioned_cookie_of_its_own(shown: Server_) -> None:
    async with shown.browser() as browser:
        version = (await browser.get("/api/arenas/test")).json["consent_version"]
        body = {"consent_version": version}
        plain = await browser._ask("POST", "/api/session", body, {})
        framed = await browser._ask("POST", "/api/session", body, FRAMED)

    ours, theirs = (_headers(one)["set-cookie"] for one in (plain, framed))
    assert ours.startswith("blindarena_session=")
    assert "SameSite=lax" in ours
    name, _, attributes = theirs.partition("; ")
    assert name.startswith("blindarena_embedded=")
    assert {"HttpOnly", "Secure", "SameSite=None", "Partitioned"} <= set(attributes.split("; "))
    assert plain.json["session_id"] != framed.json["session_id"]


async def test_the_cookie_of_a_frame_is_no_cookie_of_a_page(shown: Server_) -> None:
    async with shown.browser() as browser:
        version = (await browser.get("/api/arenas/test")).json["consent_version"]
        framed = await browser._ask("POST", "/api/session", {"consent_version": version}, FRAMED)
        cookie = {"Cookie": _headers(framed)["set-cookie"].partition(";")[0]}

        assert (await browser._ask("GET", "/api/session", None, cookie)).json is None
        known = await browser._ask("GET", "/api/session", None, cookie | FRAMED)
        assert known.json["session_id"] == framed.json["session_id"]

        headers = cookie | FRAMED | {"X-CSRF-Token": framed.json["csrf_token"]}
        started = await browser._ask("POST", "/api/arenas/test/battles", {}, headers)
        battle = started.json["battle_id"]
        await browser._ask("POST", f"/api/battles/{battle}/turns", {"content": "Hi"}, headers)
        vote = await browser._ask(
            "POST", f"/api/battles/{battle}/vote", {"outcome": "tie"}, headers
        )
        assert vote.json["counted"] is True


async def test_the_framing_site_itself_may_change_nothing(shown: Server_) -> None:
    async with shown.browser() as browser:
        version = (await browser.get("/api/arenas/test")).json["consent_version"]
        reply = await browser._ask(
            "POST",
            "/api/session",
            {"consent_version": version},
            FRAMED | {"Sec-Fetch-Site": "cross-site", "Origin": SITE},
        )

    assert reply.status == 403
    assert "access-control-allow-origin" not in _headers(reply)
