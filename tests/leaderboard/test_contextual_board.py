"""Boards per category that borrow from one another."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, votes

from blindarena import rank
from blindarena.errors import InputError, NotIdentifiedError
from blindarena.leaderboard.result import Leaderboard
from blindarena.ranking import ELO_PER_NAT, fit_contextual
from blindarena.votes import read_votes

TASTES = votes(1600, tastes=True)


def ratings(board: Leaderboard) -> dict[str, float]:
    return {row.contestant: row.rating for row in board.rows if row.rating is not None}


@pytest.fixture(scope="module")
def board() -> Leaderboard:
    return rank(TASTES, method="contextual", by="category", now=NOW)


def test_the_rows_are_those_of_the_ranking_functions(board: Leaderboard) -> None:
    table = read_votes(TASTES)
    labels = table.labels["category"]
    fit = fit_contextual(table.votes, labels.codes, len(labels.names))

    whole = [board, *board.boards]
    strengths = [fit.theta, *(fit.strengths(code) for code in range(2))]
    spreads = [fit.overall_covariance(), *(fit.covariance(code) for code in range(2))]
    for one, theta, spread in zip(whole, strengths, spreads, strict=True):
        for name, at, error in zip(table.models, theta, spread.diagonal() ** 0.5, strict=True):
            row = next(row for row in one.rows if row.contestant == name)
            assert row.rating == pytest.approx(1000 + ELO_PER_NAT * at, abs=1e-7)
            assert row.upper - row.rating == pytest.approx(1.959964 * ELO_PER_NAT * error, rel=1e-5)
    assert f"typically {fit.spread_elo:.0f} Elo off" in " ".join(board.notes)


def test_tastes_that_differ_give_orders_that_differ(board: Leaderboard) -> None:
    code, poems = board.boards

    assert [row.contestant for row in code.rows] == list(MODELS)
    assert [row.contestant for row in poems.rows] == list(reversed(MODELS))
    assert sum(row.votes for row in code.rows) == 2 * code.n
    assert board.held_out[0].wins
    assert "95 % posterior" in board.interval


def test_categories_without_differences_are_one_ranking() -> None:
    board = rank(votes(1600), method="contextual", by="category", now=NOW)

    for one in board.boards:
        assert ratings(one) == pytest.approx(ratings(board), abs=30)
    assert not board.held_out[0].wins
    assert any("one ranking suffices" in note for note in board.notes)


def test_few_votes_are_drawn_towards_the_whole() -> None:
    """Forty votes of a third category, the other way round, move it less than they would alone."""
    many = votes(1500)
    few = votes(80, seed=9, tastes=True)
    few = few.filter(pa.array([c == "poems" for c in few["category"].to_pylist()]))
    few = few.set_column(4, "category", pa.array(["odes"] * few.num_rows))
    both = pa.concat_tables([many, few])

    alone = rank(both, by="category", now=NOW, unconnected="skip")
    shrunk = rank(both, method="contextual", by="category", now=NOW)

    odes = {board.category: board for board in shrunk.boards}["odes"]
    own = {board.category: board for board in alone.boards}["odes"]
    off = [abs(ratings(odes)[name] - ratings(shrunk)[name]) for name in MODELS]
    far = [
        abs(ratings(own)[name] - ratings(shrunk)[name]) for name in MODELS if name in ratings(own)
    ]
    assert max(off) < max(far)


def test_a_category_needs_no_connected_graph_of_its_own() -> None:
    """Ten votes that one model has all won give a finite rating there, unranked below 30 votes."""
    rows = [{"model_a": "ada", "model_b": "dan", "winner": "model_a", "category": "odes"}] * 10
    table = pa.concat_tables([votes(600).select(list(rows[0])), pa.Table.from_pylist(rows)])

    board = rank(table, method="contextual", by="category", now=NOW)

    odes = {one.category: one for one in board.boards}["odes"]
    assert [row.contestant for row in odes.rows] == ["ada", "dan"]
    assert all(row.rating is not None for row in odes.rows)
    assert not odes.enough
    assert odes.notes[0].startswith("Not enough data: 10 votes, and 0 models")


def test_votes_without_a_category_are_left_out_and_counted() -> None:
    category = TASTES["category"].to_pylist()
    holes = TASTES.set_column(4, "category", pa.array([None] * 100 + category[100:]))

    board = rank(holes, method="contextual", by="category", now=NOW)

    assert board.excluded == {"no category": 100}
    assert board.n == 1500
    assert sum(one.n for one in board.boards) == 1500


def test_a_margin_an_anchor_and_costs_work_in_every_category(board: Leaderboard) -> None:
    rng = np.random.default_rng(1)
    table = TASTES.append_column("cost_usd_a", pa.array(rng.random(1600)))
    more = rank(
        table.append_column("cost_usd_b", pa.array(rng.random(1600))),
        method="contextual",
        by="category",
        margin=30,
        anchor=("bob", 1200),
        value_of_100_elo=0.5,
        now=NOW,
    )

    for one in (more, *more.boards):
        assert ratings(one)["bob"] == pytest.approx(1200)
        assert one.decision is not None
        assert one.utility is not None
    assert [one.decision.leader for one in more.boards if one.decision] == ["ada", "dan"]


def test_who_is_outside_is_an_error_or_left_out() -> None:
    rows = [{"model_a": "eve", "model_b": "ada", "winner": "model_b", "category": "code"}] * 3
    table = pa.concat_tables([TASTES.select(list(rows[0])), pa.Table.from_pylist(rows)])
    options: dict[str, Any] = {"method": "contextual", "by": "category", "now": NOW}

    with pytest.raises(NotIdentifiedError, match=r"1 of 5 models \(eve\)"):
        rank(table, **options)
    board = rank(table, unconnected="skip", **options)

    last = board.boards[0].rows[-1]
    assert (last.contestant, last.rating, last.not_connected) == ("eve", None, True)
    assert "eve" not in {row.contestant for row in board.boards[1].rows}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "needs a column of categories; name it: by=COLUMN"),
        ({"by": "category", "interval": "sandwich"}, "contextual has no sandwich interval"),
        ({"by": "category", "style": True}, "style control is for the method bt"),
        ({"by": "category", "votes_to_flip": True}, "votes to flip are for plain bt"),
    ],
)
def test_wrong_options_say_the_cure(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        rank(TASTES, method="contextual", **options)


def test_the_formats_have_it(board: Leaderboard) -> None:
    content = json.loads(board.to_json())

    assert [one["category"] for one in content["boards"]] == ["code", "poems"]
    assert len(content["boards"][0]["rows"]) == 4
    assert "shrunk towards the overall ratings" in board.to_html()
