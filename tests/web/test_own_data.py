"""A voter's own data over HTTP, the command line beside the server, and the retention clock."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from blindarena import verify_snapshot
from blindarena.arena.privacy import PrivacyService
from blindarena.bootstrap.retention import RetentionClock
from blindarena.cli import app as command
from blindarena.domain.ids import uuid7
from blindarena.domain.judge_votes import JudgeVote
from blindarena.domain.privacy import Erased, erased_on
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.leaderboard.row_boards import Ask
from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Server_, live_plan, serving

SECRET = "Zebra-Quill-4711"


async def voted(browser: Browser) -> str:
    """Vote on a battle whose texts hold the secret."""
    battle = await browser.battle()
    await browser.turn(battle, f"I am {SECRET}")
    assert (await browser.vote(battle, comment=f"{SECRET} likes it")).status == 200
    return battle


def on_disk(folder: Path) -> str:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return "".join(one.decode("utf-8", "replace") for one in files)


def privacy_at(server: Server_, at: datetime) -> PrivacyService:
    """Return the application's service under another clock."""
    app = server.app
    return PrivacyService(
        data=app._database.voter_data,
        raters=app._database.judge_votes,
        pool=app.pool,
        sessions=app.sessions,
        vault=app._database.vault,
        audit=app._database.audit,
        now=lambda: at,
        forget=app.battles.forget,
    )


async def test_a_voter_sees_takes_along_and_erases_what_is_stored(
    browser: Browser, server: Server_, tmp_path: Path
) -> None:
    await voted(browser)
    open_one = await browser.battle()
    await browser.turn(open_one, f"Still {SECRET}")
    async with server.browser() as other:
        await other.consent()
        kept = await other.battle()
        await other.turn(kept, "mine stays")

        seen = (await browser.get("/api/me/data")).json
        assert [(one["arena"], one["battles"], one["votes"]) for one in seen["arenas"]] == [
            ("test", 2, 1)
        ]
        reply = await browser.get("/api/me/data.json")
        assert "attachment" in reply.headers["Content-Disposition"]
        stored = reply.json["arenas"][0]["stored"]
        assert {turn["content"] for turn in stored["turns"]} == {
            f"I am {SECRET}",
            f"Still {SECRET}",
        }
        assert stored["votes"][0]["comment"] == f"{SECRET} likes it"
        assert "mine stays" not in reply.text
        by_id = {one["id"]: one for one in stored["battles"]}
        assert "contestant_a" not in by_id[open_one], "it would tell before the vote"
        assert sum("contestant_a" in one for one in by_id.values()) == 1
        secret_answers = [a for a in stored["answers"] if "deployment" not in a]
        assert len(secret_answers) == 2

        before = (await browser.get("/api/arenas/test/leaderboard")).json
        refused = await erase_without_csrf(browser)
        assert refused == 403
        done = await browser.post("/api/me/erase")
        assert done.json == {"battles": 2, "votes": 1}
        assert (await browser.get("/api/session")).json is None
        assert (await browser.get(f"/api/battles/{open_one}")).status == 403
        after = (await other.get("/api/arenas/test/leaderboard")).json
        assert (after["n"], after["data_hash"]) == (before["n"], before["data_hash"])
        assert (await other.get(f"/api/battles/{kept}")).json["turns"][0]["content"] == "mine stays"

    found = on_disk(tmp_path)
    assert "mine stays" in found
    assert SECRET not in found
    assert (await server.app.audit.recent(limit=1))[0][1:] == (
        "Voter",
        "Erased a voter",
        "test: 2 battles and 1 vote of 1 voter",
    )


async def erase_without_csrf(browser: Browser) -> int:
    csrf, browser.csrf = browser.csrf, ""
    try:
        return (await browser.post("/api/me/erase")).status
    finally:
        browser.csrf = csrf


async def test_who_has_left_nothing_makes_nobody_write_the_file_anew(
    browser: Browser, server: Server_, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed = []

    async def scrub() -> None:
        scrubbed.append(1)

    monkeypatch.setattr(server.app._database.voter_data, "scrub", scrub)
    async with server.browser() as other:
        await other.consent()
        assert (await other.post("/api/me/erase")).status == 200
        assert (await other.get("/api/session")).json is None
        assert scrubbed == []
    await voted(browser)
    assert (await browser.post("/api/me/erase")).json == {"battles": 1, "votes": 1}
    assert scrubbed == [1]


async def test_the_command_line_exports_and_erases_beside_the_server(
    browser: Browser, server: Server_, tmp_path: Path
) -> None:
    await voted(browser)
    pseudonym = (await browser.get("/api/me/data")).json["arenas"][0]["pseudonym"]
    url = f"sqlite:///{tmp_path / 'test.db'}"
    out = tmp_path / "voter.json"

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(
            CliRunner().invoke, command, ["privacy", *arguments, "--database", url]
        )

    result = await run("export", pseudonym[:8], "--out", str(out))
    assert result.exit_code == 0, result.output
    exported = json.loads(out.read_text(encoding="utf-8"))
    out.unlink()
    assert exported["pseudonym"] == pseudonym
    assert exported["stored"]["votes"][0]["comment"] == f"{SECRET} likes it"
    assert sorted(exported["contestants"].values()) == ["Bluebell", "Redwood"]

    result = await run("erase", pseudonym, "--arena", "test", "--yes", "--json")
    assert json.loads(result.output) == {"arena": "test", "battles": 1, "votes": 1}
    assert SECRET not in on_disk(tmp_path)
    assert (await browser.consent()).status == 200, "the server still knew the erased session"
    assert (await browser.get("/api/me/data")).json["arenas"] == []
    result = await run("erase", pseudonym, "--yes")
    assert isinstance(result.exception, NotFoundError)
    assert (await run("sweep")).output == "nothing is too old\n"
    assert "Record of processing" in (await run("record")).output


async def test_what_is_too_old_is_deleted_and_the_rest_stays(
    upstream: FakeUpstream, tmp_path: Path
) -> None:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        retention_days=30,
    )
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        await voted(browser)
        salt = f"voter-salt:{(await server.app.pool.by_slug('test')).id}"
        assert await server.app._database.vault.get(salt) is not None
        today = datetime.now(UTC)

        assert await privacy_at(server, today + timedelta(days=29)).sweep() == {}
        assert SECRET in on_disk(tmp_path)
        late = privacy_at(server, today + timedelta(days=32))
        assert await late.sweep() == {"test": Erased(battles=1, votes=1, voters=1)}
        assert await late.sweep(force=True) == {}

        assert SECRET not in on_disk(tmp_path)
        board = (await browser.get("/api/arenas/test/leaderboard")).json
        assert board["n"] == 1
        assert await server.app._database.vault.get(salt) is None
        what = [line[2] for line in await server.app.audit.recent(limit=2)]
        assert what[0] == "Destroyed the key of the pseudonyms"
        assert what[1].startswith("Deleted texts of before 20")
        assert (await browser.get("/api/me/data")).json["code"] == "consent-required"


async def test_the_clock_sweeps_at_the_start_and_every_hour() -> None:
    swept: list[str] = []
    waited: list[float] = []
    done = asyncio.Event()

    class Counting:
        async def sweep(self) -> dict[str, Erased]:
            swept.append("swept")
            if len(swept) == 2:
                raise InvalidInputError("a failure is no end")
            return {"support": Erased(1, 1, 1)}

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            done.set()
            await asyncio.Event().wait()

    clock = RetentionClock(Counting(), sleep=sleep)  # type: ignore[arg-type]
    clock.start()
    await done.wait()
    await clock.close()
    assert (len(swept), waited) == (3, [3600.0] * 3)


@pytest.mark.parametrize(("said", "error"), [("abc", InvalidInputError), ("f" * 8, NotFoundError)])
async def test_a_voter_who_is_not_known(server: Server_, said: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await server.app.privacy.find(said)


async def test_a_kept_board_verifies_after_an_erasure(
    browser: Browser, server: Server_, tmp_path: Path
) -> None:
    async with server.browser() as other:
        await other.consent()
        for who in (browser, other):
            for outcome in ("model_a", "model_b", "tie"):
                battle = await who.battle()
                await who.turn(battle, f"I am {SECRET}")
                assert (await who.vote(battle, outcome, comment=SECRET)).status == 200
    arena = await server.app.pool.by_slug("test")
    head = await server.app.desk.take(arena, Ask(cluster="voter"), category="")
    board = tmp_path / "board.json"
    board.write_text((await server.app.desk.snapshot(arena, head.id)).document, encoding="utf-8")
    votes = tmp_path / "votes.parquet"
    await server.app.export_votes(arena, votes)
    assert SECRET in json.dumps(pq.read_table(votes).to_pylist(), default=str)
    before = verify_snapshot(board, votes)
    assert before.verdict == "The snapshot holds: every number is identical."

    await browser.post("/api/me/erase")

    await server.app.export_votes(arena, votes)
    after = verify_snapshot(board, votes)
    assert (after.holds, after.erased) == (True, 3)
    assert after.verdict == "The snapshot holds within 1e-09 Elo. 3 votes erased since."
    rows = pq.read_table(votes).to_pylist()
    assert sorted(row["comment"] for row in rows) == ["", "", "", SECRET, SECRET, SECRET]
    assert len({row["voter"] for row in rows}) == 2


async def test_votes_on_judged_pairs_are_taken_along_and_cut_loose(
    browser: Browser, server: Server_, tmp_path: Path
) -> None:
    app = server.app
    session = await app.sessions.require(
        next(one.value for one in browser.http.cookie_jar if one.key == "blindarena_session")
    )
    rater = await app.sessions.rater(session)
    for who in (rater, "b" * 24):
        await app._database.judge_votes.add(
            JudgeVote(
                id=uuid7(),
                run="support",
                item="i",
                question_id="q1",
                turn=1,
                model_a="Alder",
                model_b="Birch",
                outcome="tie",
                blind=True,
                rater=who,
                at=datetime.now(UTC),
            )
        )
    told = (await browser.get("/api/me/data.json")).json["judge_votes"]
    assert [(one["run"], one["outcome"], one["rater"]) for one in told] == [
        ("support", "tie", rater)
    ]
    url = f"sqlite:///{tmp_path / 'test.db'}"
    run = CliRunner().invoke
    export = ["privacy", "export", "b" * 8, "--database", url]
    listed = await asyncio.to_thread(run, command, export)
    assert json.loads(listed.stdout)["stored"]["judge_votes"][0]["outcome"] == "tie"
    erase = ["privacy", "erase", "b" * 8, "--yes", "--json", "--database", url]
    gone = await asyncio.to_thread(run, command, erase)
    assert json.loads(gone.stdout) == {"arena": None, "battles": 0, "votes": 1}

    assert (await browser.post("/api/me/erase")).json["votes"] == 1
    left = {vote.rater for vote in await app._database.judge_votes.counted("support")}
    assert len(left) == 2, "two people stay two"
    assert all(erased_on(one) for one in left)
    assert (await app.audit.recent(limit=1))[0][2] == "Erased a rater of judged pairs"
