from dataclasses import asdict, fields, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from board_cases import ARENA, NOW, CountsInMemory, contestants, pair

from blindarena.domain.boards import ContestantStats, PairCount
from blindarena.leaderboard import live
from blindarena.leaderboard.board import Board, Row
from blindarena.leaderboard.live import LiveLeaderboard
from blindarena.leaderboard.usable import USABLE_COLUMNS, LiveRow
from blindarena.ranking import (
    ELO_PER_NAT,
    PairCounts,
    fit_bradley_terry,
    sandwich_covariance,
)
from blindarena.votes.counts_csv import read_pair_counts
from blindarena.web.api import schemas

ABC = contestants("a", "b", "c")
THREE = (pair(0, 1, 60, 30, 8, 2), pair(1, 2, 50, 40, 5, 5), pair(0, 2, 70, 20, 0, 10))


def row_of(board: Board, name: str) -> Row:
    return next(row for row in board.rows if row.contestant == name)


def test_a_board_has_the_fields_of_the_api() -> None:
    assert [f.name for f in fields(LiveRow)] == list(schemas.Row.model_fields)
    assert list(USABLE_COLUMNS) == list(schemas.UsableOut.model_fields)
    assert [f.name for f in fields(Board)] == list(schemas.Board.model_fields)


async def test_ratings_intervals_and_counts() -> None:
    board = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        ARENA, ABC, population="people", now=NOW
    )
    counts = PairCounts(
        3,
        np.array([0, 1, 0]),
        np.array([1, 2, 2]),
        np.array([60, 50, 70]),
        np.array([30, 40, 20]),
        np.array([10, 10, 10]),
    )
    theta = fit_bradley_terry(counts).theta
    half = 1.959963984540054 * np.sqrt(sandwich_covariance(counts, theta).diagonal())

    assert [row.contestant for row in board.rows] == ["a", "b", "c"]
    for row, strength, width in zip(board.rows, theta, half, strict=True):
        assert row.rating == pytest.approx(1000 + ELO_PER_NAT * strength)
        assert row.lower == pytest.approx(1000 + ELO_PER_NAT * (strength - width))
        assert row.upper == pytest.approx(1000 + ELO_PER_NAT * (strength + width))
        assert (row.rank_low, row.rank_high) == (None, None)
    first = board.rows[0]
    assert (first.votes, first.wins, first.losses, first.ties, first.both_bad) == (
        200,
        130,
        50,
        8,
        12,
    )
    assert first.win_rate == pytest.approx((130 + 20 / 2) / 200)
    assert [row.rank for row in board.rows] == [1, 2, 2]
    assert (board.n, board.computed_at, board.arena) == (300, NOW, "test")
    assert (board.anchor, board.thinned_from, board.seed) == (None, None, None)
    schemas.Board.model_validate(asdict(board))


async def test_an_anchor_has_its_rating_and_a_width() -> None:
    arena = replace(ARENA, anchor=("b", 1114.0))

    board = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        arena, ABC, population="people", now=NOW
    )

    anchored = row_of(board, "b")
    assert anchored.rating == pytest.approx(1114)
    assert anchored.lower is not None
    assert anchored.lower < 1100
    assert board.anchor == "b = 1114"


async def test_an_anchor_that_is_not_rated_is_not_claimed() -> None:
    arena = replace(ARENA, anchor=("d", 1114.0))

    board = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        arena, contestants("a", "b", "c", "d"), population="people", now=NOW
    )

    assert board.anchor is None
    assert np.mean([row.rating for row in board.rows if row.rating]) == pytest.approx(1000)


async def test_few_votes_make_a_row_preliminary_and_move_nobody() -> None:
    four = contestants("a", "b", "c", "new")
    counts = CountsInMemory(*THREE)
    before = await LiveLeaderboard(counts).board(ARENA, ABC, population="people", now=NOW)
    await counts.add(ARENA.id, [pair(0, 3, 4, 3, 0, 0)], population="people")

    board = await LiveLeaderboard(counts).board(ARENA, four, population="people", now=NOW)

    new = row_of(board, "new")
    assert new.rating is not None
    assert (new.rank, new.preliminary, new.needs_votes, new.votes) == (None, True, 43, 7)
    for row in before.rows:
        after = row_of(board, row.contestant)
        assert after.rating == pytest.approx(row.rating)
        assert after.upper == pytest.approx(row.upper)
        assert after.rank == row.rank


async def test_a_preliminary_leader_takes_no_rank_from_the_others() -> None:
    counts = CountsInMemory(*THREE, pair(0, 3, 1, 40, 0, 0), pair(1, 3, 1, 7, 0, 0))

    board = await LiveLeaderboard(counts).board(
        ARENA, contestants("a", "b", "c", "new"), population="people", now=NOW
    )

    assert [(row.contestant, row.rank) for row in board.rows] == [
        ("new", None),
        ("a", 1),
        ("b", 2),
        ("c", 2),
    ]


async def test_who_never_lost_or_never_met_the_others_has_no_number() -> None:
    names = contestants("a", "b", "c", "winner", "x", "y")
    counts = CountsInMemory(*THREE, pair(0, 3, 0, 60, 0, 0), pair(4, 5, 30, 30, 0, 0))

    board = await LiveLeaderboard(counts).board(ARENA, names, population="people", now=NOW)

    assert [row.contestant for row in board.rows[3:]] == ["winner", "x", "y"]
    for row in board.rows[3:]:
        assert (row.rating, row.lower, row.upper, row.rank) == (None, None, None, None)
        assert (row.not_connected, row.preliminary, row.needs_votes) == (True, False, 0)
    assert row_of(board, "winner").win_rate == 1.0


async def test_who_is_listed_without_votes() -> None:
    names = contestants("a", "b", "c", "off", "retired", "new")
    names = (*names[:3], replace(names[3], enabled=False), *names[4:])

    board = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        ARENA,
        names,
        population="people",
        now=NOW,
        current={c.id for c in names if c.name != "retired"},
    )

    new = board.rows[-1]
    assert [row.contestant for row in board.rows] == ["a", "b", "c", "new"]
    assert (new.votes, new.needs_votes, new.preliminary, new.not_connected) == (0, 50, True, False)
    assert (new.rating, new.rank, new.win_rate) == (None, None, None)


async def test_retired_and_disabled_contestants_keep_their_votes() -> None:
    names = (replace(ABC[0], enabled=False), *ABC[1:])

    board = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        ARENA, names, population="people", now=NOW, current=[ABC[1].id]
    )

    assert [row.contestant for row in board.rows] == ["a", "b", "c"]


async def test_no_votes_and_no_contestants() -> None:
    empty = LiveLeaderboard(CountsInMemory())

    board = await empty.board(ARENA, ABC, population="people", now=NOW)
    nobody = await empty.board(ARENA, (), population="people", now=NOW)
    one = await empty.board(ARENA, ABC[:1], population="people", now=NOW)

    assert board.n == 0
    assert [row.rating for row in board.rows] == [None] * 3
    assert nobody.rows == ()
    assert [row.rating for row in one.rows] == [None]


async def test_what_was_measured_and_what_is_unknown() -> None:
    counts = CountsInMemory(*THREE)
    counts.sums = [
        ContestantStats(ABC[0].id, 10, 1, 0.5, 5, 8.0, 4, 300, 6.0),
        ContestantStats(ABC[1].id, answers=4),
    ]

    board = await LiveLeaderboard(counts).board(ARENA, ABC, population="people", now=NOW)

    def measured(name: str) -> tuple[float | None, ...]:
        row = row_of(board, name)
        return row.avg_cost_usd, row.ttft_s, row.tokens_per_s, row.error_rate

    assert measured("a") == (0.1, 2.0, 50.0, 0.1)
    assert measured("b") == (None, None, None, 0.0)
    assert measured("c") == (None, None, None, None)


async def test_exclusions_are_of_people_and_categories_of_the_population() -> None:
    counts = CountsInMemory(*THREE)
    counts.out = {"identity-leak": 3}
    await counts.add(ARENA.id, THREE[:1], population="people", category="refunds")
    await counts.add(ARENA.id, THREE[1:], population="simulated")
    boards = LiveLeaderboard(counts)

    people = await boards.board(ARENA, ABC, population="people", now=NOW)
    refunds = await boards.board(ARENA, ABC, population="people", category="refunds", now=NOW)
    simulated = await boards.board(ARENA, ABC, population="simulated", now=NOW)

    assert (people.excluded, people.categories, people.n) == (
        {"identity-leak": 3},
        ("refunds",),
        300,
    )
    assert (refunds.category, refunds.n) == ("refunds", 100)
    assert (simulated.excluded, simulated.categories, simulated.n) == ({}, (), 200)
    assert len({people.data_hash, refunds.data_hash, simulated.data_hash}) == 3


async def test_nothing_new_costs_nothing() -> None:
    counts = CountsInMemory(*THREE)
    boards = LiveLeaderboard(counts)
    first = await boards.board(ARENA, ABC, population="people", now=NOW)

    later = await boards.board(ARENA, ABC, population="people", now=NOW + timedelta(hours=1))

    assert later is first
    assert counts.reads == 1


async def test_every_change_is_seen() -> None:
    counts = CountsInMemory(*THREE)
    boards = LiveLeaderboard(counts)
    first = await boards.board(ARENA, ABC, population="people", now=NOW)

    await counts.add(ARENA.id, [pair(0, 1, 0, 1, 0, 0)], population="people")
    voted = await boards.board(ARENA, ABC, population="people", now=NOW)
    named = await boards.board(
        ARENA, (replace(ABC[0], description="new"), *ABC[1:]), population="people", now=NOW
    )
    stricter = await boards.board(replace(ARENA, min_votes=1000), ABC, population="people", now=NOW)
    fresh = await LiveLeaderboard(counts).board(ARENA, ABC, population="people", now=NOW)

    assert (first.n, voted.n) == (300, 301)
    assert named.rows[0].description == "new"
    assert all(row.preliminary for row in stricter.rows)
    assert [row.rating for row in voted.rows] == pytest.approx([row.rating for row in fresh.rows])


async def test_contestants_may_come_and_go_between_two_boards() -> None:
    counts = CountsInMemory(*THREE)
    boards = LiveLeaderboard(counts)
    await boards.board(ARENA, ABC, population="people", now=NOW)

    board = await boards.board(
        ARENA, contestants("a", "b", "c", "d")[::-1], population="people", now=NOW
    )

    assert [row.contestant for row in board.rows] == ["a", "b", "c", "d"]


async def test_thinning_is_seeded_and_told() -> None:
    boards = LiveLeaderboard(CountsInMemory(*THREE))

    async def thin(votes: int, seed: int) -> Board:
        return await boards.board(ARENA, ABC, population="people", now=NOW, votes=votes, seed=seed)

    full = await boards.board(ARENA, ABC, population="people", now=NOW)
    some, again, other = await thin(90, 1), await thin(90, 1), await thin(90, 2)
    more = await thin(10_000, 1)

    assert (some.n, some.thinned_from, some.seed) == (90, 300, 1)
    assert some.data_hash == full.data_hash
    assert some is again
    assert [row.votes for row in some.rows] != [row.votes for row in other.rows]
    assert (more.n, more.thinned_from, more.seed) == (300, None, None)


async def test_a_vote_of_an_unknown_contestant_is_an_error() -> None:
    boards = LiveLeaderboard(CountsInMemory(*THREE))

    with pytest.raises(ValueError, match="not among the contestants given"):
        await boards.board(ARENA, ABC[:2], population="people", now=NOW)


async def test_pairs_are_in_the_order_of_the_board() -> None:
    counts = CountsInMemory(pair(0, 1, 1, 9, 2, 3), pair(1, 2, 5, 4, 0, 0), pair(0, 2, 0, 0, 0, 0))

    pairs = await LiveLeaderboard(counts).pairs(
        ARENA, contestants("c", "a", "b"), population="people"
    )

    assert pairs.contestants == ("a", "b", "c")
    assert [(p.a, p.b, p.wins_a, p.wins_b, p.ties, p.both_bad) for p in pairs.pairs] == [
        ("a", "b", 5, 4, 0, 0),
        ("a", "c", 9, 1, 2, 3),
    ]


async def test_pairs_are_thinned_like_the_board() -> None:
    boards = LiveLeaderboard(CountsInMemory(*THREE))

    pairs = await boards.pairs(ARENA, ABC, population="people", votes=90, seed=3)
    board = await boards.board(ARENA, ABC, population="people", votes=90, seed=3, now=NOW)

    for row in board.rows:
        mine = [p for p in pairs.pairs if row.contestant in (p.a, p.b)]
        assert sum(p.wins_a + p.wins_b + p.ties + p.both_bad for p in mine) == row.votes


async def test_votes_are_counted() -> None:
    boards = LiveLeaderboard(CountsInMemory(*THREE))

    assert await boards.votes(ARENA, population="people") == 300
    assert await boards.votes(ARENA, population="simulated") == 0


async def test_a_large_board_is_fitted_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    here = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        ARENA, ABC, population="people", now=NOW
    )
    monkeypatch.setattr(live, "THREAD_FROM", 2)

    there = await LiveLeaderboard(CountsInMemory(*THREE)).board(
        ARENA, ABC, population="people", now=NOW
    )

    assert here == there


async def test_the_published_arena(root: Path) -> None:
    """The board of 14 August 2024, whole and thinned to 100 votes."""
    table = read_pair_counts(root / "src/blindarena/demo/data/chatbot_arena_20240814_counts.csv")
    names = contestants(*table.models)
    columns = (table.wins_first, table.wins_second, table.ties, table.both_bad)
    counts = CountsInMemory()
    counts.boards["published", ""] = [
        PairCount(UUID(int=100 + a), UUID(int=100 + b), *votes)
        for a, b, *votes in np.column_stack([table.first, table.second, *columns]).tolist()
    ]
    arena = replace(ARENA, read_only=True, anchor=("mixtral-8x7b-instruct-v0.1", 1114.0))
    boards = LiveLeaderboard(counts)

    board = await boards.board(arena, names, population="published", now=NOW)
    thinned = await boards.board(arena, names, population="published", now=NOW, votes=100)

    assert (board.n, len(board.rows)) == (1_670_250, 129)
    assert row_of(board, "gpt-4o-2024-05-13").rating == pytest.approx(1287, abs=1.55)
    assert not any(row.preliminary or row.not_connected for row in board.rows)
    assert (thinned.n, thinned.thinned_from) == (100, 1_670_250)
    assert all(row.rank is None for row in thinned.rows)
