from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from ranking_cases import WIKIPEDIA, connected_counts, pair_counts
from test_coverage import M, cells, counts_of

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking import PairCounts, fit_bradley_terry
from blindarena.ranking.votes_to_flip import votes_to_flip


def without(counts: PairCounts, removed: np.ndarray) -> PairCounts:
    left = np.stack([counts.wins_first, counts.wins_second, counts.ties]) - removed
    return PairCounts(counts.m, counts.first, counts.second, *left)


def test_two_contestants_by_hand() -> None:
    """12 to 9: with 4 wins less it is 8 to 9."""
    found = votes_to_flip(pair_counts(2, [(0, 1, 12, 9, 5)]), 1, 0)

    assert found is not None
    assert (found.ahead, found.behind, found.votes) == (0, 1, 4)
    assert found.removed.ravel().tolist() == [4, 0, 0]
    assert found.gap > 0
    assert found.share == 4 / 26


@given(connected_counts())
def test_the_set_changes_the_order_of_a_fit(counts: PairCounts) -> None:
    found = votes_to_flip(counts, 0, 1)

    if found is not None:
        theta = fit_bradley_terry(without(counts, found.removed)).theta
        assert theta[found.behind] - theta[found.ahead] == pytest.approx(found.gap, abs=1e-7)
        assert found.gap > 0
        assert found.removed.sum() == found.votes
        assert (found.removed >= 0).all()


def test_no_smaller_set_where_all_can_be_tried() -> None:
    """All ways to take one vote less from the 22 games of Wikipedia's example."""
    found = votes_to_flip(WIKIPEDIA, 1, 3)
    assert found is not None
    votes = np.stack([WIKIPEDIA.wins_first, WIKIPEDIA.wins_second, WIKIPEDIA.ties])

    for taken in product(*(range(min(n, found.votes - 1) + 1) for n in votes.ravel())):
        if sum(taken) != found.votes - 1:
            continue
        try:
            theta = fit_bradley_terry(
                without(WIKIPEDIA, np.array(taken).reshape(votes.shape))
            ).theta
        except (NotIdentifiedError, ConvergenceError):
            continue
        assert theta[found.ahead] >= theta[found.behind]


def test_neighbours_of_a_board_flip_by_few_votes_and_one_less_does_not_do() -> None:
    rng = np.random.default_rng(1)
    chances = cells(rng, fits=False, tie_share=0.2)
    counts = counts_of(rng.multinomial(20_000, chances.ravel()).reshape(3, -1))
    theta = fit_bradley_terry(counts).theta
    order = np.argsort(-theta)

    for one, other in pairwise(order):
        found = votes_to_flip(counts, int(one), int(other), theta=theta)
        assert found is not None
        assert found.ahead == one
        assert found.share < 0.08
    assert len(order) == M


def test_those_who_cannot_be_compared_are_told() -> None:
    with pytest.raises(InputError, match="contestants 1 and 1 must differ"):
        votes_to_flip(WIKIPEDIA, 1, 1)
    with pytest.raises(InputError, match="be 0 to 3"):
        votes_to_flip(WIKIPEDIA, 1, 4)


def test_where_every_way_ends_in_no_rating_there_is_none() -> None:
    """0 is ahead of 1 by its only win over 2; without it, it has no rating."""
    counts = pair_counts(3, [(0, 2, 1, 1, 0), (1, 2, 1, 2, 0)])

    assert votes_to_flip(counts, 0, 1) is None
