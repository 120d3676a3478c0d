import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import InputError
from blindarena.ranking import ELO_PER_NAT
from blindarena.ranking.pareto import pareto_front, uncertain_front, utility

NAN = float("nan")


def test_by_hand() -> None:
    rating = np.array([3.0, 2.0, 2.5, 1.0, 2.0])
    cost = np.array([5.0, 1.0, 6.0, 1.0, 1.0])

    assert pareto_front(rating, cost).tolist() == [True, True, False, False, True]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.one_of(st.integers(0, 5), st.just(NAN))),
        min_size=1,
        max_size=9,
    )
)
def test_the_definition(points: list[tuple[int, float]]) -> None:
    found = pareto_front(*np.array(points, dtype=float).reshape(-1, 2).T)

    for (rating, cost), on_front in zip(points, found, strict=True):
        beaten = any(r >= rating and c <= cost and (r > rating or c < cost) for r, c in points)
        assert on_front == (not np.isnan(cost) and not beaten)


def test_the_cheapest_and_the_best_are_certain_and_a_close_one_is_not() -> None:
    theta = np.array([1.0, 0.0, 0.02, -2.0, 0.5])
    cost = np.array([9.0, 1.0, 2.0, 5.0, NAN])

    found = uncertain_front(theta, 0.01 * np.eye(5), cost, np.random.default_rng(1))

    assert found.front.tolist() == [True, True, True, False, False]
    assert found.probability[:2] == pytest.approx([1, 1], abs=0.001)
    assert found.probability[2] == pytest.approx(0.556, abs=0.03)  # Phi(0.02 / sqrt(0.02))
    assert found.probability[3] == 0
    assert np.isnan(found.probability[4])


def test_uncertain_costs_matter_too() -> None:
    theta, cost = np.array([1.0, 0.0]), np.array([1.0, 1.1])

    found = uncertain_front(
        theta, 1e-6 * np.eye(2), cost, np.random.default_rng(1), cost_error=np.array([0.1, 0.1])
    )

    assert found.front.tolist() == [True, False]
    assert found.probability[1] == pytest.approx(0.24, abs=0.03)  # Phi(-0.1 / sqrt(0.02))


def test_a_stated_value_makes_one_order() -> None:
    theta = np.array([200.0, 100.0, 0.0, 50.0]) / ELO_PER_NAT
    cost = np.array([0.05, 0.01, 0.002, NAN])

    found = utility(theta, np.eye(4) / ELO_PER_NAT**2, cost, value_of_100_elo=0.01)

    assert found.value[:3] == pytest.approx([-0.03, 0.0, -0.002])
    assert found.order == (1, 2, 0)
    lower, upper = found.interval()
    assert (upper - lower)[:3] == pytest.approx(np.full(3, 2 * 1.959964 * 0.01 / 100))
    assert np.isnan(lower[3])


def test_the_error_of_the_cost_widens_the_interval() -> None:
    found = utility(
        np.zeros(2),
        np.zeros((2, 2)),
        np.ones(2),
        value_of_100_elo=1.0,
        cost_error=np.array([0.5, 0.0]),
    )

    assert found.covariance.tolist() == [[0.25, 0.0], [0.0, 0.0]]


def test_what_has_no_meaning_is_told() -> None:
    two, square = np.zeros(2), np.zeros((2, 2))
    with pytest.raises(InputError, match="100 Elo points are worth 0"):
        utility(two, square, two, value_of_100_elo=0)
    with pytest.raises(InputError, match="cost has shape"):
        utility(two, square, np.zeros(3), value_of_100_elo=1)
    with pytest.raises(InputError, match="cost has shape"):
        uncertain_front(two, square, np.zeros(3), np.random.default_rng(1))
    with pytest.raises(InputError, match="cannot take 0 draws"):
        uncertain_front(two, square, two, np.random.default_rng(1), draws=0)
