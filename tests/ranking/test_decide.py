import numpy as np
import pytest

from blindarena.errors import InputError
from blindarena.ranking import ELO_PER_NAT
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.decide import (
    Decision,
    decide,
    decide_at_any_time,
    leading_bounds,
    stopping_bounds,
)
from blindarena.ranking.differences import differences
from blindarena.ranking.votes_needed import (
    expected_spend,
    votes_for_difference,
    votes_still_needed,
)

MARGIN = 0.2


def decided(theta: list[float], half: float, cost: list[float] | None = None) -> Decision:
    """Decide with the same half-width for every pair."""
    gap = differences(np.array(theta))
    width = half * (1 - np.eye(len(theta)))
    return decide(
        np.array(theta),
        gap - width,
        gap + width,
        margin=MARGIN,
        cost=None if cost is None else np.array(cost),
    )


def test_ahead_of_everybody_is_better() -> None:
    found = decided([0.0, 1.0, 0.5], 0.3)

    assert (found.verdict, found.choice, found.leader) == ("better", 1, 1)
    assert found.equals.tolist() == [1]
    assert found.undecided.tolist() == []


def test_too_close_to_matter_takes_the_cheaper() -> None:
    found = decided([0.02, 0.0, -1.0], 0.1, [5.0, 1.0, 0.1])

    assert (found.verdict, found.choice, found.leader) == ("practically_equal", 1, 0)
    assert found.equals.tolist() == [0, 1]


def test_the_cheaper_is_not_taken_where_somebody_may_be_ahead_of_it_by_the_margin() -> None:
    """2 is within the margin of the leader 0, but 1, which is also, may be ahead of 2 by it."""
    theta = np.array([0.0, -0.01, -0.12])
    gap = differences(theta)
    half = np.array([[0, 0.05, 0.05], [0.05, 0, 0.2], [0.05, 0.2, 0]])

    found = decide(theta, gap - half, gap + half, margin=MARGIN, cost=np.array([3.0, 2.0, 1.0]))

    assert found.equals.tolist() == [0, 1, 2]
    assert found.choice == 1


def test_an_open_comparison_is_undecided() -> None:
    found = decided([0.0, 0.15, -1.0], 0.2)

    assert (found.verdict, found.choice) == ("undecided", None)
    assert found.undecided.tolist() == [0]


def test_different_for_certain_but_too_little_to_matter_is_practically_equal() -> None:
    found = decided([0.1, 0.0], 0.05)

    assert found.verdict == "practically_equal"
    assert found.choice == 0


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.1, 0.15, 0.2, 1.0])
def test_every_difference_is_decided_once_the_width_is_below_half_the_margin(gap: float) -> None:
    assert decided([gap, 0.0], 0.49 * MARGIN).verdict != "undecided"


def test_unknown_costs_are_never_cheaper() -> None:
    assert decided([0.02, 0.0], 0.1, [5.0, np.nan]).choice == 0
    assert decided([0.02, 0.0], 0.1, [np.nan, 5.0]).choice == 1
    assert decided([0.02, 0.0], 0.1, [np.nan, np.nan]).choice == 0
    assert decided([0.02, 0.0], 0.1, [1.0, 1.0]).choice == 0


def test_one_contestant_is_the_choice() -> None:
    assert decide_at_any_time(np.zeros(1), np.zeros((1, 1)), margin=0.1).choice == 0


def test_nobody_and_no_margin_are_told() -> None:
    with pytest.raises(InputError, match="the margin is 0"):
        decide(np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2)), margin=0)
    with pytest.raises(InputError, match="no contestants"):
        decide(np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0)), margin=0.1)


def test_more_certainty_turns_undecided_into_a_decision() -> None:
    theta = np.array([0.3, 0.0, 0.28])

    verdicts = [
        decide_at_any_time(theta, variance * np.eye(3), margin=0.1).verdict
        for variance in (1.0, 0.01, 1e-4)
    ]

    assert verdicts == ["undecided", "undecided", "practically_equal"]


def test_the_bounds_are_antisymmetric() -> None:
    lower, upper = stopping_bounds(np.array([0.3, 0.0]), 0.01 * np.eye(2), margin=0.1)

    assert (lower == -upper.T).all()


def ahead_by(gaps: list[float], half: float, narrow: float) -> Decision:
    theta = np.array(gaps)
    gap = differences(theta)
    return decide(theta, gap - half, gap + half, margin=MARGIN, ahead=gap - narrow)


def test_a_leader_ahead_of_everybody_is_better_by_the_narrower_bounds() -> None:
    assert ahead_by([0.5, 0.0, 0.1], half=0.6, narrow=0.3).verdict == "better"
    assert ahead_by([0.5, 0.0, 0.1], half=0.6, narrow=0.45).undecided.tolist() == [2]


def test_among_practical_equals_the_wider_bounds_count() -> None:
    """1 equals the leader; 2 is behind it by the narrower bounds only."""
    found = ahead_by([0.2, 0.2, 0.08], half=0.16, narrow=0.1)

    assert (found.verdict, found.undecided.tolist()) == ("undecided", [2])
    assert ahead_by([0.2, 0.2, 0.0], half=0.16, narrow=0.1).verdict == "practically_equal"


def test_two_contestants_need_no_narrower_bounds() -> None:
    two, three = (0.01 * np.eye(m) for m in (2, 3))

    def apart(covariance: FloatArray) -> float:
        theta = np.zeros(len(covariance))
        lower, _ = stopping_bounds(theta, covariance, margin=0.1)
        return float((leading_bounds(theta, covariance, margin=0.1) - lower).max())

    assert apart(two) == 0
    assert apart(three) > 0


def chance(difference: float) -> float:
    return float(1 / (1 + np.exp(-difference)))


@pytest.mark.parametrize("tie_share", [0.0, 0.4])
@pytest.mark.parametrize("elo", [20, 50, 100])
def test_so_many_votes_give_the_stated_power(elo: float, tie_share: float) -> None:
    """Boards of that many votes, tested as stated: about 80 % show the difference."""
    n = votes_for_difference(elo / ELO_PER_NAT, tie_share=tie_share)
    mu = chance(elo / ELO_PER_NAT)
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(n, [mu - tie_share / 2, 1 - mu - tie_share / 2, tie_share], size=20_000)
    score = (drawn[:, 0] + drawn[:, 2] / 2) / n
    variance = (drawn[:, 0] + drawn[:, 2] / 4) / n - score**2

    shown = np.abs(score - 0.5) > 1.959964 * np.sqrt(variance / n)

    assert shown.mean() == pytest.approx(0.8, abs=0.015)


def test_votes_by_hand() -> None:
    """(1.96 + 0.842)^2 / 4 / (mu - 0.5)^2 as mu comes close to 0.5."""
    assert votes_for_difference(0.01) == pytest.approx(7.849 * 4 / 0.01**2, rel=1e-3)
    assert votes_for_difference(0.5) == votes_for_difference(-0.5)
    assert votes_for_difference(30) == 1


def test_a_board_needs_what_its_variance_says() -> None:
    assert votes_still_needed(0.1, variance=0.01, votes=100) == pytest.approx(685, abs=1)
    assert votes_still_needed(0.1, variance=0.0001, votes=100) == 0
    whole: FloatArray = np.array(
        [votes_still_needed(d, variance=0.01, votes=100) for d in (0.1, 0.05)]
    )
    assert (whole[1] + 100) / (whole[0] + 100) == pytest.approx(4, rel=0.01)


def test_what_votes_cost() -> None:
    assert expected_spend(500, 0.002) == pytest.approx(2.0)


def test_impossible_wishes_are_told() -> None:
    with pytest.raises(InputError, match="the difference is 0"):
        votes_for_difference(0)
    with pytest.raises(InputError, match=r"tie share of 0\.9"):
        votes_for_difference(1.0, tie_share=0.9)
    with pytest.raises(InputError, match="the power is 1"):
        votes_for_difference(1.0, power=1)
    with pytest.raises(InputError, match="the variance is 0"):
        votes_still_needed(1.0, variance=0, votes=10)
    with pytest.raises(InputError, match="the difference is nan"):
        votes_still_needed(np.nan, variance=1, votes=10)
