import numpy as np
import pytest
from ranking_cases import pair_counts

from blindarena.errors import InputError
from blindarena.ranking import PairCounts, tally


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ((0, 3, 1, 1, 1), r"second\[1\] is 3; it must be 0 to 2"),
        ((-1, 1, 1, 1, 1), r"first\[1\] is -1"),
        ((0, 1, -1, 1, 1), r"wins_first\[1\] is -1; it must be 0 or more"),
        ((0, 1, 1, 1, -5), r"ties\[1\] is -5"),
        ((2, 2, 1, 1, 1), "pair 1 is contestant 2 against itself"),
    ],
)
def test_a_bad_entry_is_named(row: tuple[int, int, int, int, int], says: str) -> None:
    with pytest.raises(InputError, match=says):
        pair_counts(3, [(0, 1, 1, 1, 1), row])


def test_wrong_arrays_are_named() -> None:
    one, two = np.array([0]), np.array([1, 2])

    with pytest.raises(InputError, match=r"second has shape \(2,\)"):
        PairCounts(3, one, two, one, one, one)
    with pytest.raises(InputError, match="ties has dtype float64"):
        PairCounts(3, one, one + 1, one, one, one * 0.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="m is -1"):
        pair_counts(-1, [])


def test_among_keeps_the_votes_inside() -> None:
    counts = pair_counts(4, [(0, 1, 1, 2, 3), (1, 3, 4, 5, 6), (3, 0, 7, 8, 9), (2, 3, 1, 1, 1)])

    inside = counts.among(np.array([3, 0, 1]))

    assert inside.m == 3
    assert inside.first.tolist() == [1, 2, 0]
    assert inside.second.tolist() == [2, 0, 1]
    assert inside.wins_first.tolist() == [1, 4, 7]
    assert inside.wins_second.tolist() == [2, 5, 8]
    assert inside.ties.tolist() == [3, 6, 9]


def test_tallies_see_each_vote_from_both_sides() -> None:
    tallies = tally(pair_counts(4, [(0, 1, 1, 2, 3), (2, 0, 10, 20, 30)]))

    assert tallies.wins.tolist() == [21, 2, 10, 0]
    assert tallies.losses.tolist() == [12, 1, 20, 0]
    assert tallies.ties.tolist() == [33, 3, 30, 0]
    assert tallies.votes.tolist() == [66, 6, 60, 0]
    assert tallies.win_rate == pytest.approx(
        [(21 + 16.5) / 66, (2 + 1.5) / 6, 25 / 60, np.nan], nan_ok=True
    )


def test_tallies_are_exact_beyond_the_whole_numbers_of_floats() -> None:
    many = 2**53

    assert tally(pair_counts(3, [(0, 1, many, 0, 0), (0, 2, 1, 0, 0)])).wins[0] == many + 1
