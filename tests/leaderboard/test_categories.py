import numpy as np
import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, votes

from blindarena import rank

PLAIN, TASTES = votes(3000), votes(3000, tastes=True)


def test_each_category_has_the_board_of_its_own_votes() -> None:
    board = rank(PLAIN, by="category", now=NOW)

    assert [one.category for one in board.boards] == ["code", "poems"]
    assert sum(one.n for one in board.boards) == board.n == 3000
    for one in board.boards:
        inside = PLAIN.filter(pa.compute.equal(PLAIN["category"], one.category))
        alone = rank(inside, min_votes=30, now=NOW)
        assert one.rows == alone.rows
        assert one.data_hash == alone.data_hash


@pytest.mark.parametrize("options", [{"style": True}, {"cluster": "voter"}, {"method": "elo"}])
def test_methods_that_need_rows_have_categories_too(options: dict[str, object]) -> None:
    board = rank(PLAIN, by="category", now=NOW, **options)  # type: ignore[arg-type]
    code = PLAIN.filter(pa.compute.equal(PLAIN["category"], "code"))

    assert board.boards[0].rows == rank(code, min_votes=30, now=NOW, **options).rows  # type: ignore[arg-type]


def test_one_ranking_suffices_where_categories_do_not_differ() -> None:
    board = rank(PLAIN, by="category", now=NOW)

    whole, *each = board.held_out
    assert not whole.wins
    assert [one.category for one in each] == ["code", "poems"]
    assert whole.votes == sum(one.votes for one in each) == 3000
    assert "One ranking suffices" in board.to_markdown()
    assert "One ranking suffices" in board.to_html()


def test_categories_with_tastes_of_their_own_win() -> None:
    board = rank(TASTES, by="category", now=NOW)

    assert [one.wins for one in board.held_out] == [True, True, True]
    assert [row.contestant for row in board.boards[1].rows] == list(reversed(MODELS))
    assert "Boards of their own predict votes better" in board.to_markdown()


def test_held_out_losses_are_those_of_a_plain_computation() -> None:
    """With a category of all votes both boards are the same, and the loss is near the entropy."""
    one = PLAIN.set_column(4, "category", pa.array(["all"] * 3000))

    whole, alone = rank(one, by="category", now=NOW).held_out

    assert whole.gain == alone.gain == pytest.approx(0, abs=1e-12)
    assert 0.5 < whole.one_board < np.log(2)
    assert whole.folds == 5


def test_the_seed_parts_the_votes() -> None:
    first, again, other = (
        rank(PLAIN, by="category", seed=seed, now=NOW).held_out for seed in (3, 3, 4)
    )

    assert first == again
    assert first != other


def test_not_enough_data_is_said() -> None:
    few = ["rare" if i < 40 else "code" for i in range(3000)]
    board = rank(PLAIN.set_column(4, "category", pa.array(few)), by="category", now=NOW)

    rare = board.boards[1]
    assert rare.category == "rare"
    assert rare.notes[0].startswith("Not enough data: 40 votes")
    assert all(row.rank is None for row in rare.rows)
    assert "| 1 |" not in board.to_markdown().split("category: rare")[1]


def test_votes_without_a_category_are_on_the_first_board_only() -> None:
    half = [None if i % 2 else "code" for i in range(3000)]
    board = rank(PLAIN.set_column(4, "category", pa.array(half)), by="category", now=NOW)

    assert [one.n for one in (board, *board.boards)] == [3000, 1500]
    assert "1500 rows have no category and are on the first board only." in board.notes


def test_a_column_of_numbers_is_a_category_too() -> None:
    board = rank(PLAIN, by="level", now=NOW)

    assert [one.category for one in board.boards] == ["1", "2", "3"]


def test_an_anchor_without_votes_in_a_category_is_told() -> None:
    names = PLAIN.select(["model_a", "model_b"]).to_pylist()
    apart = ["dan" if "dan" in row.values() else "rest" for row in names]
    board = rank(
        PLAIN.set_column(4, "category", pa.array(apart)),
        by="category",
        anchor=("dan", 900.0),
        now=NOW,
    )

    rest = board.boards[1]
    assert "dan has no rating here, so the mean is 1000." in rest.notes
    assert np.mean([row.rating for row in rest.rows]) == pytest.approx(1000)


def test_a_category_that_cannot_be_fitted_does_not_stop_the_others() -> None:
    voters = ["same" if row["category"] == "poems" else row["voter"] for row in PLAIN.to_pylist()]
    board = rank(
        PLAIN.set_column(3, "voter", pa.array(voters)), by="category", cluster="voter", now=NOW
    )

    code, poems = board.boards
    assert code.enough
    assert poems.notes[0].startswith("Not enough data: ")
    assert "all votes are in one cluster" in poems.notes[0]
    assert all(row.rating is None for row in poems.rows)
