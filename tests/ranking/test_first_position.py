from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from method_votes import read_method_votes
from vote_cases import from_rows, from_tables, mixed_votes, plain_maximum, swapped

from blindarena.errors import NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.first_position import (
    FIRST_POSITION,
    first_position_covariate,
    fit_first_position,
)
from blindarena.ranking.vote_arrays import VoteArrays


def test_two_contestants_have_a_closed_form() -> None:
    """Both orders of one pair: the advantage is half the sum of the two log-odds."""
    fit = fit_first_position(from_tables(2, [(0, 1, 60, 20, 0), (1, 0, 40, 50, 0)]))
    one, other = np.log(60 / 20), np.log(40 / 50)

    assert fit.names == (FIRST_POSITION,)
    assert fit.coefficients[0] == pytest.approx((one + other) / 2, abs=1e-13)
    assert fit.theta[0] - fit.theta[1] == pytest.approx((one - other) / 2, abs=1e-13)


def test_home_games_of_agresti() -> None:
    """Equal strengths: the advantage is the log-odds of home wins, as in Agresti's section 11.6."""
    pairs = [(a, b, 36, 27, 0) for a in range(3) for b in range(3) if a != b]

    fit = fit_first_position(from_tables(3, pairs))

    assert fit.theta == pytest.approx([0, 0, 0], abs=1e-13)
    assert fit.coefficients[0] == pytest.approx(np.log(36 / 27), abs=1e-13)


@given(mixed_votes())
def test_agrees_with_a_plain_likelihood(votes: VoteArrays) -> None:
    score = np.array([1, 0, 0.5, 0.5])[votes.outcome]
    assert votes.count is not None

    def log_likelihood(x: FloatArray) -> float:
        odds = x[votes.a] - x[votes.b] + x[-1]
        value = np.sum(votes.count * (score * odds - np.logaddexp(0, odds)))
        return float(value - x[:-1].mean() ** 2)

    expected = plain_maximum(log_likelihood, np.zeros(votes.m + 1))
    try:
        fit = fit_first_position(votes)
    except NotIdentifiedError:
        assert always_the_same_side(votes)
    else:
        assert fit.parameters == pytest.approx(expected, abs=1e-4)


def always_the_same_side(votes: VoteArrays) -> bool:
    """Say whether side a is a sum of strengths: constant over every pair's votes and circles."""
    design = np.zeros((len(votes), votes.m))
    design[np.arange(len(votes)), votes.a] = 1
    design[np.arange(len(votes)), votes.b] = -1
    ones = first_position_covariate(votes)[:, 0]
    found = np.linalg.lstsq(design, ones, rcond=None)[0]
    return bool(np.abs(design @ found - ones).max() < 1e-9)


@given(mixed_votes())
def test_swapping_sides_turns_it_round(votes: VoteArrays) -> None:
    both = VoteArrays(
        votes.m,
        *(
            np.concatenate([x, y])
            for x, y in (
                (votes.a, votes.b[:5]),
                (votes.b, votes.a[:5]),
                (votes.outcome, votes.outcome[:5]),
            )
        ),
    )
    fit, other = fit_first_position(both), fit_first_position(swapped(both))

    assert other.coefficients == pytest.approx(-fit.coefficients, abs=1e-9)
    assert other.theta == pytest.approx(fit.theta, abs=1e-9)


def test_the_golden_file(root: Path) -> None:
    """Another algorithm, and textbook standard errors, see make_method_golden.py."""
    simulated = read_method_votes(root)
    golden = simulated.golden["first_position"]

    fit = fit_first_position(simulated.votes)

    assert fit.parameters == pytest.approx(golden["estimate"], abs=1e-7)
    assert np.sqrt(fit.covariance().diagonal()) == pytest.approx(golden["error"], abs=1e-7)


def test_shuffled_sides_cost_the_strengths_nothing(root: Path) -> None:
    """Every vote in both orders: no advantage, and the strengths of Bradley-Terry."""
    votes = read_method_votes(root).votes
    other = swapped(votes)
    both = VoteArrays(
        votes.m,
        np.concatenate([votes.a, other.a]),
        np.concatenate([votes.b, other.b]),
        np.concatenate([votes.outcome, other.outcome]),
    )

    assert fit_first_position(both).coefficients[0] == pytest.approx(0, abs=1e-12)


def test_where_everybody_has_one_side_it_is_told() -> None:
    votes = from_rows(3, [(0, 1, o, 3) for o in (0, 1)] + [(1, 2, o, 2) for o in (0, 1)])

    with pytest.raises(NotIdentifiedError, match="'first position' is determined by who meets"):
        fit_first_position(votes)
