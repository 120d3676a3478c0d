"""The owner reads and writes an arena's file; votes of two versions never mix."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.bootstrap.configured import plan_of
from blindarena.settings import load_settings
from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Server_, live_plan, serving

ARENA = """\
# our pilot
title = "Support"
question = "Which?"
reasons = ["good", "bad"]
start_together_s = 0
[prompts]
file = "tickets.csv"
[[contestants]]
name = "Redwood"
deployment = "red"
system = "Be brief."   # keep this comment
[[contestants]]
name = "Bluebell"
deployment = "blue"
"""
FILE = "/api/owner/arenas/support/file"
LIMITS = "\n".join(
    f"{name} = 0"
    for name in (
        "battles_per_session",
        "battles_per_address",
        "sessions_per_address",
        "logins_per_address",
    )
)


def site(folder: Path, upstream: FakeUpstream) -> None:
    (folder / "arenas").mkdir(exist_ok=True)
    deployments = "".join(
        f'[deployments.{name}]\nprovider = "openai-compatible"\nbase_url = "{upstream.url}"\n'
        f'model = "{name}"\n'
        for name in ("red", "blue")
    )
    database = f'[server]\ndatabase = "sqlite:///{folder / "test.db"}"\n'
    (folder / "blindarena.toml").write_text(f"{database}[limits]\n{LIMITS}\n{deployments}")
    (folder / "arenas" / "support.toml").write_text(ARENA)
    (folder / "arenas" / "tickets.csv").write_text("id,prompt,category\nT1,Where is it?,late\n")


def planned(folder: Path):
    return plan_of(load_settings(folder / "blindarena.toml", environ={}))


@pytest.fixture
async def server(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    site(tmp_path, upstream)
    async with serving(planned(tmp_path)) as running:
        yield running


@pytest.fixture
async def owner(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as one:
        yield await logged_in(server, one)


async def logged_in(server: Server_, browser: Browser) -> Browser:
    password = await server.app.sessions.first_password()
    login = await browser.post("/api/owner/login", {"password": password})
    browser.csrf = login.json["csrf_token"]
    return browser


async def write(owner: Browser, text: str, revision: str | None = None):
    if revision is None:
        revision = (await owner.get(FILE)).json["revision"]
    return await owner.post(FILE, {"text": text, "revision": revision})


async def ask(voter: Browser) -> str:
    battle = await voter.battle("support")
    assert (await voter.turn(battle)).events[-1][0] == "turn_done"
    return battle


async def votes(browser: Browser, version: int | None = None) -> int:
    asked = "" if version is None else f"?version={version}"
    board = await browser.get(f"/api/arenas/support/leaderboard{asked}")
    assert board.status == 200, board.text
    return int(board.json["n"])


async def test_the_owner_reads_the_file(server: Server_, owner: Browser) -> None:
    found = (await owner.get(FILE)).json

    assert found["text"] == ARENA
    assert (found["name"], found["version"], found["read_only"]) == ("support.toml", 1, "")
    assert found["parsed"]["contestants"][0]["system"] == "Be brief."
    assert found["problems"] == []
    assert [(v["number"], v["current"], v["votes"]) for v in found["versions"]] == [(1, True, 0)]


async def test_only_the_owner_may(server: Server_, owner: Browser) -> None:
    body = {"text": ARENA, "revision": "0" * 16}
    async with server.browser() as voter:
        await voter.consent("support")
        assert (await voter.get(FILE)).status == 403
        assert (await voter.post(FILE, body)).status == 403
        listed = await voter.get("/api/arenas/support/versions")
        assert listed.status == 200
        assert "Be brief" not in listed.text
    assert (await owner.post(FILE, body, csrf=False)).status == 403
    assert (await owner.get("/api/owner/arenas/nowhere/file")).status == 404


async def test_a_title_is_written_and_no_version_made(
    server: Server_, owner: Browser, tmp_path: Path
) -> None:
    text = ARENA.replace('"Support"', '"Our parcels"').replace("\n", "\r\n")
    done = await write(owner, text)

    assert (done.status, done.json["version"]) == (200, 1)
    path = tmp_path / "arenas" / "support.toml"
    assert path.read_bytes().decode() == text
    assert "keep this comment" in done.json["text"]
    assert (await owner.get("/api/arenas/support")).json["title"] == "Our parcels"
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []
    audit = (await owner.get("/api/owner/audit")).json["lines"]
    assert ("Owner", "Wrote support.toml") in [(line["who"], line["what"]) for line in audit]
    assert not any("compared" in line["what"] for line in audit)


async def test_a_battle_ends_under_the_version_it_began_with(
    server: Server_, owner: Browser, upstream: FakeUpstream
) -> None:
    async with server.browser() as voter, server.browser() as other:
        await voter.consent("support")
        await other.consent("support")
        waiting, begun = await voter.battle("support"), await ask(other)

        changed = await write(owner, ARENA.replace("Be brief.", "Be long."))
        assert (changed.json["version"], len(changed.json["versions"])) == (2, 2)

        upstream.requests.clear()
        assert (await voter.turn(waiting)).events[-1][0] == "turn_done"
        assert "Be brief." in str(upstream.requests)
        assert "Be long." not in str(upstream.requests)
        for browser, battle in ((voter, waiting), (other, begun)):
            reveal = await browser.vote(battle)
            assert {reveal.json[side]["contestant"] for side in "ab"} == {"Redwood", "Bluebell"}
        assert [await votes(voter, v) for v in (None, 1, 2)] == [0, 2, 0]

        me = (await voter.get("/api/arenas/support/me")).json
        assert me["progress"] == {"done": 0, "total": 1}
        upstream.requests.clear()
        await voter.vote(await ask(voter))
        assert "Be long." in str(upstream.requests)
        assert [await votes(voter, v) for v in (None, 1, 2)] == [1, 2, 1]
        rows = (await voter.get("/api/arenas/support/leaderboard?version=1")).json["rows"]
        assert sorted(row["contestant"] for row in rows) == ["Bluebell", "Redwood"]
        assert [row["votes"] for row in rows] == [2, 2]
        assert (await voter.get("/api/arenas/support/leaderboard?version=3")).status == 404
        matrix = (await voter.get("/api/arenas/support/pairs?version=1")).json
        assert len(matrix["contestants"]) == 2
        assert (await voter.get("/api/arenas/support/leaderboard.csv?version=1")).status == 200

        back = await write(owner, ARENA)
        assert back.json["version"] == 1
        assert [await votes(voter, v) for v in (None, 1, 2)] == [2, 2, 1]
    audit = (await owner.get("/api/owner/audit")).json["lines"]
    told = [line["what"] for line in audit if "compared" in line["what"]]
    assert told == [
        "Changed what is compared: back to version 1",
        "Changed what is compared: now version 2",
    ]


async def test_a_battle_keeps_the_prompt_it_began_with(
    server: Server_, owner: Browser, tmp_path: Path, upstream: FakeUpstream
) -> None:
    async with server.browser() as voter:
        await voter.consent("support")
        battle = await voter.battle("support")
        (tmp_path / "arenas" / "tickets.csv").write_text("id,prompt\nT1,Where was it?\n")
        assert (await write(owner, ARENA + "\n")).json["version"] == 2

        upstream.requests.clear()
        assert (await voter.turn(battle)).events[-1][0] == "turn_done"
        assert "Where is it?" in str(upstream.requests)
        assert (await voter.vote(battle)).status == 200
        categories = (await voter.get("/api/arenas/support/leaderboard?version=1")).json
        assert categories["categories"] == ["late"]


async def test_who_writes_what_was_changed_meanwhile_is_told(
    server: Server_, owner: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "arenas" / "support.toml"
    revision = (await owner.get(FILE)).json["revision"]
    path.write_text(ARENA + "# by hand\n")

    refused = await write(owner, ARENA.replace("Support", "Mine"), revision)

    assert (refused.status, refused.json["code"]) == (409, "changed-meanwhile")
    assert "support.toml has been changed" in refused.json["detail"]
    assert path.read_text() == ARENA + "# by hand\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "said"),
    [
        ("question", "qestion", 3, "qestion", 'unknown key "qestion"'),
        ('"blue"', '"green"', 14, "contestants.2.deployment", "not defined in blindarena.toml"),
        ("tickets.csv", "none.csv", 7, "prompts.file", "none.csv can't be read"),
        ('title = "Support"', 'title = "x"\nslug = "y"', 3, "slug", "the arena that runs is"),
        ('"Support"', '"Support', 2, "", "not valid TOML"),
    ],
)
async def test_every_problem_has_its_line_and_nothing_is_written(
    server: Server_,
    owner: Browser,
    tmp_path: Path,
    old: str,
    new: str,
    line: int,
    key: str,
    said: str,
) -> None:
    refused = await write(owner, ARENA.replace(old, new))

    assert (refused.status, refused.json["code"]) == (422, "arena-file")
    [problem] = refused.json["errors"]
    assert (problem["line"], problem["key"]) == (line, key)
    assert said in problem["problem"]
    assert (tmp_path / "arenas" / "support.toml").read_text() == ARENA


async def test_a_file_that_broke_on_the_disk_is_shown_with_its_problems(
    server: Server_, owner: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "arenas" / "support.toml"
    path.write_text(ARENA + "wieght = 1\n")
    found = (await owner.get(FILE)).json
    assert (found["parsed"], found["problems"][0]["line"]) == (None, 15)

    path.unlink()
    gone = (await owner.get(FILE)).json
    assert "can't be read" in gone["problems"][0]["problem"]
    refused = await write(owner, ARENA, "0" * 16)
    assert (refused.status, refused.json["code"]) == (422, "arena-file")


async def test_an_arena_without_a_file_is_read_only(tmp_path: Path, upstream: FakeUpstream) -> None:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
    )
    async with serving(plan) as running, running.browser() as browser:
        await logged_in(running, browser)
        found = (await browser.get("/api/owner/arenas/test/file")).json
        assert "no file" in found["read_only"]
        assert (found["name"], found["versions"]) == (None, [])
        body = {"text": ARENA, "revision": "0" * 16}
        refused = await browser.post("/api/owner/arenas/test/file", body)
        assert (refused.status, refused.json["code"]) == (409, "arena-read-only")


async def test_a_file_that_changed_while_the_server_stood_still(
    tmp_path: Path, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    site(tmp_path, upstream)
    async with serving(planned(tmp_path)) as running, running.browser() as voter:
        await voter.consent("support")
        waiting, cookie = await voter.battle("support"), voter.http.cookie_jar
        other = upstream.url
    path = tmp_path / "arenas" / "support.toml"
    path.write_text(ARENA.replace("Be brief.", "Be long.") + "\nkpi = 1".replace("\nkpi = 1", ""))
    server_file = tmp_path / "blindarena.toml"
    server_file.write_text(server_file.read_text().replace('model = "red"', 'model = "blue"'))

    caplog.set_level("INFO", logger="blindarena")
    async with serving(planned(tmp_path)) as running, running.browser() as again:
        assert other == upstream.url
        again.http.cookie_jar._cookies.update(cookie._cookies)  # type: ignore[attr-defined]
        again.csrf = voter.csrf
        assert "now version 2" in caplog.text
        lines = await running.app.audit.recent(limit=9)
        assert ("Server", "Changed what is compared: now version 2") in [
            (who, what) for _, who, what, _ in lines
        ]
        refused = await again.turn(waiting)
        assert (refused.status, refused.json["code"]) == (409, "battle-state")
        assert "its models are others now" in refused.json["detail"]


async def test_no_file_outside_the_arenas_folder_can_be_read(
    owner: Browser, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_text("the master key of this server, in plain words")
    (tmp_path / "arenas" / "terms.md").write_text("Our own terms.")
    (tmp_path / "arenas" / "link.md").symlink_to(tmp_path / "secret.key")
    for named in ("../secret.key", str(tmp_path / "secret.key"), "link.md", "../no-such-file"):
        for key, text in (
            ("privacy.consent", f'{ARENA}[privacy]\nconsent = "{named}"\n'),
            ("prompts.file", ARENA.replace("tickets.csv", named)),
        ):
            reply = await write(owner, text)
            assert reply.status == 422, reply.text
            (problem,) = reply.json["errors"]
            assert (problem["key"], "outside the folder" in problem["problem"]) == (key, True)
            checked = await owner.post(f"{FILE}/check", {"text": text})
            assert "outside the folder" in checked.text
            assert "master key" not in reply.text + checked.text
    assert (await write(owner, f'{ARENA}[privacy]\nconsent = "terms.md"\n')).status == 200

    (tmp_path / "arenas" / "support.toml").write_text(
        ARENA.replace("tickets.csv", "../arenas/../tickets.csv")
    )
    (tmp_path / "tickets.csv").write_text("id,prompt\nT1,Where is it?\n")
    known = ARENA.replace("tickets.csv", "../tickets.csv")
    assert (await write(owner, known)).status == 200  # whoever runs the server had named it
