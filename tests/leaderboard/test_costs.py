import numpy as np
import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, votes

from blindarena import rank
from blindarena.leaderboard.result import Leaderboard

COST = {"ada": 0.010, "bob": 0.002, "cleo": 0.004, "dan": 0.001}
SPEED = {"ada": 50.0, "bob": 100.0, "cleo": 40.0, "dan": 80.0}


def priced(n: int = 1200, *, unknown: str = "") -> pa.Table:
    """Votes with cost, tokens and times of both answers; the cost of one model may be unknown."""
    rng = np.random.default_rng(5)
    table = votes(n)
    for side in "ab":
        models = table[f"model_{side}"].to_pylist()
        noise = rng.uniform(0.9, 1.1, n)
        cost = [None if m == unknown else COST[m] * k for m, k in zip(models, noise, strict=True)]
        tokens = np.array(table[f"tokens_{side}"].to_pylist())
        ttft = rng.uniform(0.2, 0.4, n)
        seconds = ttft + tokens / np.array([SPEED[m] for m in models])
        table = table.append_column(f"cost_usd_{side}", pa.array(cost, pa.float64()))
        table = table.append_column(f"ttft_s_{side}", pa.array(ttft))
        table = table.append_column(f"seconds_{side}", pa.array(seconds))
    return table


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    return rank(priced(), costs=True, now=NOW)


def test_rows_have_the_means_of_the_answers(board: Leaderboard) -> None:
    for row in board.rows:
        assert row.avg_cost_usd == pytest.approx(COST[row.contestant], rel=0.02)
        assert row.tokens_per_s == pytest.approx(SPEED[row.contestant], rel=1e-9)
        assert row.ttft_s == pytest.approx(0.3, abs=0.02)
        assert row.error_rate is None


def test_the_front_is_who_is_not_beaten_in_both(board: Leaderboard) -> None:
    fronts = {front.measure: front for front in board.fronts}

    assert list(fronts) == ["avg_cost_usd", "ttft_s", "tokens_per_s"]
    on = {row.contestant for row in fronts["avg_cost_usd"].rows if row.on_front}
    assert on == {"ada", "bob", "dan"}
    chances = {row.contestant: row.probability for row in fronts["avg_cost_usd"].rows}
    assert chances["dan"] == 1
    assert chances["cleo"] < 0.05
    fast = {row.contestant for row in fronts["tokens_per_s"].rows if row.on_front}
    assert fast == {"ada", "bob"}


def test_an_unknown_cost_is_on_no_front_and_named() -> None:
    board = rank(priced(unknown="cleo"), costs=True, now=NOW)

    front = board.fronts[0]
    assert front.unknown == ("cleo",)
    assert [row.avg_cost_usd is None for row in board.rows] == [m == "cleo" for m in MODELS]
    assert "Unknown: cleo." in board.to_html()


def test_the_page_draws_the_front_with_a_table(board: Leaderboard) -> None:
    html = board.to_html()

    assert html.count('class="front"') == 3
    assert html.count('class="dot off"') >= 1
    assert "Rating against USD per answer" in html


def test_among_equals_the_cheaper_is_taken() -> None:
    even = [
        {"model_a": "x", "model_b": "y", "winner": winner, "cost_usd_a": 0.02, "cost_usd_b": 0.01}
        for winner in ["model_a"] * 5001 + ["model_b"] * 5000
    ]
    decision = rank(pa.Table.from_pylist(even), margin=60, costs=True, now=NOW).decision

    assert decision is not None
    assert (decision.leader, decision.choice) == ("x", "y")
    assert "take y, the cheapest" in decision.sentence


def test_without_costs_nothing_is_read() -> None:
    board = rank(priced(), now=NOW)

    assert board.fronts == ()
    assert all(row.avg_cost_usd is None for row in board.rows)
    assert rank(votes(), costs=True, now=NOW).fronts == ()
