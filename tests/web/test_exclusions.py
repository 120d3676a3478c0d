"""The owner's exclusions over HTTP: rules, shadow exclusion, the tests of voters."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from blindarena.domain.exclusions import VoteRules
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_, live_plan, serving

PATH = "/api/owner/arenas/test"


@pytest.fixture
async def strict(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    """Serve an arena that counts two votes of a voter, and one on each prompt."""
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        rules=VoteRules(max_votes_per_voter=2, duplicate_prompts=1),
        sampling="racing",
        margin=30.0,
    )
    async with serving(plan) as running:
        yield running


async def owner_of(server: Server_, browser: Browser) -> None:
    password = await server.app.sessions.first_password()
    browser.csrf = (await browser.post("/api/owner/login", {"password": password})).json[
        "csrf_token"
    ]


async def cast(browser: Browser, content: str = "Hello?") -> dict[str, object]:
    battle = await browser.battle()
    await browser.turn(battle, content)
    reply = await browser.vote(battle)
    assert reply.status == 200, reply.text
    reveal: dict[str, object] = reply.json
    again = (await browser.get(f"/api/battles/{battle}")).json["reveal"]
    assert again == reveal, "what a voter is told does not change"
    return reveal


async def test_rules_are_told_to_the_voter_and_counted_by_reason(strict: Server_) -> None:
    async with strict.browser() as voter, strict.browser() as owner:
        await voter.consent()
        told = [(await cast(voter, text))["excluded"] for text in ("A?", "A?", "B?")]
        assert told == [None, "duplicate-prompt", "vote-cap"]

        board = (await voter.get("/api/arenas/test/leaderboard")).json
        both = (await voter.get("/api/arenas/test/leaderboard?excluded=with")).json
        assert board["excluded"] == {"duplicate-prompt": 1, "vote-cap": 1}
        assert (board["n"], both["n"]) == (1, 3)

        await owner_of(strict, owner)
        view = (await owner.get(f"{PATH}/exclusions")).json
        assert view["rules"] == {
            "max_votes_per_voter": 2,
            "min_seconds": None,
            "duplicate_prompts": 1,
        }
        assert (view["counted"], view["by_reason"]) == (1, board["excluded"])


async def test_racing_is_stored_with_its_probability_and_shown(strict: Server_) -> None:
    async with strict.browser() as voter, strict.browser() as owner:
        await voter.consent()
        battle = await voter.battle()
        stored = await strict.app._database.battles.get(UUID(battle))
        assert stored is not None
        assert (stored.policy, stored.probability) == ("racing", 1.0)

        await owner_of(strict, owner)
        rows = (await owner.get("/api/owner")).json["contestants"]
        assert [row["sampled"] for row in rows] == [0.5, 0.5]
        assert (await voter.get("/api/arenas/test")).json["sampling"] == "racing"


async def test_a_voter_is_excluded_without_seeing_it(server: Server_, browser: Browser) -> None:
    await cast(browser)
    [vote] = await server.app.recent_votes(await server.app.pool.by_slug("test"), limit=5)
    async with server.browser() as owner:
        await owner_of(server, owner)
        body = {"voter": vote.voter[:8], "reason": "clicks at random"}
        assert (await owner.post(f"{PATH}/exclude", body)).json == {"changed": 1}

        reveal = await cast(browser)
        assert (reveal["counted"], reveal["excluded"]) == (True, None)

        view = (await owner.get(f"{PATH}/exclusions")).json
        assert view["by_reason"] == {"clicks at random": 2}
        assert [(v["voter"], v["reason"]) for v in view["voters"]] == [
            (vote.voter[:8], "clicks at random")
        ]
        page = (await owner.get("/api/owner")).json
        assert [v["excluded"] for v in page["votes"]] == ["clicks at random"] * 2
        newest = (await owner.get("/api/owner/audit?limit=1")).json["lines"][0]
        assert (newest["id"], newest["what"]) == (page["audit_id"], "Excluded a voter")

        assert (await owner.post(f"{PATH}/reinstate", {"voter": vote.voter[:8]})).json == {
            "changed": 2
        }
        one = {"votes": [page["votes"][0]["id"]], "reason": "a slip"}
        assert (await owner.post(f"{PATH}/exclude", one)).json == {"changed": 1}
        assert (await owner.get(f"{PATH}/exclusions")).json["by_reason"] == {"a slip": 1}
        assert (await owner.post(f"{PATH}/reinstate", {"votes": one["votes"]})).json == {
            "changed": 1
        }


async def test_the_tests_of_voters_follow_in_the_background(
    server: Server_, browser: Browser
) -> None:
    for _ in range(2):
        await cast(browser)
    async with server.browser() as owner:
        await owner_of(server, owner)
        first = (await owner.get(f"{PATH}/exclusions")).json["tests"]
        await server.app.voter_tests.idle()
        then = (await owner.get(f"{PATH}/exclusions")).json["tests"]

    assert (first["status"], first["flagged"]) == ("computing", [])
    assert then["status"] in ("none", "ready")
    assert then["flagged"] == []


async def test_only_the_owner_may_and_only_with_the_token(
    server: Server_, browser: Browser
) -> None:
    body = {"voter": "0" * 8, "reason": "x"}
    assert (await browser.get(f"{PATH}/exclusions")).status == 403
    assert (await browser.post(f"{PATH}/exclude", body)).status == 403
    async with server.browser() as owner:
        await owner_of(server, owner)
        assert (await owner.post(f"{PATH}/exclude", body, csrf=False)).status == 403
        assert (await owner.post(f"{PATH}/reinstate", {"voter": "0" * 8}, csrf=False)).status == 403
        assert (await owner.post(f"{PATH}/exclude", body)).status == 404
        for wrong in (
            {"reason": "x"},
            {"voter": "0" * 8},
            {"voter": "zz", "reason": "x"},
            {"voter": "0" * 8, "votes": ["01a2"], "reason": "x"},
            {"voter": "0" * 8, "reason": "x", "more": 1},
        ):
            assert (await owner.post(f"{PATH}/exclude", wrong)).status == 422, wrong
        assert (await owner.get("/api/owner/arenas/none/exclusions")).status == 404


async def test_a_vote_that_comes_too_soon_is_kept_but_not_counted(tmp_path: Path) -> None:
    async with FakeUpstream({"red": Behaviour(text="Hello."), "blue": Behaviour(text="Hi.")}) as up:
        plan = live_plan(
            tmp_path,
            models={"Redwood": ["red"], "Bluebell": ["blue"]},
            base_urls={"red": up.url, "blue": up.url},
            rules=VoteRules(min_seconds=600),
        )
        async with serving(plan) as running, running.browser() as voter:
            await voter.consent()
            assert (await cast(voter))["excluded"] == "too-fast"
            [vote] = await running.app.recent_votes(await running.app.pool.by_slug("test"), limit=5)
    assert vote.seconds is not None
    assert 0 <= vote.seconds < 600
