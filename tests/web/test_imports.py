"""The owner drops a file of prompts on the page; personal data goes to nobody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from blindarena.settings import Deployment
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Reply, Server_, live_plan, serving

PLANTED = ("anna.schmidt@example.org", "DE89370400440532013000", "+49 170 1234567", "Schmidt")
TICKETS = (
    "id,prompt,category,answer_Redwood\r\n"
    f'T1,"My name is Anna {PLANTED[3]}, write to {PLANTED[0]}, where is my parcel?",parcel,\r\n'
    f'T2,"Please refund to {PLANTED[1]}, or call {PLANTED[2]}.",refund,Send to {PLANTED[1]}\r\n'
    "T3,How long do you keep a parcel at the shop before it goes back?,parcel,Seven days.\r\n"
)


@pytest.fixture
async def owner(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as one:
        await one.consent()
        password = await server.app.sessions.first_password()
        reply = await one.post("/api/owner/login", {"password": password})
        assert reply.status == 200, reply.text
        one.csrf = reply.json["csrf_token"]
        yield one


async def upload(
    owner: Browser, data: str | bytes, query: str = "name=tickets.csv", *, csrf: bool = True
) -> Reply:
    headers = {"X-CSRF-Token": owner.csrf} if csrf else {}
    url = f"{owner.url}/api/owner/arenas/test/imports?{query}"
    async with owner.http.post(url, data=data, headers=headers) as reply:
        return Reply(reply.status, dict(reply.headers), await reply.text())


async def made(owner: Browser) -> dict[str, Any]:
    """Wait for the run that goes on."""
    while True:
        answers: dict[str, Any] = (await owner.get("/api/owner/arenas/test/answers")).json
        if not answers["run"]["running"]:
            return answers
        await asyncio.sleep(0.01)


async def test_upload_preview_confirm(owner: Browser, server: Server_) -> None:
    staged = await upload(owner, TICKETS, "name=tickets.csv&pii=redact")

    assert staged.status == 201, staged.text
    preview = staged.json["preview"]
    assert (preview["rows"], preview["taken"], preview["answers"]) == (3, 3, {"Redwood": 2})
    assert preview["categories"] == {"parcel": 2, "refund": 1}
    assert [one["contestant"] for one in staged.json["estimates"]] == ["Redwood", "Bluebell"]
    assert not any(word in staged.text for word in PLANTED)
    assert (await owner.get("/api/arenas/test")).json["prompt_mode"] == "free"

    done = await owner.post(f"/api/owner/imports/{staged.json['id']}/confirm")

    assert done.json["status"] == "done"
    assert (await owner.get("/api/arenas/test")).json["prompt_mode"] == "prepared"
    listed = (await owner.get("/api/owner/arenas/test/imports")).json["imports"]
    assert [one["id"] for one in listed] == [staged.json["id"]]
    arena = await server.app.pool.by_slug("test")
    assert [p.key for p in await server.app.pool.prompts(arena)] == ["T1", "T2", "T3"]


@pytest.mark.parametrize("pii", ["redact", "block"])
async def test_planted_personal_data_never_reaches_the_upstream(
    owner: Browser, upstream: FakeUpstream, pii: str
) -> None:
    staged = await upload(owner, TICKETS, f"name=tickets.csv&pii={pii}")
    await owner.post(f"/api/owner/imports/{staged.json['id']}/confirm")
    begun = await owner.post("/api/owner/arenas/test/answers")
    assert begun.status == 202, begun.text

    answers = await made(owner)

    sent = str([request.body for request in upstream.requests])
    assert answers["missing"] == 0
    assert len(upstream.requests) == {"redact": 4, "block": 1}[pii]
    assert not any(word in sent for word in PLANTED)


async def test_what_was_taken_in_as_it_is_is_not_sent_on_where_the_arena_redacts(
    upstream: FakeUpstream, tmp_path: Path
) -> None:
    urls = {"red": upstream.url, "blue": upstream.url}
    models = {"Redwood": ["red"], "Bluebell": ["blue"]}
    plan = live_plan(tmp_path, models=models, base_urls=urls, pii="redact")
    async with serving(plan) as running, running.browser() as one:
        await one.consent()
        password = await running.app.sessions.first_password()
        one.csrf = (await one.post("/api/owner/login", {"password": password})).json["csrf_token"]
        staged = await upload(one, TICKETS, "name=tickets.csv&pii=off")
        assert PLANTED[0] in staged.text
        await one.post(f"/api/owner/imports/{staged.json['id']}/confirm")
        await one.post("/api/owner/arenas/test/answers")
        await made(one)

    sent = str([request.body for request in upstream.requests])
    assert len(upstream.requests) == 4
    assert not any(word in sent for word in PLANTED)


async def test_a_wrong_row_or_mapping_is_a_problem_with_its_place(owner: Browser) -> None:
    reply = await upload(owner, "prompt,id\nok,1\n,2\n", "name=C%3A%5Cmy%5Cwrong.csv")

    assert reply.status == 422
    assert reply.json["code"] == "import-file"
    assert reply.json["detail"].startswith("wrong.csv: row 3: column 'prompt' is empty")

    for query in ("name=t.csv&map=prompt", "name=t.csv&map=promt=id", "name=t.csv&map=prompt=nope"):
        reply = await upload(owner, "prompt,id\nok,1\n", query)
        assert (reply.status, reply.json["status"]) == (422, 422), reply.text


async def test_only_the_owner_may_and_what_is_discarded_leaves_nothing(
    browser: Browser, owner: Browser
) -> None:
    assert (await upload(browser, TICKETS)).status == 403
    assert (await upload(owner, TICKETS, csrf=False)).status == 403
    assert (await browser.get("/api/owner/arenas/test/imports")).status == 403
    assert (await browser.post("/api/owner/arenas/test/answers")).status == 403

    staged = await upload(owner, TICKETS)
    url = f"{owner.url}/api/owner/imports/{staged.json['id']}"
    async with owner.http.delete(url, headers={"X-CSRF-Token": owner.csrf}) as reply:
        assert reply.status == 200
    assert (await owner.get("/api/owner/arenas/test/imports")).json == {"imports": []}
    gone = await owner.post(f"/api/owner/imports/{staged.json['id']}/confirm")
    assert gone.status == 404


async def test_a_file_may_be_larger_than_other_bodies_but_not_without_end(owner: Browser) -> None:
    words = "".join(f"word{number} " for number in range(1500))
    rows = "".join(f"{n},{n} {words[n * 7 :][:9000]}\n" for n in range(40))
    assert len(rows) > 256 * 1024

    large = await upload(owner, f"id,prompt\n{rows}", "name=large.csv&pii=off")
    assert large.status == 201, large.text

    url = f"{owner.url}/api/owner/arenas/test/imports?name=huge.csv"
    headers = {"X-CSRF-Token": owner.csrf, "Content-Length": str(65 * 1024 * 1024)}
    async with owner.http.post(url, data=b"x", headers=headers) as reply:
        assert reply.status == 413
        assert reply.headers["Connection"] == "close"
    elsewhere = await owner.post("/api/owner/login", {"password": "x" * 300_000})
    assert elsewhere.status == 413


async def test_a_run_can_be_stopped_and_goes_on_where_it_was(
    owner: Browser, upstream: FakeUpstream
) -> None:
    upstream.behaviours["blue"] = Behaviour(text="Late.", first_delay_s=30)
    staged = await upload(owner, "prompt\nWhere is my parcel today?\n")
    await owner.post(f"/api/owner/imports/{staged.json['id']}/confirm")
    await owner.post("/api/owner/arenas/test/answers")
    while (await owner.get("/api/owner/arenas/test/answers")).json["run"]["made"] == 0:
        await asyncio.sleep(0.01)
    again = await owner.post("/api/owner/arenas/test/answers")
    assert again.status == 409

    stopped = (await owner.post("/api/owner/arenas/test/answers/stop")).json
    assert (stopped["run"]["running"], stopped["missing"]) == (False, 1)

    upstream.behaviours["blue"] = Behaviour(text="Now.")
    await owner.post("/api/owner/arenas/test/answers")
    assert (await made(owner))["missing"] == 0
    assert [r.body["model"] for r in upstream.requests] == ["red", "blue", "blue"]


async def test_a_limit_needs_prices_and_stops_the_run(
    upstream: FakeUpstream, tmp_path: Path
) -> None:
    urls = {"red": upstream.url, "blue": upstream.url}
    models = {"Redwood": ["red"], "Bluebell": ["blue"]}
    plan = live_plan(tmp_path, models=models, base_urls=urls)
    plan.deployments["red"] = Deployment(  # type: ignore[index]
        provider="openai-compatible",
        base_url=upstream.url,
        model="red",
        input_price=1000.0,
        output_price=1000.0,
    )
    async with serving(plan) as running, running.browser() as one:
        await one.consent()
        password = await running.app.sessions.first_password()
        one.csrf = (await one.post("/api/owner/login", {"password": password})).json["csrf_token"]
        staged = await upload(one, TICKETS, "name=tickets.csv&pii=redact")
        await one.post(f"/api/owner/imports/{staged.json['id']}/confirm")

        reply = await one.post("/api/owner/arenas/test/answers", {"max_spend_usd": 1.0})

        assert reply.status == 422
        assert "the price of 'Bluebell' is unknown" in reply.json["detail"]
    assert upstream.requests == []
