"""How far evaluations agree, over HTTP: for staff only, one at a time, and in plain words."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from blindarena.analysis.comparison import comparing
from judge.made_up_run import write_run

from .server import Browser, Server_

BASE = "/api/agreement"
TABLE = {
    "name": "bench.csv",
    "text": "model,score,lower,upper\nalder,9,8,10\nbirch,3,2,4\ncedar,5,4,6\n",
}


@pytest.fixture
async def owner(server: Server_, tmp_path: Path) -> AsyncIterator[Browser]:
    write_run(tmp_path / "judge-runs" / "support")
    async with server.browser() as one:
        password = await server.app.sessions.first_password()
        login = await one.post("/api/owner/login", {"password": password})
        one.csrf = login.json["csrf_token"]
        yield one


async def compared(browser: Browser, **wanted: Any) -> Any:
    reply = await browser.post(BASE, wanted)
    assert reply.status == 200, reply.text
    return reply.json


async def refused(browser: Browser, **wanted: Any) -> str:
    reply = await browser.post(BASE, wanted)
    assert reply.status == 422, reply.text
    assert "\n" not in reply.json["detail"]
    return str(reply.json["detail"])


async def test_it_is_for_staff_only(owner: Browser, browser: Browser) -> None:
    done = await compared(owner, runs=["support"])
    body = {"runs": ["support"]}
    assert (await browser.get(BASE)).status == 403
    assert (await browser.get(f"{BASE}/{done['id']}/report.json")).status == 403
    assert (await browser.post(BASE, body)).status == 403
    assert (await owner.post(BASE, body, csrf=False)).status == 403


async def test_what_may_be_compared_is_listed(owner: Browser, tmp_path: Path) -> None:
    (tmp_path / "judge-runs" / "broken").mkdir()
    (tmp_path / "judge-runs" / "broken" / "run.json").write_text("{oops")
    told = (await owner.get(BASE)).json
    assert [one["slug"] for one in told["arenas"]] == ["test"]
    assert [(one["name"], one["blind_votes"]) for one in told["runs"]] == [("support", 0)]
    assert told["runs"][0]["judges"] == ["steady", "giddy"]


async def test_a_run_and_a_table_are_compared(owner: Browser) -> None:
    told = await compared(owner, runs=["support"], tables=[TABLE])
    assert told["names"] == ["giddy", "steady", "bench"]
    assert [one["about"] for one in told["answers"]] == ["bench and steady"]
    assert any("giddy" in note for note in told["notes"]), "whose scores are all equal"
    assert told["suggestions"] == []
    sections = [one for part in told["parts"] for one in part["sections"]]
    for one in sections:
        assert all(len(row) == len(one["head"]) for row in one["rows"])
        assert len(one["plots"]) in (0, len(one["rows"]))

    page = await owner.get(f"{BASE}/{told['id']}/report.html")
    assert page.status == 200
    assert told["answers"][0]["sentence"] in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "Content-Disposition" not in page.headers
    data = await owner.get(f"{BASE}/{told['id']}/report.json?download=true")
    assert json.loads(data.text)["answers"] == told["answers"]
    assert data.headers["Content-Disposition"] == 'attachment; filename="agreement.json"'
    text = await owner.get(f"{BASE}/{told['id']}/report.md")
    assert text.text.startswith("# How far the evaluations agree")
    assert (await owner.get(f"{BASE}/nothing/report.md")).status == 404


async def test_blind_votes_are_compared_with_the_judges(owner: Browser) -> None:
    items = (await owner.get("/api/judge-runs/support/items")).json["items"]
    vote = {"outcome": "model_a", "blind": True}
    for one in items:
        await owner.post(f"/api/judge-runs/support/items/{one['key']}/vote", vote)
    await owner.post(
        f"/api/judge-runs/support/items/{items[0]['key']}/vote", vote | {"blind": False}
    )
    assert (await owner.get(BASE)).json["runs"][0]["blind_votes"] == len(items) - 1
    told = await compared(owner, runs=["support"], people=["support"])
    assert told["names"] == ["giddy", "steady", "people of support"]
    about = [one["about"] for one in told["answers"]]
    assert "steady and people of support" in about
    votes = (await owner.get("/api/judge-runs/support/votes.jsonl")).text
    rater = json.loads(votes.splitlines()[0])["voter"].removeprefix("human:")
    whole = (await owner.get(f"{BASE}/{told['id']}/report.json")).text
    assert "person 1" in whole
    assert rater not in whole, "reviewers read it too"


async def test_names_are_suggested_and_never_taken(owner: Browser) -> None:
    other = {"name": "b.csv", "text": "model,score\nAlder,9\nbirch,3\ncedar,5\n"}
    told = await compared(owner, runs=["support"], tables=[other])
    assert {(one["this"], one["that"]) for one in told["suggestions"]} == {("alder", "Alder")}
    assert not any("--alias" in note for note in told["notes"])
    told = await compared(
        owner, runs=["support"], tables=[other], aliases=[{"this": "Alder", "that": "alder"}]
    )
    assert told["suggestions"] == []
    assert "'Alder' was taken for 'alder'." in told["notes"]


async def test_what_is_wrong_is_one_line(owner: Browser, tmp_path: Path) -> None:
    def table(text: str, name: str = "b.csv") -> dict[str, Any]:
        return {"runs": ["support"], "tables": [{"name": name, "text": text}]}

    said = await refused(owner, **table("model,points\nalder,9\n"))
    assert said.endswith("the columns are: 'model', 'points'; rename one of them")
    assert "b.csv:3, column 'score': 'high' is no number" in await refused(
        owner, **table("model,score\nalder,9\nbirch,high\n")
    )
    assert "'alder' is there twice" in await refused(
        owner, **table("model,score\nalder,9\nalder,8\n")
    )
    assert "must be a .csv or .tsv file" in await refused(owner, **table("{}", "../b.json"))
    assert "tables.0.text" in await refused(owner, **table("x" * 60_001))
    assert "1 evaluation is given" in await refused(owner, tables=[TABLE])
    assert "has no votes yet" in await refused(owner, arenas=["test"], runs=["support"])
    assert "nobody has voted blind" in await refused(owner, runs=["support"], people=["support"])
    assert "form a chain" in await refused(
        owner,
        runs=["support"],
        aliases=[{"this": "a", "that": "b"}, {"this": "b", "that": "c"}],
    )
    for wanted in ({"arenas": ["no"]}, {"runs": ["no"]}, {"people": ["../x"]}):
        assert (await owner.post(BASE, wanted)).status == 404

    journal = next((tmp_path / "judge-runs" / "support").rglob("steady.jsonl"))
    journal.write_text("{oops\n{}\n")
    assert str(tmp_path) not in await refused(owner, runs=["support"], tables=[TABLE])


async def test_one_comparison_at_a_time(owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks meanwhile is told when to come back; afterwards it goes on."""
    began, go = threading.Event(), threading.Event()
    compare = comparing.compare

    def slow(*args: Any, **kwargs: Any) -> Any:
        began.set()
        go.wait(10)
        return compare(*args, **kwargs)

    monkeypatch.setattr(comparing, "compare", slow)
    first = asyncio.create_task(owner.post(BASE, {"runs": ["support"]}))
    await asyncio.to_thread(began.wait, 10)
    second = await owner.post(BASE, {"runs": ["support"]})
    go.set()
    assert second.status == 429
    assert second.headers["Retry-After"] == "5"
    assert (await first).status == 200
    assert (await owner.post(BASE, {"runs": ["support"]})).status == 200
