"""The decision report of an arena whose votes lie in a database."""

import asyncio
import json
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blindarena.bootstrap.reports import report_beside
from blindarena.domain.arenas import VoterGroup
from blindarena.domain.battles import OUTCOMES
from blindarena.domain.usable import JudgedSide, SideUse
from blindarena.errors import ConfigError, InvalidInputError, StorageError
from blindarena.leaderboard.public import verify_snapshot
from blindarena.leaderboard.reporting.facts import Report
from blindarena.leaderboard.reporting.making import json_of
from blindarena.leaderboard.reporting.page import html_of
from blindarena.settings import Server, Settings
from blindarena.storage import Database
from storage.builders import World, answer, record, turn, vote, world

COMMENT = "Kind & clear <script>alert(1)</script>"


async def cast(w: World, n: int, rng: np.random.Generator) -> None:
    """Cast votes of six voters; a lower number wins more often and is sent more often."""
    for i in range(n):
        a, b = rng.choice(3, size=2, replace=False).tolist()
        voter = f"pseudonym-{rng.integers(6)}"
        battle = await w.battle(a, b, voter=voter, prompt_id=w.prompts[rng.integers(2)].id)
        made = turn(battle)
        await w.database.battles.start_turn(made)
        answers = [
            answer(made, battle, side, cost_usd=None if who == 2 else 0.01 * (1 + who), ttft_s=0.5)
            for side, who in (("a", a), ("b", b))
        ]
        await w.database.battles.end_turn(
            made.id, answers, status="complete", battle_status="votable"
        )
        odds = [0.6, 0.15, 0.15, 0.1] if a < b else [0.15, 0.6, 0.15, 0.1]
        said = vote(
            battle,
            OUTCOMES[rng.choice(4, p=odds)],
            category=("refunds", "delivery")[rng.integers(2)],
            reasons=("kind",),
            comment=COMMENT if i == 0 else "",
            excluded=_out(i),
        )
        usable = [
            JudgedSide(side, w.contestants[who].id, SideUse("never" if who > i % 3 else "as_is"))
            for side, who in (("a", a), ("b", b))
        ]
        await record(w.database, battle, said, usable=usable)


def _out(i: int) -> str | None:
    """Return why a vote does not count: five give an identity away, one was replaced."""
    return "identity-leak" if i % 12 == 5 else "retracted" if i == 20 else None


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """Give a database with 60 votes, to be copied: writing them takes its time."""
    path = tmp_path_factory.mktemp("reported") / "reports.db"

    async def write() -> World:
        database = await Database.open(f"sqlite:///{path}")
        await database.migrate()
        w = await world(database)
        w.arena = replace(
            w.arena,
            question="Which one may draft our replies?",
            min_votes=5,
            margin=50.0,
            kpi_since=datetime(2026, 1, 1, tzinfo=UTC),
            usable_answer=True,
            groups=(VoterGroup("day shift", 8),),
            reasons=("kind", "short"),
        )
        await database.arenas.put(w.arena, w.contestants, w.prompts)
        await cast(w, 60, np.random.default_rng(1))
        await database.close()
        return w

    return path, asyncio.run(write())


def copy_of(voted: tuple[Path, World], folder: Path) -> Settings:
    shutil.copyfile(voted[0], folder / "reports.db")
    return Settings(server=Server(database=f"sqlite:///{folder / 'reports.db'}"), root=folder)


@pytest.fixture
def settings(voted: tuple[Path, World], tmp_path: Path) -> Settings:
    return copy_of(voted, tmp_path)


@dataclass(frozen=True)
class Told:
    """The same report without comments and with them, and the database that it was made from."""

    plain: Report
    worded: Report
    settings: Settings
    folder: Path
    world: World

    @property
    def names(self) -> list[str]:
        """The contestants, the best one first."""
        return [contestant.name for contestant in self.world.contestants]


@pytest.fixture(scope="module")
def told(voted: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told")
    settings = copy_of(voted, folder)
    plain = asyncio.run(report_beside("s", settings))
    worded = asyncio.run(report_beside("s", settings, with_comments=True))
    return Told(plain, worded, settings, folder, voted[1])


async def configure(settings: Settings, there: World, **changed: Any) -> None:
    database = await Database.open(settings.server.database)
    await database.arenas.put(replace(there.arena, **changed), there.contestants, there.prompts)
    await database.close()


class Tags(HTMLParser):
    """The tags of a page, and what they point at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]


def texts(report: Report) -> tuple[str, str]:
    return html_of(report), json_of(report)


def test_the_report_tells_all_that_was_voted(told: Told) -> None:
    made = told.plain

    assert (made.kpi.votes, made.voters.votes, made.voters.voters) == (54, 54, 6)
    declared = "declared on 1 January 2026, before the first of the 54 votes"
    assert made.kpi.sentence.endswith(declared)
    assert made.recommendation.leader == told.names[0]
    assert [one.name for one in made.contestants] == told.names
    assert all(one.rank_low is not None for one in made.contestants)
    assert (made.contestants[2].cost_usd.value, made.contestants[2].sendable is None) == (
        None,
        False,
    )
    assert made.exclusions.by_reason == {"identity-leak": 5}
    assert made.exclusions.sentence.startswith("5 votes of 59 do not count.")
    assert made.exclusions.sentence.endswith("1 vote gave way to a later one of the same voter.")
    assert len(made.exclusions.rows) == 3
    assert [one.name for one in made.categories.categories] == ["delivery", "refunds"]
    assert made.agreement[0].pairs > 0
    assert [group.voters for group in made.voters.groups] == [0, 6]
    assert sum(one.won for one in made.reasons) == sum(one.lost for one in made.reasons)
    assert any("Only 6 people voted" in limit for limit in made.limits)
    assert json.loads(json_of(made))["recommendation"]["sentence"] == made.recommendation.sentence


def test_the_page_needs_nothing_from_elsewhere_and_says_unknown(told: Told) -> None:
    page = html_of(told.plain)
    found = Tags(page)

    assert found.links == []
    assert not {"script", "img", "iframe", "link"} & set(found.tags)
    assert found.tags.count("h1") == 1
    assert "default-src 'none'" in page
    assert "Which one may draft our replies?" in page
    unknown = rf'{told.names[2]}</th>\s*<td class="r">unknown</td>'
    assert re.search(unknown, page), "what it costs is"
    assert "Signature" in page


def test_voters_and_their_words_stay_out_unless_asked_for(told: Told) -> None:
    for text in (*texts(told.plain), *texts(told.worded)):
        assert "pseudonym-" not in text
        assert "Ticket" not in text
    assert told.plain.comments is None
    assert not any("Kind &" in text for text in texts(told.plain))
    assert told.worded.comments is not None
    assert [one.text for one in told.worded.comments] == [COMMENT]
    assert "Kind &amp; clear &lt;script&gt;" in html_of(told.worded)


async def test_the_board_behind_it_can_be_verified_and_is_kept_once(told: Told) -> None:
    made, arena, folder = told.plain, told.world.arena, told.folder

    assert told.worded.making.snapshot == made.making.snapshot is not None
    database = await Database.open(told.settings.server.database)
    (head,) = await database.snapshots.heads(arena.id, limit=10)
    kept = await database.snapshots.get(arena.id, head.id)
    await database.export_votes(arena.id, folder / "votes.parquet")
    await database.close()
    assert kept is not None
    assert (head.data_hash, head.data_hash[:16]) == (made.making.data_hash, made.data_hash)
    (folder / "snapshot.json").write_text(kept.document)
    assert verify_snapshot(folder / "snapshot.json", folder / "votes.parquet").holds
    assert made.making.commands[-1] == "blindarena rank s-votes.parquet --verify snapshot.json"


async def test_another_kpi_decides_and_the_rating_is_information(
    settings: Settings, voted: tuple[Path, World]
) -> None:
    late = datetime(2030, 1, 1, tzinfo=UTC)
    await configure(
        settings, voted[1], kpi="sendable_rate", kpi_margin=0.05, margin=None, kpi_since=late
    )

    made = await report_beside("s", settings)

    assert (made.kpi.unit, made.kpi.margin, made.kpi.votes_after) == ("share", 0.05, 0)
    first = made.contestants[0]
    assert (first.kpi, first.kpi.value) == (first.sendable, 1.0)
    assert made.recommendation.leader == voted[1].contestants[0].name
    notes = " ".join(made.recommendation.notes)
    assert "when 54 of the 54 votes had been cast: whoever chose it could have known them" in notes
    assert "The rating below is information" in notes
    assert "Can be sent" in html_of(made)


async def test_without_votes_it_says_so(tmp_path: Path) -> None:
    settings = Settings(server=Server(database=f"sqlite:///{tmp_path / 'empty.db'}"), root=tmp_path)
    database = await Database.open(settings.server.database)
    await database.migrate()
    await world(database, slug="empty")
    await database.close()

    made = await report_beside("empty", settings)

    assert made.recommendation.sentence == "No decision yet: there are no votes that count."
    assert (made.voters.voters, made.making.snapshot, made.making.commands) == (0, None, ())
    assert "There is no board yet" in html_of(made)


async def test_what_cannot_be_reported_is_refused_with_the_cure(
    settings: Settings, voted: tuple[Path, World], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match='no arena "t"; it has: s'):
        await report_beside("t", settings)
    with pytest.raises(ConfigError, match='--version 3: "s" has the versions: none'):
        await report_beside("s", settings, version=3)
    await configure(settings, voted[1], read_only=True)
    with pytest.raises(InvalidInputError, match="a published board"):
        await report_beside("s", settings)
    nowhere = Settings(server=Server(database=f"sqlite:///{tmp_path / 'no.db'}"), root=tmp_path)
    with pytest.raises(StorageError, match="there is no SQLite file"):
        await report_beside("s", nowhere)
