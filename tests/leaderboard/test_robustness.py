"""Votes to flip, and mean win rates as a cross-check."""

import json
from itertools import pairwise

import pyarrow as pa
import pytest
from vote_tables import NOW, votes

from blindarena import rank
from blindarena.leaderboard.offline_votes import counted_of
from blindarena.ranking import fit_bradley_terry
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.votes_to_flip import votes_to_flip
from blindarena.votes import read_votes

VOTES = votes(400, seed=7)


def duel(*sides: tuple[str, str, int]) -> pa.Table:
    """Return votes (winner, loser, how many)."""
    return pa.Table.from_pylist(
        [
            {"model_a": winner, "model_b": loser, "winner": "model_a"}
            for winner, loser, number in sides
            for _ in range(number)
        ]
    )


def test_two_models_flip_by_hand() -> None:
    """12 wins to 9 are turned by taking 4 of the 12 away: 8 to 9."""
    (flip,) = rank(duel(("x", "y", 12), ("y", "x", 9)), votes_to_flip=True, now=NOW).flips

    assert (flip.ahead, flip.behind, flip.votes) == ("x", "y", 4)
    assert flip.share == pytest.approx(4 / 21)
    assert flip.gap is not None
    assert flip.gap > 0


def test_a_fit_without_the_votes_has_the_other_order() -> None:
    """Done again here from nothing: no start, no influence, only the counts that are left."""
    board = rank(VOTES, votes_to_flip=True, now=NOW)
    table = read_votes(VOTES)
    counts = counted_of(table.votes).pair_counts
    ranked = [row.contestant for row in board.rows]

    assert [(flip.ahead, flip.behind) for flip in board.flips] == list(pairwise(ranked))
    for flip in board.flips:
        one, other = table.models.index(flip.ahead), table.models.index(flip.behind)
        found = votes_to_flip(counts, one, other)
        assert found is not None
        assert found.votes == flip.votes
        left = [
            was - out
            for was, out in zip(
                (counts.wins_first, counts.wins_second, counts.ties), found.removed, strict=True
            )
        ]
        theta = fit_bradley_terry(PairCounts(counts.m, counts.first, counts.second, *left)).theta
        assert theta[other] > theta[one]
        assert sum(int(out.sum()) for out in found.removed) == flip.votes


def test_where_no_set_leaves_finite_ratings_it_says_so() -> None:
    (flip,) = rank(duel(("x", "y", 3), ("y", "x", 1)), votes_to_flip=True, now=NOW).flips

    # two away are a draw, three leave x without a win
    assert (flip.votes, flip.share, flip.gap) == (None, None, None)


def test_flips_are_in_every_format() -> None:
    board = rank(VOTES, votes_to_flip=True, now=NOW)

    assert len(json.loads(board.to_json())["flips"]) == 3
    assert "<h2>Votes to flip</h2>" in board.to_html()
    assert "## Votes to flip" in board.to_markdown()
    assert rank(VOTES, now=NOW).flips == ()


def test_mean_win_rates_agree_where_the_model_holds() -> None:
    board = rank(votes(4000), now=NOW)

    assert [one.contestant for one in board.cross_check] == [row.contestant for row in board.rows]
    assert [one.place for one in board.cross_check] == [1, 2, 3, 4]
    assert not any(one.far for one in board.cross_check)
    assert not any("Mean win rates" in note for note in board.notes)
    assert "Cross-check: mean win rate" in board.to_html()


def test_tastes_in_a_circle_are_told() -> None:
    """`odd` beats only the three that it meets rarely, and loses to the one that it meets often."""
    table = duel(
        *((a, b, 120) for a in "wxyz" for b in "wxyz" if a != b),
        *(("odd", b, 90) for b in "xyz"),
        *((b, "odd", 10) for b in "xyz"),
        ("w", "odd", 3600),
        ("odd", "w", 400),
    )
    board = rank(table, now=NOW)

    (note,) = (note for note in board.notes if "Mean win rates" in note)
    odd = next(one for one in board.cross_check if one.contestant == "odd")
    assert odd.far
    assert odd.place == 1
    assert odd.expected_place > 2
    assert "odd (70.0%, expected" in note


@pytest.mark.parametrize("options", [{"method": "davidson"}, {"style": True}])
def test_other_methods_have_no_such_check(options: dict[str, object]) -> None:
    assert rank(VOTES, now=NOW, **options).cross_check == ()  # type: ignore[arg-type]
