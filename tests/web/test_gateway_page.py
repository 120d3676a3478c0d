"""The owner's routes of the running gateway: states, draining, asking, the playground."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from blindarena.domain.usage import OWNER_KEY, UsageRow
from blindarena.domain.usage_sums import UsageFilter
from blindarena.settings.gateway import Gateway, Model
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Reply, Server_, live_plan, serving

GATEWAY = "/api/owner/gateway"
HELLO = {"model": "red", "messages": [{"role": "user", "content": "Hello?"}]}


async def log_in(server: Server_, browser: Browser) -> None:
    password = await server.app.sessions.first_password()
    login = await browser.post("/api/owner/login", {"password": password})
    browser.csrf = login.json["csrf_token"]


@pytest.fixture
async def owner(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as browser:
        await log_in(server, browser)
        yield browser


async def states(owner: Browser) -> Mapping[str, str]:
    read = (await owner.get(GATEWAY)).json
    return {row["name"]: row["state"] for row in read["deployments"]}


async def rows(server: Server_, number: int) -> list[UsageRow]:
    """Return what is written of usage, once it is that much."""
    while (
        len(found := await server.app.key_book.usage.page(chosen=UsageFilter(), limit=10)) < number
    ):
        await asyncio.sleep(0.02)
    return list(found)


async def test_what_is_there(owner: Browser, server: Server_) -> None:
    read = (await owner.get(GATEWAY)).json
    assert (read["enabled"], read["require_key"], read["workers_may_join"]) == (True, True, False)
    assert read["base_url"] == f"{server.url}/v1"
    assert read["workers"] == []
    assert [(m["name"], m["deployments"], m["ready"], m["own"]) for m in read["models"]] == [
        ("red", ["red"], 1, True),
        ("blue", ["blue"], 1, True),
    ]
    red = read["deployments"][0]
    assert (red["kind"], red["model"], red["state"]) == ("openai-compatible", "red", "ready")
    assert (red["in_flight"], red["max_concurrent"], red["requests"]) == (0, None, 0)
    assert (red["price"], red["total_p50_s"], red["until"]) == (None, None, None)


async def test_a_drained_deployment_gets_nothing_until_it_is_let_back(
    owner: Browser, server: Server_, upstream: FakeUpstream
) -> None:
    reply = await owner.post(f"{GATEWAY}/drain", {"deployment": "red"})
    assert (reply.status, reply.json["state"], reply.json["held"]) == (200, "drained", True)
    await owner.post(f"{GATEWAY}/drain", {"deployment": "red"})
    assert await states(owner) == {"red": "drained", "blue": "ready"}
    refused = await owner.post(f"{GATEWAY}/playground", HELLO)
    name, said = refused.events[0]
    assert (name, said["error"]["code"]) == ("failed", "no_deployment")
    assert upstream.requests == []

    back = await owner.post(f"{GATEWAY}/undrain", {"deployment": "red"})
    assert (back.json["state"], back.json["held"]) == ("ready", False)
    assert (await owner.post(f"{GATEWAY}/playground", HELLO)).events[-1][1]["status"] == 200
    lines = (await owner.get("/api/owner/audit?what=deployment")).json["lines"]
    assert [line["what"] for line in lines] == [
        "Let the deployment red take requests again",
        "Drained the deployment red",
    ]


async def test_what_is_drained_stays_so_over_a_restart(
    upstream: FakeUpstream, tmp_path: Path
) -> None:
    plan = live_plan(tmp_path, models={"R": ["red"]}, base_urls={"red": upstream.url})
    async with serving(plan) as server, server.browser() as browser:
        await log_in(server, browser)
        await browser.post(f"{GATEWAY}/drain", {"deployment": "red"})
    async with serving(plan) as server:
        assert server.app.router.states()["red"].held


async def test_one_tiny_request(owner: Browser, server: Server_, upstream: FakeUpstream) -> None:
    """A drained deployment answers too: that is how one finds out whether it is well again."""
    await owner.post(f"{GATEWAY}/drain", {"deployment": "red"})
    asked = (await owner.post(f"{GATEWAY}/ask", {"deployment": "red"})).json
    assert (asked["text"], asked["error"], asked["cost_usd"]) == ("Red says hello.", None, None)
    assert asked["completion_tokens"] > 0
    assert upstream.requests[0].body["max_tokens"] == 16

    upstream.behaviours["blue"] = Behaviour(fault="server_error")
    failed = (await owner.post(f"{GATEWAY}/ask", {"deployment": "blue"})).json
    assert failed["text"] is None
    assert "blue" in failed["error"]
    good, bad = await rows(server, 2)
    assert (good.key_id, good.deployment, good.status) == (OWNER_KEY, "red", 200)
    assert (bad.status // 100, bad.fault, bad.cost_usd) == (5, "server", 0)
    assert (await owner.get(GATEWAY)).json["deployments"][0]["requests"] == 0


def told(reply: Reply) -> str:
    """Put the text of a stream together."""
    said = ""
    for line in reply.text.splitlines():
        data = line.removeprefix("data: ")
        if line.startswith('data: {"') and "choices" in data:
            said += "".join(c["delta"].get("content") or "" for c in json.loads(data)["choices"])
    return said


async def test_the_playground_streams_as_v1_does(
    owner: Browser, server: Server_, upstream: FakeUpstream
) -> None:
    body = HELLO | {"system": "Be brief.", "temperature": 0.5, "max_tokens": 50}
    reply = await owner.post(f"{GATEWAY}/playground", body)
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert told(reply) == "Red says hello."
    assert "data: [DONE]" in reply.text
    name, used = reply.events[-1]
    assert (name, used["status"], used["deployment"]) == ("used", 200, "red")
    assert used["completion_tokens"] > 0
    assert used["ttft_s"] > 0
    assert used["cost_usd"] is None

    sent = upstream.requests[0].body
    assert sent["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello?"},
    ]
    assert (sent["temperature"], sent["max_tokens"], sent["stream"]) == (0.5, 50, True)
    (row,) = await rows(server, 1)
    assert (row.key_id, row.request_id) == (OWNER_KEY, used["request_id"])
    sums = (await owner.get("/api/owner/usage?by=key")).json["sums"]
    assert [(one["key_name"], one["requests"]) for one in sums] == [("Owner's page", 1)]


async def test_the_playground_in_one_piece(owner: Browser) -> None:
    reply = await owner.post(f"{GATEWAY}/playground", HELLO | {"stream": False})
    assert [name for name, _ in reply.events] == ["reply", "used"]
    assert reply.events[0][1]["choices"][0]["message"]["content"] == "Red says hello."


async def test_a_failure_is_told_with_what_was_used(owner: Browser, upstream: FakeUpstream) -> None:
    upstream.behaviours["red"] = Behaviour(fault="bad_request")
    reply = await owner.post(f"{GATEWAY}/playground", HELLO)
    assert [name for name, _ in reply.events] == ["failed", "used"]
    assert reply.events[1][1]["status"] == 400
    unknown = await owner.post(f"{GATEWAY}/playground", HELLO | {"model": "green"})
    assert unknown.events[0][1]["error"]["code"] == "model_not_found"


async def test_a_reader_who_leaves_ends_the_call(owner: Browser, upstream: FakeUpstream) -> None:
    upstream.behaviours["red"] = Behaviour(text="One two three.", fault="hang", after=2)
    headers = {"X-CSRF-Token": owner.csrf}
    url = f"{owner.url}{GATEWAY}/playground"
    async with owner.http.post(url, json=HELLO, headers=headers) as reply:
        assert b"data:" in await reply.content.readany()
    while upstream.disconnects == 0:
        await asyncio.sleep(0.01)
    while (await states(owner))["red"] != "ready" or upstream.open:
        await asyncio.sleep(0.01)


WRONG: list[tuple[str, Any, int]] = [
    ("drain", {"deployment": "green"}, 404),
    ("undrain", {"deployment": "green"}, 404),
    ("ask", {"deployment": "green"}, 404),
    ("drain", {}, 422),
    ("playground", {"model": "red", "messages": []}, 422),
    ("playground", HELLO | {"temperature": 3}, 422),
    ("playground", HELLO | {"tools": []}, 422),
    ("playground", {"model": "red", "messages": [{"role": "system", "content": "x"}]}, 422),
]


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
async def test_what_makes_no_sense_is_refused(
    owner: Browser, path: str, body: Any, status: int
) -> None:
    assert (await owner.post(f"{GATEWAY}/{path}", body)).status == status


async def test_only_the_owner_with_a_token_may(owner: Browser, server: Server_) -> None:
    changes: list[tuple[str, Any]] = [
        ("drain", {"deployment": "red"}),
        ("undrain", {"deployment": "red"}),
    ]
    changes += [("ask", {"deployment": "red"}), ("playground", HELLO)]
    async with server.browser() as stranger:
        await stranger.consent()
        for path, body in changes:
            assert (await owner.post(f"{GATEWAY}/{path}", body, csrf=False)).status == 403
            assert (await stranger.post(f"{GATEWAY}/{path}", body)).status == 403
        assert (await stranger.get(GATEWAY)).status == 403
    assert await states(owner) == {"red": "ready", "blue": "ready"}


async def test_a_reviewer_reads_without_addresses(server: Server_) -> None:
    until = server.app.now() + timedelta(hours=1)
    _, secret = await server.app.sessions.log_in_as("r@example.org", "reviewer", until=until)
    async with server.browser() as reviewer:
        reviewer.http.cookie_jar.update_cookies({"blindarena_session": secret}, URL(server.url))
        read = await reviewer.get(GATEWAY)
        assert read.status == 200
        assert {row["base_url"] for row in read.json["deployments"]} == {None}
        assert (await reviewer.get("/api/owner/usage")).status == 403


async def test_with_the_gateway_switched_off(upstream: FakeUpstream, tmp_path: Path) -> None:
    """Deployments are still there, for the arenas; programs and the playground have no door."""
    plan = live_plan(tmp_path, models={"R": ["red"]}, base_urls={"red": upstream.url})
    off = Gateway(enabled=False)
    plan = replace(plan, settings=plan.settings.model_copy(update={"gateway": off}))
    async with serving(plan) as server, server.browser() as owner:
        await log_in(server, owner)
        read = (await owner.get(GATEWAY)).json
        assert (read["enabled"], [row["name"] for row in read["deployments"]]) == (False, ["red"])
        assert (await owner.post(f"{GATEWAY}/playground", HELLO)).status == 422
        asked = (await owner.post(f"{GATEWAY}/ask", {"deployment": "red"})).json
        assert asked["text"] == "Red says hello."


async def test_models_with_fallbacks(upstream: FakeUpstream, tmp_path: Path) -> None:
    urls = dict.fromkeys(("red", "blue"), upstream.url)
    plan = live_plan(tmp_path, models={"R": ["red"]}, base_urls=urls)
    models = {
        "big": Model(deployments=("red",), fallbacks=("spare",), routing="prefix"),
        "spare": Model(deployments=("blue",)),
    }
    plan = replace(plan, settings=plan.settings.model_copy(update={"models": models}))
    async with serving(plan) as server, server.browser() as owner:
        await log_in(server, owner)
        await owner.post(f"{GATEWAY}/drain", {"deployment": "red"})
        big, spare = (await owner.get(GATEWAY)).json["models"]
        assert (big["fallbacks"], big["routing"], big["ready"]) == (["spare"], "prefix", 0)
        assert (spare["ready"], spare["own"]) == (1, False)
        reply = await owner.post(f"{GATEWAY}/playground", HELLO | {"model": "big"})
        assert told(reply) == "Blue says hi."
