"""Live boards by other methods, with anytime intervals, and with rank sets that follow."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest
from board_cases import ARENA, NOW, CountsInMemory, contestants, pair

from blindarena.domain.boards import ContestantStats
from blindarena.leaderboard.background import Jobs
from blindarena.leaderboard.board import Board
from blindarena.leaderboard.counted import count
from blindarena.leaderboard.live import LiveLeaderboard
from blindarena.leaderboard.live_costs import front_of, measured
from blindarena.leaderboard.pair_decisions import USUAL_MARGIN, compared, decide_board
from blindarena.leaderboard.views import Which
from blindarena.ranking import ELO_PER_NAT, fit_bradley_terry, sandwich_covariance
from blindarena.ranking.anytime import anytime_differences
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.differences import difference_intervals
from blindarena.ranking.simultaneous import simultaneous_differences
from blindarena.ranking.vote_arrays import VoteArrays

FOUR = contestants("a", "b", "c", "d")
PAIRS = (pair(0, 1, 60, 30, 10, 5), pair(1, 2, 50, 40, 10, 2), pair(0, 2, 70, 20, 5, 9))
PEOPLE = Which(population="people")


async def board_by(boards: LiveLeaderboard, **asked: object) -> Board:
    return await boards.board(ARENA, FOUR, population="people", now=NOW, **asked)  # type: ignore[arg-type]


def ratings(board: Board) -> dict[str, float | None]:
    return {row.contestant: row.rating for row in board.rows}


async def test_davidson_is_that_of_ranking() -> None:
    board = await board_by(LiveLeaderboard(CountsInMemory(*PAIRS)), method="davidson")

    a, b = np.repeat([0, 1, 0], 3), np.repeat([1, 2, 2], 3)
    votes = VoteArrays(
        3, a, b, np.tile([0, 1, 2], 3), np.array([60, 30, 15, 50, 40, 12, 70, 20, 14])
    )
    theta = fit_davidson(votes).theta
    expected = 1000 + ELO_PER_NAT * (theta - theta.mean())
    assert [ratings(board)[name] for name in "abc"] == pytest.approx(expected, abs=1e-6)
    assert ratings(board)["d"] is None
    assert (board.method_key, board.status, board.dated) == ("davidson", "live", False)
    assert "tie in" in board.notes[0]


@pytest.mark.parametrize("method", ["rao-kupper", "four-outcome"])
async def test_every_method_orders_clear_votes_alike(method: str) -> None:
    board = await board_by(LiveLeaderboard(CountsInMemory(*PAIRS)), method=method)

    assert [row.contestant for row in board.rows] == ["a", "b", "c", "d"]
    assert board.rows[0].lower is not None
    assert not board.warnings


async def test_an_anytime_interval_has_the_same_ratings_and_is_wider() -> None:
    boards = LiveLeaderboard(CountsInMemory(*PAIRS))
    usual, anytime = await board_by(boards), await board_by(boards, interval="anytime")

    assert ratings(anytime)["a"] == pytest.approx(ratings(usual)["a"])
    for one, other in zip(anytime.rows[:3], usual.rows[:3], strict=True):
        assert one.upper - one.lower > other.upper - other.lower
    assert "every look" in anytime.interval


async def test_a_method_without_an_answer_says_why() -> None:
    never = CountsInMemory(pair(0, 1, 60, 30), pair(1, 2, 50, 40), pair(0, 2, 70, 20))
    board = await board_by(LiveLeaderboard(never), method="four-outcome")

    assert (board.status, board.n) == ("none", 270)
    assert board.warnings[-1].endswith(".")
    assert all(row.rating is None for row in board.rows)
    assert board.rows[0].votes


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((), "There are no votes yet."),
        ((pair(0, 1, 60),), "Nobody can be rated yet"),
        ((*PAIRS, pair(0, 3, 9)), "the rest: d."),
        ((pair(0, 1, 5, 5, 2),), "Nobody has a rank yet: it takes 50 votes"),
    ],
)
@pytest.mark.parametrize("method", ["bt", "davidson"])
async def test_what_few_votes_cannot_tell_is_a_sentence(
    pairs: tuple[object, ...], said: str, method: str
) -> None:
    board = await board_by(LiveLeaderboard(CountsInMemory(*pairs)), method=method)  # type: ignore[arg-type]

    assert any(said in line for line in board.warnings), board.warnings


async def test_rank_sets_follow_in_the_background_and_belong_to_their_votes() -> None:
    counts, jobs = CountsInMemory(*PAIRS), Jobs()
    boards = LiveLeaderboard(counts, jobs=jobs)
    first = await board_by(boards)
    assert (first.rank_sets, first.rank_seed) == ("computing", None)
    assert {row.rank_low for row in first.rows} == {None}

    await jobs.idle()
    ready = await board_by(boards)

    counted = count(PAIRS, [one.id for one in FOUR[:3]]).pair_counts
    theta = fit_bradley_terry(counted).theta
    sets = simultaneous_differences(
        theta, sandwich_covariance(counted, theta), np.random.default_rng(0)
    )
    assert (ready.rank_sets, ready.rank_seed) == ("ready", 0)
    rows = {row.contestant: (row.rank_low, row.rank_high) for row in ready.rows}
    assert [rows[name] for name in "abc"] == list(
        zip(sets.rank_low.tolist(), sets.rank_high.tolist(), strict=True)
    )
    assert rows["d"] == (None, None)
    assert await board_by(boards) is ready

    await counts.add(ARENA.id, [pair(0, 3, 1, 1)], population="people")
    newer = await board_by(boards)
    assert (newer.rank_sets, newer.rows[0].rank_low) == ("computing", None)
    await jobs.close()


async def test_rank_sets_are_computed_once_for_the_same_votes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed = []
    monkeypatch.setattr(
        "blindarena.leaderboard.live.sets_of", lambda *given, **named: computed.append(1)
    )
    jobs = Jobs()
    boards = LiveLeaderboard(CountsInMemory(*PAIRS), jobs=jobs)
    for _ in range(3):
        await board_by(boards)
        await asyncio.sleep(0)
    await jobs.idle()

    assert (await board_by(boards)).rank_sets == "none"
    assert computed == [1]


async def test_who_nobody_ranks_has_no_rank_set() -> None:
    jobs = Jobs()
    boards = LiveLeaderboard(CountsInMemory(pair(0, 1, 5, 5)), jobs=jobs)

    assert (await board_by(boards)).rank_sets == "none"
    assert not jobs.busy((ARENA.id, 1, PEOPLE))


async def test_another_version_of_the_arena_has_votes_of_its_own() -> None:
    boards = LiveLeaderboard(CountsInMemory(*PAIRS))
    later = replace(ARENA, version=2)
    asked = {"population": "people", "now": NOW}

    assert (await boards.board(ARENA, FOUR, **asked)).n == 311  # type: ignore[arg-type]
    assert (await boards.board(later, FOUR, **asked)).n == 0  # type: ignore[arg-type]


async def test_excluded_votes_are_added_where_asked_for() -> None:
    counts = CountsInMemory(*PAIRS)
    counts.left_out = [pair(0, 3, 3, 3)]
    boards = LiveLeaderboard(counts)

    without, with_them = await board_by(boards), await board_by(boards, with_excluded=True)

    assert with_them.n == without.n + 6


async def test_pairs_are_judged_by_bounds_that_hold_together() -> None:
    arena = replace(ARENA, margin=120.0)
    boards = LiveLeaderboard(CountsInMemory(*PAIRS))
    view = await boards.view(arena, FOUR, which=PEOPLE)
    found = decide_board(view, measured(view, "cost"))

    assert [(one.a, one.b) for one in found.pairs] == [("a", "b"), ("b", "c"), ("a", "c")]
    counted = count(PAIRS, [one.id for one in FOUR[:3]]).pair_counts
    theta = fit_bradley_terry(counted).theta
    spread = sandwich_covariance(counted, theta)
    low, high = anytime_differences(theta, spread, sharpest=30 / ELO_PER_NAT)
    lower, _ = difference_intervals(theta, spread)
    for one in found.pairs:
        i, j = "abc".index(one.a), "abc".index(one.b)
        assert one.anytime_lower == pytest.approx(ELO_PER_NAT * low[i, j])
        assert one.anytime_upper == pytest.approx(ELO_PER_NAT * high[i, j])
        assert one.lower == pytest.approx(ELO_PER_NAT * lower[i, j])
        within = low[i, j] > -120 / ELO_PER_NAT and high[i, j] < 120 / ELO_PER_NAT
        expected = "equal" if within else "better" if low[i, j] > 0 else "undecided"
        assert one.verdict == expected
        assert (one.winner == one.a) == (expected == "better")
    assert {one.verdict for one in found.pairs} > {"undecided"}
    assert [one.votes for one in found.pairs] == [105, 102, 104]
    assert (found.margin_declared, found.spend_usd) == (True, None)


async def test_equal_contestants_are_told_and_the_cheaper_is_taken() -> None:
    counts = CountsInMemory(pair(0, 1, 4000, 4010, 500))
    counts.sums = [
        ContestantStats(FOUR[0].id, answers=9, cost_sum=0.9, cost_n=9),
        ContestantStats(FOUR[1].id, answers=9, cost_sum=0.6, cost_n=3),
    ]
    view = await LiveLeaderboard(counts).view(ARENA, FOUR, which=PEOPLE)
    found = decide_board(view, measured(view, "cost"))

    [one] = found.pairs
    assert (one.verdict, one.cheaper, one.votes_needed) == ("equal", "a", None)
    assert (one.a, found.best) == ("b", "a")
    assert "practically equal" in one.sentence
    assert (found.may_stop, found.margin, found.margin_declared) == (True, USUAL_MARGIN, False)


async def test_an_open_pair_says_how_many_votes_and_what_they_cost() -> None:
    counts = CountsInMemory(pair(0, 1, 40, 38, 5))
    counts.sums = [ContestantStats(one.id, cost_sum=0.4, cost_n=4) for one in FOUR[:2]]
    view = await LiveLeaderboard(counts).view(ARENA, FOUR, which=PEOPLE)
    found = decide_board(view, measured(view, "cost"))

    [one] = found.pairs
    assert (one.verdict, one.winner, found.may_stop, found.best) == ("undecided", None, False, None)
    assert one.votes_needed is not None
    assert found.votes_needed == one.votes_needed
    assert found.spend_usd == pytest.approx(2 * 0.1 * found.votes_needed)


async def test_too_few_votes_decide_nothing() -> None:
    view = await LiveLeaderboard(CountsInMemory()).view(ARENA, FOUR, which=PEOPLE)
    found = decide_board(view, measured(view, "cost"))

    assert (found.may_stop, found.pairs) == (False, ())
    assert "50 connected votes each" in found.sentence
    assert found.warnings == ("There are no votes yet.",)


async def test_at_most_fifty_pairs_neighbours_first() -> None:
    many = contestants(*(f"m{i:02}" for i in range(60)))
    pairs = [pair(i, j, 8, 6) for i in range(60) for j in range(i + 1, 60)]
    view = await LiveLeaderboard(CountsInMemory(*pairs)).view(ARENA, many, which=PEOPLE)
    found = decide_board(view, measured(view, "cost"))
    few = contestants(*(f"m{i:02}" for i in range(12)))
    less = [pair(i, j, 30, 25) for i in range(12) for j in range(i + 1, 12)]
    view = await LiveLeaderboard(CountsInMemory(*less)).view(ARENA, few, which=PEOPLE)
    other = decide_board(view, measured(view, "cost"))

    names = [row.contestant for row in view.rows]
    assert len(found.pairs) == len(other.pairs) == 50
    neighbours = [(one.a, one.b) for one in other.pairs[:11]]
    assert neighbours == list(pairwise(names))
    assert (other.pairs[11].a, other.pairs[11].b) == (names[0], names[2])


async def test_costs_have_means_and_errors_from_the_sums() -> None:
    rng = np.random.default_rng(5)
    tokens, seconds = rng.uniform(50, 90, 8), rng.uniform(1, 2, 8)
    cost = rng.uniform(0.1, 0.3, 8)
    counts = CountsInMemory(*PAIRS)
    counts.sums = [
        ContestantStats(
            FOUR[0].id,
            answers=8,
            cost_sum=float(cost.sum()),
            cost_n=8,
            cost_sq=float((cost**2).sum()),
            tokens_sum=float(tokens.sum()),  # type: ignore[arg-type]
            generation_seconds_sum=float(seconds.sum()),
            speed_n=8,
            tokens_sq=float((tokens**2).sum()),
            generation_seconds_sq=float((seconds**2).sum()),
            tokens_seconds=float(tokens @ seconds),
        ),
        ContestantStats(FOUR[1].id, cost_sum=0.5, cost_n=1, cost_sq=0.25),
    ]
    view = await LiveLeaderboard(counts).view(ARENA, FOUR, which=PEOPLE)
    found, speed = measured(view, "cost"), measured(view, "tokens_per_s")

    assert found.mean[0] == pytest.approx(cost.mean())
    assert found.error[0] == pytest.approx(cost.std(ddof=1) / np.sqrt(8))
    ratio = tokens.sum() / seconds.sum()
    off = tokens - ratio * seconds
    assert speed.mean[0] == pytest.approx(ratio)
    assert speed.error[0] == pytest.approx(np.sqrt((off**2).sum() / 7 / 8) / seconds.mean())
    assert np.isnan(found.error[1])
    assert np.isnan(found.mean[2])

    who = compared(view)
    front = front_of(view, "cost", who.theta, who.covariance)
    a, b = front.points
    assert (a.contestant, a.on_front, b.on_front) == ("a", True, False)
    assert a.x_lower < a.x < a.x_upper
    assert (b.x_lower, b.x_upper) == (None, None)
    assert front.unknown == ("c",)
    assert front.unit == "USD per answer"


async def test_a_front_without_costs_says_so() -> None:
    view = await LiveLeaderboard(CountsInMemory(*PAIRS)).view(ARENA, FOUR, which=PEOPLE)
    who = compared(view)
    front = front_of(view, "ttft", who.theta, who.covariance)

    assert (front.points, front.unknown) == ((), ("a", "b", "c"))
    assert front.warnings == ("The time to the first token of no contestant is known.",)


async def test_no_votes_make_no_front() -> None:
    view = await LiveLeaderboard(CountsInMemory()).view(ARENA, FOUR, which=PEOPLE)
    who = compared(view)
    front = front_of(view, "cost", who.theta, who.covariance)

    assert (front.points, front.unknown, front.warnings) == ((), (), ("There are no votes yet.",))


async def test_of_two_with_one_name_the_present_one_has_the_rank_set() -> None:
    old = replace(FOUR[0], id=UUID(int=900))
    jobs = Jobs()
    boards = LiveLeaderboard(CountsInMemory(*PAIRS), jobs=jobs)
    for _ in range(2):
        board = await boards.board(
            ARENA,
            (*FOUR, old),
            population="people",
            now=NOW,
            current={one.id for one in FOUR},
        )
        await jobs.idle()

    assert board.rows[0].rank_low == 1
    assert [row.contestant for row in board.rows] == ["a", "b", "c", "d"]
