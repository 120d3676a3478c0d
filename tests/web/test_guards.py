"""Proof of work, repeated messages, moderation, the audit log, refusals: over real HTTP."""

import base64
import csv
import hashlib
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from blindarena.settings import KeySource, Moderation
from blindarena.settings.guards import ModerationEndpoint
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import NO_LIMITS, Browser, Reply, Server_, live_plan, serving
from .test_exclusions import cast, owner_of

BATTLES = "/api/arenas/test/battles"


@asynccontextmanager
async def started(
    tmp_path: Path, upstream: FakeUpstream, moderation: Moderation | None = None, **given: Any
) -> AsyncIterator[tuple[Server_, Browser]]:
    limits = NO_LIMITS.model_copy(update={"challenge_difficulty": 1_000} | given.pop("limits", {}))
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        limits=limits,
        **given,
    )
    if moderation is not None:
        settings = plan.settings.model_copy(update={"moderation": moderation})
        plan = replace(plan, settings=settings)
    async with (
        serving(plan, environ={"MODERATION_KEY": "sk-moderation-1"}) as server,
        server.browser() as browser,
    ):
        yield server, browser


def solved(challenge: dict[str, Any]) -> str:
    for number in range(challenge["maxnumber"] + 1):
        digest = hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest()
        if digest == challenge["challenge"]:
            return base64.b64encode(json.dumps(challenge | {"number": number}).encode()).decode()
    raise AssertionError("no number up to maxnumber is the one")


async def post(browser: Browser, path: str, body: Any, solution: str) -> Reply:
    headers = {"X-CSRF-Token": browser.csrf, "X-Challenge": solution}
    return await browser._ask("POST", path, body, headers)


async def test_each_battle_needs_a_solution_of_its_own(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    async with started(tmp_path, upstream, limits={"challenge": "battles"}) as (server, browser):
        await browser.consent()
        asked = await browser.post(BATTLES, {"mode": "battle"})
        assert (asked.status, asked.json["code"]) == (428, "challenge-required")
        assert "X-Challenge" in asked.json["detail"]
        assert asked.headers["Content-Type"] == "application/problem+json"
        assert asked.json["challenge"]["maxnumber"] == 1_000

        solution = solved(asked.json["challenge"])
        assert (await post(browser, BATTLES, {"mode": "battle"}, solution)).status == 201
        again = await post(browser, BATTLES, {"mode": "battle"}, solution)
        assert (again.status, again.json["code"]) == (428, "challenge-used")
        fresh = solved(again.json["challenge"])
        assert (await post(browser, BATTLES, {"mode": "battle"}, fresh)).status == 201
        wrong = await post(browser, BATTLES, {"mode": "battle"}, "eyJub25zZW5zZSI6IDF9")
        assert (wrong.status, wrong.json["code"]) == (428, "challenge-wrong")

        given = (await browser.get("/api/challenge")).json
        assert (await post(browser, BATTLES, {"mode": "battle"}, solved(given))).status == 201
        await owner_of(server, browser)
        await browser.consent()
        assert (await browser.post(BATTLES, {"mode": "battle"})).status == 201


async def test_a_session_needs_a_solution_where_it_is_new(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    async with started(tmp_path, upstream, limits={"challenge": "sessions"}) as (_, browser):
        terms = {"consent_version": (await browser.get("/api/arenas/test")).json["consent_version"]}
        asked = await browser.post("/api/session", terms)
        assert asked.status == 428
        reply = await post(browser, "/api/session", terms, solved(asked.json["challenge"]))
        assert reply.status == 200

        browser.csrf = reply.json["csrf_token"]
        assert (await browser.post("/api/session", terms)).status == 200
        assert (await browser.post(BATTLES, {"mode": "battle"})).status == 201


async def test_nothing_is_asked_where_it_is_off(server: Server_, browser: Browser) -> None:
    assert (await browser.get("/api/challenge")).status == 404
    assert (await browser.post(BATTLES, {"mode": "battle"})).status == 201


async def test_the_same_message_again_and_again_is_damped(
    tmp_path: Path, upstream: FakeUpstream
) -> None:
    limits = {"same_prompt_per_session": 2}
    async with started(tmp_path, upstream, limits=limits) as (server, browser):
        await browser.consent()
        for content in ("Where is it?", "where  is IT?", "Something else?"):
            assert (await browser.turn(await browser.battle(), content)).status == 200
        battle = await browser.battle()
        refused = await browser.turn(battle, "Where is it?")
        assert (refused.status, refused.json["code"]) == (429, "rate-limited")
        assert "the same message" in refused.json["detail"]
        assert int(refused.headers["Retry-After"]) > 1

        assert (await browser.turn(battle, "Another one?")).status == 200
        assert (await browser.turn(battle, "Where is it?")).status == 200, "a follow-up is free"
        async with server.browser() as other:
            await other.consent()
            assert (await other.turn(await other.battle(), "Where is it?")).status == 200


class Moderators:
    """A moderation endpoint that flags a word, and may fail."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.status = 200

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append((request.headers.get("Authorization", ""), body))
        flagged = "forbidden" in body["input"]
        headers = {"Location": "/v1/elsewhere"} if self.status == 307 else {}
        reply = {"results": [{"flagged": flagged, "categories": {"bad": flagged}}]}
        return web.json_response(reply, status=self.status, headers=headers)


@pytest.fixture
async def endpoint() -> AsyncIterator[tuple[Moderators, str]]:
    moderators = Moderators()
    app = web.Application()
    app.router.add_post("/v1/moderations", moderators.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield moderators, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


def of_url(url: str, **given: Any) -> Moderation:
    key = KeySource(env="MODERATION_KEY")
    return Moderation(endpoint=ModerationEndpoint(url=url, key=key, model="m"), **given)


async def test_what_a_word_list_refuses_goes_nowhere(
    tmp_path: Path, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "words.txt").write_text("# ours\nzebra*\n", encoding="utf-8")
    words = Moderation(words=Path("words.txt"))
    async with started(tmp_path, upstream, words) as (server, browser):
        await browser.consent()
        battle = await browser.battle()
        refused = await browser.turn(battle, "Tell me about ZEBRAS and quokkas")
        assert (refused.status, refused.json["code"]) == (422, "moderated")
        assert "Nothing was sent or stored" in refused.json["detail"]
        assert upstream.requests == []
        stored = b"".join(p.read_bytes() for p in tmp_path.glob("test.db*"))
        assert b"quokkas" not in stored
        assert "quokkas" not in caplog.text

        assert (await browser.turn(battle, "Tell me about horses")).status == 200
        assert (await browser.vote(battle)).status == 200
        await owner_of(server, browser)
        counts = (await browser.get("/api/owner/arenas/test/moderation")).json
        assert counts == {
            "arena": "test",
            "on": True,
            "messages_refused": 1,
            "answers_flagged": 0,
            "checks_failed": 0,
        }


async def test_an_endpoint_refuses_messages_and_marks_answers(
    tmp_path: Path, upstream: FakeUpstream, endpoint: tuple[Moderators, str]
) -> None:
    moderators, url = endpoint
    upstream.behaviours["red"] = Behaviour(text="A forbidden answer.")
    async with started(tmp_path, upstream, of_url(url), pii="redact") as (server, browser):
        await browser.consent()
        arena = (await browser.get("/api/arenas/test")).json
        assert "moderation at 127.0.0.1" in [one["name"] for one in arena["recipients"]]
        battle = await browser.battle()
        assert (await browser.turn(battle, "A forbidden question")).status == 422
        assert upstream.requests == []

        reply = await browser.turn(battle, "Write to lea.sommer@example.org, please")
        assert "forbidden" in reply.answer("a") + reply.answer("b"), "it is shown all the same"
        await server.app.guards.gate.settled()
        assert (await browser.vote(battle)).status == 200
        assert [body["input"] for _, body in moderators.asked[:2]] == [
            "A forbidden question",
            "Write to [EMAIL_1], please",
        ]
        assert {key for key, _ in moderators.asked} == {"Bearer sk-moderation-1"}
        await owner_of(server, browser)
        counts = (await browser.get("/api/owner/arenas/test/moderation")).json
        assert (counts["messages_refused"], counts["answers_flagged"]) == (1, 1)


@pytest.mark.parametrize("status", [500, 307])
@pytest.mark.parametrize(("on_failure", "expected"), [("flag", 422), ("pass", 200)])
async def test_an_endpoint_that_fails_is_the_owners_choice(
    tmp_path: Path,
    upstream: FakeUpstream,
    endpoint: tuple[Moderators, str],
    status: int,
    on_failure: Any,
    expected: int,
) -> None:
    moderators, url = endpoint
    moderators.status = status
    given = of_url(url, on_failure=on_failure)
    async with started(tmp_path, upstream, given) as (server, browser):
        await browser.consent()
        reply = await browser.turn(await browser.battle(), "Hello?")
        assert reply.status == expected
        if expected == 422:
            assert "could not be checked" in reply.json["detail"]
        await server.app.guards.gate.settled()
        counts = await server.app.guards.book.counts((await server.app.pool.by_slug("test")).id)
        assert counts["checks-failed"] == len(moderators.asked)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(text="I began", finish_reason="content_filter"),
        Behaviour(refusal="I can't help with that."),
    ],
)
async def test_a_refusal_is_no_loss(
    upstream: FakeUpstream, server: Server_, browser: Browser, behaviour: Behaviour
) -> None:
    upstream.behaviours["red"] = behaviour
    battle = await browser.battle()
    events = (await browser.turn(battle)).events
    told = [data["detail"] for name, data in events if name == "error"]
    assert told[0].startswith("It declined to answer.")
    assert (await browser.vote(battle)).status == 409

    rows = (await browser.get("/api/arenas/test/leaderboard")).json["rows"]
    shown = {
        r["contestant"]: (r["losses"], r["error_rate"], r["refusal_rate"], r["timeout_rate"])
        for r in rows
    }
    assert shown == {"Redwood": (0, 1.0, 1.0, 0.0), "Bluebell": (0, 0.0, 0.0, 0.0)}
    await owner_of(server, browser)
    contestants = (await browser.get("/api/owner")).json["contestants"]
    assert {c["name"]: (c["errors"], c["refusals"], c["timeouts"]) for c in contestants} == {
        "Redwood": (1, 1, 0),
        "Bluebell": (0, 0, 0),
    }


async def test_the_audit_log_has_pages_filters_and_a_csv(server: Server_) -> None:
    async with server.browser() as owner:
        assert (await owner.get("/api/owner/audit")).status == 403
        await owner_of(server, owner)
        for n in range(3):
            await server.app.note(who="Owner", what=f"Test {n}", detail="=1+1")
        first = (await owner.get("/api/owner/audit?limit=2")).json
        assert [line["what"] for line in first["lines"]] == ["Test 2", "Test 1"]
        rest = (await owner.get(f"/api/owner/audit?before={first['before']}")).json
        assert [line["what"] for line in rest["lines"]][:2] == ["Test 0", "Logged in"]
        assert rest["before"] is None
        found = (await owner.get("/api/owner/audit?what=test&who=owner")).json
        assert len(found["lines"]) == 3

        reply = await owner.get("/api/owner/audit.csv?what=TEST")
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        assert [row["what"] for row in rows] == ["Test 2", "Test 1", "Test 0"]
        assert {row["detail"] for row in rows} == {"'=1+1"}
        assert reply.headers["Content-Disposition"].endswith('"audit.csv"')


async def test_a_shadow_exclusion_is_in_counts_snapshot_and_export_alone(
    server: Server_, browser: Browser, tmp_path: Path
) -> None:
    """What the voter is sent is the same, byte for byte in its shape, before and after."""
    import pyarrow.parquet as pq

    before = await cast(browser)
    [vote] = await server.app.recent_votes(await server.app.pool.by_slug("test"), limit=5)
    me = (await browser.get("/api/arenas/test/me")).json
    async with server.browser() as owner, server.browser() as other:
        await other.consent()
        await cast(other)
        await owner_of(server, owner)
        body = {"voter": vote.voter[:8], "reason": "clicks at random"}
        path = "/api/owner/arenas/test"
        assert (await owner.post(f"{path}/exclude", body)).json == {"changed": 1}

        after = await cast(browser, "Another?")
        assert before.keys() == after.keys()
        assert (after["counted"], after["excluded"]) == (True, None)
        assert (await browser.get("/api/arenas/test/me")).json["votes"] == me["votes"] + 1
        told = "".join(reply.text for reply in browser.log)
        assert "clicks at random" not in told

        board = (await owner.get("/api/arenas/test/leaderboard")).json
        assert (board["n"], board["excluded"]) == (1, {"clicks at random": 2})
        asked = {"method": "bt", "style": False, "cluster": "none", "category": ""}
        taken = await owner.post("/api/arenas/test/snapshots", asked)
        assert taken.status == 201, taken.text
        kept = (await owner.get(f"/api/arenas/test/snapshots/{taken.json['id']}")).json
        assert (kept["n"], kept["excluded"]) == (1, {"excluded: clicks at random": 2})
        file = tmp_path / "votes.parquet"
        await server.app.export_votes(await server.app.pool.by_slug("test"), file)
        exported = pq.read_table(file).column("excluded").to_pylist()
        assert sorted(exported, key=str) == [None, "clicks at random", "clicks at random"]
