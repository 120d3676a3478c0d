"""Rating and cost as one order."""

import csv
import io
import json

import numpy as np
import pytest
from test_costs import COST, priced
from vote_tables import MODELS, NOW, votes

from blindarena import rank
from blindarena.leaderboard.result import Leaderboard


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    return rank(priced(), value_of_100_elo=0.01, now=NOW)


def test_utility_is_the_worth_of_the_rating_less_the_cost(board: Leaderboard) -> None:
    assert board.utility is not None
    rows = {row.contestant: row for row in board.rows}
    mean = np.mean([row.rating for row in board.rows])
    for one in board.utility.rows:
        row = rows[one.contestant]
        assert row.rating is not None
        assert row.avg_cost_usd == one.cost == pytest.approx(COST[one.contestant], rel=0.02)
        assert one.value == pytest.approx(0.01 * (row.rating - mean) / 100 - one.cost)
        assert row.lower is not None
        # costs are far more certain than ratings here
        assert one.value - one.lower == pytest.approx(
            0.01 * (row.rating - row.lower) / 100, rel=0.05
        )
        assert one.upper - one.value == pytest.approx(one.value - one.lower)
    values = [one.value for one in board.utility.rows]
    assert values == sorted(values, reverse=True)


def test_the_order_follows_the_value_that_was_stated(board: Leaderboard) -> None:
    little, much = (rank(priced(), value_of_100_elo=v, now=NOW).utility for v in (1e-5, 1.0))

    assert little is not None
    assert much is not None
    assert [row.contestant for row in little.rows] == sorted(COST, key=lambda name: COST[name])
    assert [row.contestant for row in much.rows] == list(MODELS)
    assert much.rows[0].rank == 1


def test_ranks_follow_from_the_intervals(board: Leaderboard) -> None:
    assert board.utility is not None
    rows = board.utility.rows
    assert [one.rank for one in rows] == [
        1 + sum(other.lower > one.upper for other in rows) for one in rows
    ]


def test_it_is_in_every_format(board: Leaderboard) -> None:
    assert board.utility is not None
    best = board.utility.rows[0]
    content = json.loads(board.to_json())
    assert content["utility"]["rows"][0]["contestant"] == best.contestant
    assert content["utility"]["value_of_100_elo"] == 0.01
    lines = {line["contestant"]: line for line in csv.DictReader(io.StringIO(board.to_csv()))}
    assert float(lines[best.contestant]["utility_usd"]) == best.value
    assert float(lines[best.contestant]["utility_upper"]) == best.upper
    for text in (board.to_html(), board.to_markdown()):
        assert "Worth less cost, 100 Elo being worth 0.01 USD" in text
    assert "utility" not in rank(votes(300), now=NOW).to_csv()


def test_who_has_no_cost_is_named_and_not_free() -> None:
    order = rank(priced(unknown="dan"), value_of_100_elo=0.01, now=NOW).utility

    assert order is not None
    assert order.unknown == ("dan",)
    assert "dan" not in {row.contestant for row in order.rows}


def test_votes_without_any_cost_give_an_empty_order_that_says_so() -> None:
    board = rank(votes(300), value_of_100_elo=0.01, now=NOW)

    assert board.utility is not None
    assert board.utility.rows == ()
    assert "Cost unknown: ada, bob, cleo, dan." in board.to_html()


@pytest.mark.parametrize("options", [{"cluster": "voter"}, {"interval": "anytime"}])
def test_other_intervals_widen_it(options: dict[str, str], board: Leaderboard) -> None:
    """Student's t, and bounds that hold at every look."""
    order = rank(priced(), value_of_100_elo=0.01, now=NOW, **options).utility  # type: ignore[arg-type]

    assert order is not None
    assert board.utility is not None
    usual = {row.contestant: row.upper - row.lower for row in board.utility.rows}
    wider = [row.upper - row.lower > usual[row.contestant] for row in order.rows]
    assert all(wider) if options.get("interval") else sum(wider) >= 1
