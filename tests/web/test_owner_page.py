"""What the owner's page asks beside the older routes: a file's effect beforehand, votes as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Server_, serving
from .test_arena_files import ARENA, logged_in, planned, site, write

CHECK = "/api/owner/arenas/support/file/check"


@pytest.fixture
async def server(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    site(tmp_path, upstream)
    async with serving(planned(tmp_path)) as running:
        yield running


@pytest.fixture
async def owner(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as one:
        yield await logged_in(server, one)


async def told(owner: Browser, text: str) -> tuple[int, int | None, bool]:
    found = (await owner.post(CHECK, {"text": text})).json
    return found["version"], found["becomes"], found["new"]


async def test_what_a_file_would_change_is_told_and_not_done(
    owner: Browser, tmp_path: Path
) -> None:
    other = ARENA.replace("Be brief.", "Be long.")
    assert await told(owner, ARENA) == (1, 1, False)
    assert await told(owner, ARENA.replace("# our pilot", "# a note")) == (1, 1, False)
    assert await told(owner, other) == (1, 2, True)
    broken = (await owner.post(CHECK, {"text": ARENA.replace("question", "qestion")})).json
    assert (broken["becomes"], broken["problems"][0]["line"]) == (None, 3)
    assert (tmp_path / "arenas" / "support.toml").read_text() == ARENA

    assert (await write(owner, other)).json["version"] == 2
    assert await told(owner, ARENA) == (2, 1, False)
    assert await told(owner, ARENA.replace("Be brief.", "Be odd.")) == (2, 3, True)


async def test_votes_as_csv_hold_no_formula(owner: Browser, server: Server_) -> None:
    async with server.browser() as voter:
        await voter.consent("support")
        battle = await voter.battle("support")
        await voter.turn(battle, "Where is it?")
        await voter.vote(battle, reasons=["good"], comment='=HYPERLINK("//evil","x")\nü')
        assert (await voter.get("/api/arenas/support/votes.csv")).status == 403

    reply = await owner.get("/api/arenas/support/votes.csv")

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    [row] = csv.DictReader(io.StringIO(reply.text, newline=""))
    assert row["comment"] == '\'=HYPERLINK("//evil","x")\nü'
    assert row["winner"] == "model_a"
    assert row["reasons"] == '["good"]'
    assert {row["model_a"], row["model_b"]} == {"Redwood", "Bluebell"}
    assert "support: 1 rows, CSV" in (await owner.get("/api/owner/audit")).text
