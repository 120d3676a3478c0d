"""Runs of judges over HTTP: staff only, blind until the vote, and the votes as a vote file."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from yarl import URL

from blindarena import rank
from blindarena.bootstrap.evaluations.vote_files import votes_evaluations
from blindarena.judge.run_folder import RunFolder
from judge.made_up_run import add, judgments, write_run

from .server import Browser, Server_

BASE = "/api/judge-runs"
RUN = f"{BASE}/support"


@pytest.fixture
async def owner(server: Server_, tmp_path: Path) -> AsyncIterator[Browser]:
    write_run(tmp_path / "judge-runs" / "support")
    async with server.browser() as one:
        password = await server.app.sessions.first_password()
        login = await one.post("/api/owner/login", {"password": password})
        one.csrf = login.json["csrf_token"]
        yield one


async def listed(browser: Browser, query: str = "") -> Any:
    reply = await browser.get(f"{RUN}/items?{query}")
    assert reply.status == 200, reply.text
    return reply.json


async def vote(browser: Browser, key: str, outcome: str, **more: Any) -> Any:
    reply = await browser.post(f"{RUN}/items/{key}/vote", {"outcome": outcome, **more})
    assert reply.status == 200, reply.text
    return reply.json


async def test_it_is_for_staff_only(owner: Browser, browser: Browser) -> None:
    key = (await listed(owner))["items"][0]["key"]
    for path in (BASE, RUN, f"{RUN}/items", f"{RUN}/items/{key}", f"{RUN}/votes.jsonl"):
        assert (await browser.get(path)).status == 403
    assert (await browser.post(f"{RUN}/items/{key}/vote", {"outcome": "tie"})).status == 403
    assert (
        await owner.post(f"{RUN}/items/{key}/vote", {"outcome": "tie"}, csrf=False)
    ).status == 403


async def test_runs_are_listed_and_summed_up(owner: Browser, tmp_path: Path) -> None:
    (tmp_path / "judge-runs" / "broken").mkdir()
    (tmp_path / "judge-runs" / "broken" / "run.json").write_text("{oops")
    (tmp_path / "judge-runs" / "no-run").mkdir()
    runs = (await owner.get(BASE)).json["runs"]
    assert [run["name"] for run in runs] == ["support", "broken"]
    assert runs[0]["judgments"]["done"] == 60
    assert runs[1]["problem"].startswith("broken/run.json: "), "and not where on the machine"

    told = (await owner.get(RUN)).json
    giddy = next(one for one in told["verdicts"] if one["judge"] == "giddy")
    assert giddy["standing"] == "broken"
    assert told["verdicts"][0] == giddy, "what is wrong comes first"
    assert told["report"]["verdicts"] == told["verdicts"]
    assert told["categories"] == ["mathematics", "refunds"]
    assert [part["title"] for part in told["parts"]][-1] == "The judges themselves"
    for path in (f"{BASE}/nothing", f"{BASE}/..%2f", f"{BASE}/no-run/items"):
        assert (await owner.get(path)).status == 404
    assert (await owner.get(f"{BASE}/broken")).status == 422


async def test_nothing_tells_before_the_vote(owner: Browser) -> None:
    """Neither the list nor the item has a name, a verdict, a grade, a time or a cost."""
    page = await listed(owner)
    assert page["total"] == 12
    reply = (await owner.get(f"{RUN}/items/{page['items'][0]['key']}")).text
    for text in (json.dumps(page), reply):
        for telling in ("alder", "birch", "cedar", "steady", "giddy", "clearer", "0.0002"):
            assert telling not in text
    shown = json.loads(reply)
    assert shown["revealed"] is False
    assert shown["a"]["turns"][0]["text"] != shown["b"]["turns"][0]["text"]
    assert shown["policy"] == "Refund broken goods in full. Never promise a day."


async def test_a_vote_reveals_and_a_change_is_a_new_row(owner: Browser, server: Server_) -> None:
    keys = [one["key"] for one in (await listed(owner))["items"]]
    sides = set()
    for key in keys:
        before = (await owner.get(f"{RUN}/items/{key}")).json
        after = await vote(owner, key, "model_a")
        assert after["revealed"]
        assert (after["vote"], after["blind"]) == ("model_a", True)
        assert after["a"]["turns"][0]["text"] == before["a"]["turns"][0]["text"], "sides stay"
        sides.add(after["a"]["name"] < after["b"]["name"])
        said = {(one["judge"], one["protocol"]): one for one in after["said"]}
        names = {after["a"]["name"]: "a", after["b"]["name"]: "b"}
        word = said["steady", "pair"]["result"]
        if "alder" in names:
            assert word == names["alder"]
            assert said["steady", "single"]["result"] == names["alder"]
        else:
            assert word == names["cedar"]
            assert said["steady", "single"]["result"] == "tie"
        firsts = {call["first"] for call in said["steady", "pair"]["calls"]}
        assert firsts == {"a", "b"}
        (stored,) = [
            one
            for one in await server.app._database.judge_votes.counted("support")
            if one.item == key
        ]
        won = stored.model_a if stored.outcome == "model_a" else stored.model_b
        assert won == after["a"]["name"]
    assert sides == {True, False}, "the sides are shuffled"

    changed = await vote(owner, keys[0], "both_bad", blind=True)
    assert (changed["vote"], changed["blind"]) == ("both_bad", False), "it had been revealed"
    assert (await listed(owner, "voted=no"))["total"] == 0
    told = (await owner.get(RUN)).json
    assert (told["votes"], told["raters"]) == (12, 1)
    assert {one["judge"] for one in told["people"]} == {"steady", "giddy"}


async def test_who_looks_first_is_not_blind(owner: Browser) -> None:
    key = (await listed(owner))["items"][0]["key"]
    openly = (await owner.get(f"{RUN}/items/{key}?blind=false")).json
    assert openly["revealed"]
    assert (await owner.get(f"{RUN}/items/{key}")).json["revealed"] is False
    assert (await vote(owner, key, "tie", blind=True))["blind"] is False
    open_list = await listed(owner, "blind=false&limit=3&offset=10")
    assert [len(one["contestants"]) for one in open_list["items"]] == [2, 2]


async def test_filters(owner: Browser) -> None:
    for query, total in (
        ("flag=unparsed", 1),
        ("flag=flipped&flag=unparsed", 12),
        ("flag=flipped&judge=steady", 0),
        ("category=mathematics", 3),
        ("contestant=alder&contestant=cedar", 4),
        ("q=headphones", 3),
    ):
        assert (await listed(owner, query))["total"] == total, query
    assert (await owner.get(f"{RUN}/items?flag=pretty")).status == 422


async def test_votes_are_exported_as_peoples_and_deleted(
    owner: Browser, server: Server_, tmp_path: Path
) -> None:
    assert (await owner.get(f"{RUN}/votes.parquet")).status == 404
    for number, one in enumerate((await listed(owner))["items"]):
        await vote(owner, one["key"], ("tie", "both_bad")[number % 2])
    lines = [json.loads(line) for line in (await owner.get(f"{RUN}/votes.jsonl")).text.splitlines()]
    assert len(lines) == 12
    assert all(one["voter"].startswith("human:") for one in lines)
    assert {one["source"] for one in lines} == {"human"}
    assert {one["category"] for one in lines} == {"refunds", "mathematics"}
    async with owner.http.get(f"{owner.url}{RUN}/votes.parquet") as reply:
        data = await reply.read()
    path = tmp_path / "human.parquet"
    path.write_bytes(data)
    assert pq.read_table(path).num_rows == 12
    jsonl = tmp_path / "human.jsonl"
    jsonl.write_text("\n".join(map(json.dumps, lines)) + "\n")
    for file in (path, jsonl):
        assert rank(file).n == 12
        (found,) = votes_evaluations(file, name="people", label="people")
        assert found.kind == "people"
        assert found.votes is not None
        assert found.votes.question.names == ("q1", "q2", "q3")

    gone = await owner._ask("DELETE", f"{RUN}/votes", {}, {"X-CSRF-Token": owner.csrf})
    assert gone.json == {"deleted": 12}
    assert (await server.app.audit.recent(limit=1))[0][2:] == (
        "Deleted the votes on a run of judges",
        "support: 12 rows",
    )
    assert (await listed(owner, "voted=yes"))["total"] == 0


async def test_a_run_that_grows_is_shown_as_it_is(owner: Browser, tmp_path: Path) -> None:
    path = RunFolder(tmp_path / "judge-runs" / "support").judgments_path("giddy")
    unparsed = next(one for one in judgments() if one.unparsed)
    add(path, replace(unparsed, text="[[B]]", verdict="B>A"))
    assert (await listed(owner, "flag=unparsed"))["total"] == 0
    assert (await owner.get(BASE)).json["runs"][0]["unparsed"] == 0


async def test_a_reviewer_votes_and_takes_nothing_along(owner: Browser, server: Server_) -> None:
    """Two people are two raters, with sides of their own; what others say comes after the vote."""
    until = datetime.now(UTC) + timedelta(hours=1)
    session, secret = await server.app.sessions.log_in_as("r@example.org", "reviewer", until=until)
    keys = [one["key"] for one in (await listed(owner))["items"]]
    async with server.browser() as reviewer:
        reviewer.http.cookie_jar.update_cookies({"blindarena_session": secret}, URL(server.url))
        reviewer.csrf = session.csrf_token
        assert (await reviewer.get(BASE)).json["folder"] == "judge-runs", "not where on the machine"
        first = {}
        for key in keys:
            first[key] = await vote(owner, key, "model_a")
            before = (await reviewer.get(f"{RUN}/items/{key}")).json
            assert before["votes"] == {}
            after = await vote(reviewer, key, "tie")
            (outcome,) = after["votes"]
            won = after["a"]["name"] if outcome == "model_a" else after["b"]["name"]
            assert won == first[key]["a"]["name"], "about the sides as this person sees them"
        told = (await owner.get(RUN)).json
        assert (told["votes"], told["raters"]) == (24, 2)
        assert (await reviewer.get(f"{RUN}/votes.jsonl")).status == 403
        headers = {"X-CSRF-Token": reviewer.csrf}
        assert (await reviewer._ask("DELETE", f"{RUN}/votes", {}, headers)).status == 403
