"""Links to revealed battles over real HTTP."""

from dataclasses import replace
from urllib.parse import urlsplit

from .server import Browser, Reply, Server_


async def _voted(browser: Browser) -> str:
    battle = await browser.battle()
    await browser.turn(battle, "What is red?")
    await browser.vote(battle, "model_a", reasons=["good"], comment="my own words")
    return battle


async def _link(browser: Browser, battle: str) -> str:
    reply = await browser.post(f"/api/battles/{battle}/share")
    assert reply.status == 201, reply.text
    assert reply.json["url"].startswith(f"{browser.url}/s/")
    return urlsplit(reply.json["url"]).path.removeprefix("/s/")


def _headers(reply: Reply) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers.items()}


async def test_anybody_with_the_link_reads_the_battle_and_nothing_of_its_voter(
    browser: Browser, server: Server_
) -> None:
    battle = await _voted(browser)
    state = (await browser.get(f"/api/battles/{battle}")).json
    token = await _link(browser, battle)

    async with server.browser() as stranger:
        reply = await stranger.get(f"/api/shares/{token}")

    turn = state["turns"][0]
    assert reply.json == {
        "arena": "test",
        "mode": "battle",
        "arena_title": "Test arena",
        "title": "",
        "turns": [
            {"number": 1, "content": "What is red?", "a": turn["a"], "b": turn["b"], "images": []}
        ],
        "contestants": {side: state["reveal"][side]["contestant"] for side in ("a", "b")},
        "outcome": "model_a",
    }
    assert _headers(reply)["x-robots-tag"].startswith("noindex")
    assert _headers(reply)["referrer-policy"] == "no-referrer"
    assert battle not in reply.text


async def test_no_token_is_stored(browser: Browser, server: Server_) -> None:
    token = await _link(browser, await _voted(browser))

    assert await server.app._database.shares.by_hash(token) is None
    kept = server.app.settings.root / "test.db"
    stored = [path.read_bytes() for path in kept.parent.glob("test.db*")]
    assert not any(token.encode() in content for content in stored)


async def test_only_the_voter_shares_and_only_after_the_vote(
    browser: Browser, server: Server_
) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    assert (await browser.post(f"/api/battles/{battle}/share")).status == 409

    await browser.vote(battle, "tie")
    async with server.browser() as other:
        await other.consent()
        assert (await other.post(f"/api/battles/{battle}/share")).status == 403
        assert (await other.post(f"/api/battles/{battle}/share/withdraw")).status == 403
    assert (await browser.post(f"/api/battles/{battle}/share", csrf=False)).status == 403


async def test_a_withdrawn_link_leads_nowhere(browser: Browser) -> None:
    battle = await _voted(browser)
    first, second = await _link(browser, battle), await _link(browser, battle)
    assert first != second

    reply = await browser.post(f"/api/battles/{battle}/share/withdraw")

    assert reply.json == {"withdrawn": 2}
    for token in (first, second, "never-made"):
        assert (await browser.get(f"/api/shares/{token}")).status == 404


async def test_switching_links_off_closes_the_old_ones_at_once(
    browser: Browser, server: Server_
) -> None:
    battle = await _voted(browser)
    token = await _link(browser, battle)
    arena = await server.app.pool.by_slug("test")
    contestants = await server.app.pool.contestants(arena)

    await server.app._database.arenas.put(replace(arena, share_links=False), contestants, [])
    server.app.pool.forget()

    assert (await browser.get(f"/api/shares/{token}")).status == 404
    assert (await browser.post(f"/api/battles/{battle}/share")).status == 403


async def test_the_page_of_a_link_is_kept_out_of_search_engines(browser: Browser) -> None:
    headers = _headers(await browser.get("/s/anything"))

    assert headers["x-robots-tag"].startswith("noindex")
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
