"""Boards of an arena whose votes lie in a database: dated, kept, verified, daily."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from blindarena.arena.pool import ContestantPool
from blindarena.bootstrap.boards import BoardDesk
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import OUTCOMES
from blindarena.domain.boards import PairCount
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.leaderboard.public import verify_snapshot
from blindarena.leaderboard.row_boards import Ask
from blindarena.leaderboard.views import Which
from blindarena.storage import Database
from storage.builders import START, World, answer, turn, world


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.at = START + timedelta(days=30)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Made:
    """An arena with votes, and its boards."""

    world: World
    database: Database
    desk: BoardDesk
    clock: Clock

    @property
    def arena(self) -> Arena:
        return self.world.arena

    async def idle(self) -> None:
        await self.desk._dated_jobs.idle()
        await self.desk._live_jobs.idle()

    async def dated(self, ask: Ask, category: str = "") -> object:
        return await self.desk.dated_board(self.arena, ask, population="people", category=category)


async def cast(w: World, n: int, rng: np.random.Generator) -> None:
    """Cast votes of few voters in two categories; a lower number wins more often."""
    for _ in range(n):
        a, b = rng.choice(3, size=2, replace=False).tolist()
        voter, prompt = f"v{rng.integers(4)}", w.prompts[rng.integers(2)].id
        battle = await w.battle(a, b, voter=voter, prompt_id=prompt, probability=1 / 3)
        made = turn(battle)
        await w.database.battles.start_turn(made)
        answers = [
            answer(
                made,
                battle,
                side,
                text="word " * int(rng.integers(1, 9)),
                cost_usd=0.01 * (1 + contestant),
                ttft_s=0.5,
                seconds=1.5,
            )
            for side, contestant in (("a", a), ("b", b))
        ]
        await w.database.battles.end_turn(
            made.id, answers, status="complete", battle_status="votable"
        )
        odds = [0.5, 0.2, 0.2, 0.1] if a < b else [0.2, 0.5, 0.2, 0.1]
        outcome = OUTCOMES[rng.choice(4, p=odds)]
        excluded = "identity-leak" if rng.random() < 0.1 else None
        category = ("refunds", "delivery")[rng.integers(2)]
        await w.record(battle, outcome, category=category, excluded=excluded)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """Give a database with 60 votes, to be copied: writing them takes its time."""
    path = tmp_path_factory.mktemp("voted") / "boards.db"

    async def write() -> World:
        database = await Database.open(f"sqlite:///{path}")
        await database.migrate()
        w = await world(database)
        w.arena = replace(w.arena, min_votes=5, margin=50.0, anchor=("model 1", 1200.0))
        await database.arenas.put(w.arena, w.contestants, w.prompts)
        await cast(w, 60, np.random.default_rng(1))
        await database.close()
        return w

    return path, asyncio.run(write())


@pytest.fixture
async def made(voted: tuple[Path, World], tmp_path: Path) -> AsyncIterator[Made]:
    source, there = voted
    shutil.copyfile(source, tmp_path / "boards.db")
    database = await Database.open(f"sqlite:///{tmp_path / 'boards.db'}")
    clock = Clock()
    desk = desk_of(database, clock)
    yield Made(replace(there, database=database), database, desk, clock)
    await desk.close()
    await database.close()


def desk_of(database: Database, clock: Clock) -> BoardDesk:
    pool = ContestantPool(arenas=database.arenas, models=None)  # type: ignore[arg-type]
    return BoardDesk(database, pool, now=clock)


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(method="davidson", cluster="voter"),
        Ask(cluster="prompt", weighted=True),
        Ask(method="elo"),
        Ask(method="contextual"),
        Ask(categories=True),
    ],
    ids=lambda ask: f"{ask.method}-{ask.cluster}-{ask.categories}",
)
async def test_a_kept_board_follows_from_the_owners_export(
    made: Made, ask: Ask, tmp_path: Path
) -> None:
    head = await made.desk.take(made.arena, ask, category="")

    document = (await made.desk.snapshot(made.arena, head.id)).document
    (tmp_path / "board.json").write_text(document)
    await made.database.export_votes(made.arena.id, tmp_path / "votes.parquet", version=1)
    found = verify_snapshot(tmp_path / "board.json", tmp_path / "votes.parquet")

    assert found.holds, found.differences
    assert not found.changed_versions
    content = json.loads(document)
    assert content["excluded"]["excluded: identity-leak"] > 0
    assert content["n"] + content["excluded"]["excluded: identity-leak"] == 60


async def test_a_dated_board_is_computed_once_and_kept(made: Made) -> None:
    ask = Ask(style=True, cluster="voter")
    first = await made.dated(ask)
    assert (first.status, first.rows, first.dated) == ("computing", (), True)

    await made.idle()
    board = await made.dated(ask)

    assert (board.status, board.method_key) == ("ready", "bt")
    assert {row.contestant for row in board.rows} == {"model 0", "model 1", "model 2"}
    assert [one.feature for one in board.style_coefficients] == ["words"]
    assert board.anchor == "model 1 = 1200"
    assert any("effective clusters" in line for line in board.warnings)
    assert board.rows[0].avg_cost_usd is not None
    [head] = await made.desk.archive.heads(made.arena)
    assert (board.snapshot_id, head.origin) == (str(head.id), "viewed")


async def test_new_votes_are_taken_in_after_a_while(made: Made) -> None:
    ask = Ask(cluster="voter")
    await made.dated(ask)
    await made.idle()
    old = await made.dated(ask)
    await cast(made.world, 5, np.random.default_rng(2))

    made.clock.at += timedelta(minutes=9)
    await made.dated(ask)
    await made.idle()
    assert (await made.dated(ask)).snapshot_id == old.snapshot_id

    made.clock.at += timedelta(minutes=1)
    meanwhile = await made.dated(ask)
    assert (meanwhile.status, meanwhile.n) == ("ready", old.n)
    await made.idle()
    new = await made.dated(ask)

    assert new.n > old.n
    assert new.snapshot_id != old.snapshot_id


async def test_the_same_votes_are_not_kept_twice(made: Made) -> None:
    ask = Ask(cluster="voter")
    await made.dated(ask)
    await made.idle()
    await made.world.votable()  # answers without a vote: the arena has changed, its votes have not

    made.clock.at += timedelta(hours=1)
    await made.dated(ask)
    await made.idle()

    assert len(await made.desk.archive.heads(made.arena)) == 1


async def test_after_a_restart_the_kept_board_is_shown_at_once(made: Made) -> None:
    ask = Ask(cluster="voter")
    await made.dated(ask)
    await made.idle()
    before = await made.dated(ask)
    again = desk_of(made.database, made.clock)

    board = await again.dated_board(made.arena, ask, population="people", category="")

    assert board == before
    await again.close()


async def test_what_does_not_go_together_is_a_sentence(made: Made) -> None:
    board = await made.dated(Ask(method="elo", cluster="voter"))

    assert (board.status, board.rows) == ("none", ())
    assert "no cluster interval" in board.warnings[0]
    with pytest.raises(InvalidInputError, match="no cluster interval"):
        await made.desk.take(made.arena, Ask(method="elo", cluster="voter"), category="")


async def test_an_unchanging_style_is_a_sentence(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'same.db'}")
    await database.migrate()
    w = await world(database)
    desk = desk_of(database, Clock())
    made = Made(w, database, desk, Clock())

    empty = await made.dated(Ask(style=True))
    await made.idle()
    empty = await made.dated(Ask(style=True))
    assert (empty.status, empty.warnings) == ("none", ("There are no votes yet.",))

    for a, b in ((0, 1), (1, 2), (2, 0)):
        await w.record(await w.votable(a, b))
    again = desk_of(database, Clock())
    made.desk = again
    await made.dated(Ask(style=True))
    await made.idle()
    board = await made.dated(Ask(style=True))
    assert board.status == "none"
    assert "never differ between the answers" in board.warnings[0]
    await desk.close()
    await again.close()
    await database.close()


async def test_categories_and_what_they_are_worth(made: Made) -> None:
    computing = await made.desk.categories_fit(made.arena, population="people")
    assert computing.status == "computing"
    await made.idle()
    found = await made.desk.categories_fit(made.arena, population="people")

    assert found.status == "ready"
    assert [one.category for one in found.categories] == ["delivery", "refunds"]
    assert sum(one.n for one in found.categories) == found.n
    assert all(one.log_loss_global is not None for one in found.categories)
    assert found.one_ranking_suffices in (True, False)
    simulated = await made.desk.categories_fit(made.arena, population="simulated")
    assert simulated.status == "none"

    board = await made.dated(Ask(categories=True), category="refunds")
    assert board.category == "refunds"
    assert board.n == next(one.n for one in found.categories if one.category == "refunds")
    missing = await made.dated(Ask(categories=True), category="unheard of")
    assert (missing.status, missing.warnings) == (
        "none",
        ("No vote has the category 'unheard of'.",),
    )


async def test_excluded_votes_count_where_they_are_asked_for(made: Made) -> None:
    live = await made.desk.live_board(made.arena, Which(population="people"))
    both = await made.desk.live_board(made.arena, Which(population="people", with_excluded=True))
    assert (both.n, live.n + live.excluded["identity-leak"]) == (60, 60)

    ask = Ask(cluster="voter", with_excluded=True)
    await made.dated(ask)
    await made.idle()
    dated = await made.dated(ask)
    assert (dated.n, dated.snapshot_id) == (60, None)


async def test_one_board_a_day_makes_a_history(made: Made) -> None:
    first = await made.desk.keep_daily(made.arena)
    assert first is not None
    assert await made.desk.keep_daily(made.arena) is None  # not twice a day

    made.clock.at += timedelta(days=1)
    assert await made.desk.keep_daily(made.arena) is None  # nothing new
    await cast(made.world, 5, np.random.default_rng(3))
    second = await made.desk.keep_daily(made.arena)
    assert second is not None

    series = await made.desk.history(made.arena, ["model 1"])
    [one] = series
    assert one.contestant == "model 1"
    assert [point.at for point in one.points] == [first.created_at, second.created_at]
    assert [point.rating for point in one.points] == pytest.approx([1200.0, 1200.0])
    assert len(await made.desk.history(made.arena, None)) == 3


async def test_a_kept_board_is_of_its_arena(made: Made) -> None:
    head = await made.desk.take(made.arena, Ask(), category="")
    other = await world(made.database, slug="other")

    with pytest.raises(NotFoundError, match="there is no snapshot"):
        await made.desk.snapshot(other.arena, head.id)


async def test_a_board_of_a_category_is_kept_with_its_own_number_of_votes(made: Made) -> None:
    ask = Ask(categories=True)
    head = await made.desk.take(made.arena, ask, category="refunds")

    content = json.loads((await made.desk.snapshot(made.arena, head.id)).document)
    [part] = [one for one in content["boards"] if one["category"] == "refunds"]
    assert (head.n, head.data_hash) == (part["n"], part["data_hash"])
    assert head.n < content["n"]
    with pytest.raises(InvalidInputError, match="no vote has the category 'none'"):
        await made.desk.take(made.arena, ask, category="none")


async def test_boards_of_counts_say_what_they_cannot_have(made: Made) -> None:
    await made.database.counts.add(
        made.arena.id,
        [PairCount(made.world.contestants[0].id, made.world.contestants[1].id, 3, 4, 1, 0)],
        population="simulated",
    )
    board = await made.desk.dated_board(
        made.arena, Ask(style=True), population="simulated", category=""
    )

    assert (board.status, board.population) == ("none", "simulated")
    assert "one by one" in board.warnings[0]


async def test_the_daily_board_comes_by_itself_and_ends_with_the_desk(made: Made) -> None:
    made.desk.start()
    for _ in range(200):
        if await made.desk.archive.heads(made.arena):
            break
        await asyncio.sleep(0.02)

    [head] = await made.desk.archive.heads(made.arena)
    assert head.origin == "daily"


async def test_decision_and_front_of_the_votes(made: Made) -> None:
    found = await made.desk.decision(made.arena, Which(population="people"))
    front = await made.desk.front(made.arena, Which(population="people"), "cost")

    assert (found.margin, found.margin_declared) == (50.0, True)
    assert len(found.pairs) == 3
    assert found.spend_usd is not None
    assert {point.contestant for point in front.points} == {"model 0", "model 1", "model 2"}
    assert front.unknown == ()
