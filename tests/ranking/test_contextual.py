from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from method_votes import MethodVotes, read_method_votes
from scipy.integrate import quad
from vote_cases import from_rows, from_tables, mixed_votes, plain_maximum, renamed, swapped

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.contextual import NARROWEST, fit_contextual
from blindarena.ranking.estimating import bread
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays


@pytest.fixture(scope="module")
def simulated(root: Path) -> MethodVotes:
    return read_method_votes(root)


def categories_for(votes: VoteArrays, count: int = 3) -> IntArray:
    return np.random.default_rng(len(votes)).integers(0, count, len(votes))


def log_posterior(votes: VoteArrays, category: IntArray, spread: float, x: FloatArray) -> float:
    """Add up log-chances of single votes and of normal offsets."""
    theta, offsets = x[: votes.m], x[votes.m :].reshape(-1, votes.m)
    strength = theta + offsets
    score = np.array([1, 0, 0.5, 0.5])[votes.outcome]
    odds = strength[category, votes.a] - strength[category, votes.b]
    assert votes.count is not None
    value = np.sum(votes.count * (score * odds - np.logaddexp(0, odds)))
    value -= np.sum(offsets**2) / 2 * (ELO_PER_NAT / spread) ** 2
    return float(value - theta.mean() ** 2)


def test_equals_in_two_categories_have_a_closed_form() -> None:
    """Opposite categories: the overall strengths are 0 and an offset solves one equation."""
    votes = from_tables(2, [(0, 1, 70, 30, 0), (0, 1, 30, 70, 0)])
    category = np.array([0, 0, 0, 1, 1, 1])

    fit = fit_contextual(votes, category, 2, spread_elo=ELO_PER_NAT)

    u = fit.offsets[0, 0]
    assert fit.theta == pytest.approx([0, 0], abs=1e-13)
    assert fit.offsets == pytest.approx(np.array([[u, -u], [-u, u]]), abs=1e-13)
    assert 70 - 100 / (1 + np.exp(-2 * u)) == pytest.approx(u, abs=1e-11)


@given(mixed_votes(most=10), st.floats(20, 400))
def test_agrees_with_a_plain_posterior(votes: VoteArrays, spread: float) -> None:
    category = categories_for(votes)

    fit = fit_contextual(votes, category, 3, spread_elo=spread)

    expected = plain_maximum(
        lambda x: log_posterior(votes, category, spread, x), np.zeros(4 * votes.m)
    )
    assert fit.parameters == pytest.approx(expected, abs=2e-4)


def test_the_golden_file(simulated: MethodVotes) -> None:
    """Another algorithm, see make_method_golden.py."""
    fit = fit_contextual(simulated.votes, simulated.category, 3, spread_elo=60)

    assert fit.parameters == pytest.approx(simulated.golden["contextual_spread_60"], abs=1e-7)
    assert fit.gradient < 1e-12


def test_the_evidence_is_the_integral_of_the_posterior() -> None:
    """Two contestants, one category: one offset difference d is left to integrate over.

    The overall difference is free, so offsets of a single category say nothing, and the evidence
    is that of the plain strengths whatever the spread.
    """
    votes = from_tables(2, [(0, 1, 60, 40, 0)])

    evidence = [
        fit_contextual(votes, np.zeros(3, dtype=int), 1, spread_elo=spread).log_evidence
        for spread in (10, 100, 1000)
    ]

    assert evidence == pytest.approx([evidence[0]] * 3, abs=1e-9)


def test_the_evidence_agrees_with_quadrature() -> None:
    """Two categories of two contestants; with many votes Laplace's approximation is close."""
    votes = from_tables(2, [(0, 1, 600, 400, 0), (0, 1, 500, 500, 0)])
    category = np.repeat([0, 1], 3)

    def by_quadrature(spread: float) -> float:
        variance = 2 * (spread / ELO_PER_NAT) ** 2  # of a difference of two offsets

        def chance(d: float, wins: int) -> float:
            top = wins * np.log(wins / 1000) + (1000 - wins) * np.log(1 - wins / 1000)
            return float(np.exp(wins * d - 1000 * np.logaddexp(0, d) - top))

        def over_offset(theta: float, wins: int) -> float:
            def inside(d: float) -> float:
                normal = np.exp(-((d - theta) ** 2) / 2 / variance)
                return chance(d, wins) * float(normal / np.sqrt(2 * np.pi * variance))

            return quad(inside, -1, 1.5, points=[0.0, 0.4, theta], limit=200)[0]

        both = quad(lambda t: over_offset(t, 600) * over_offset(t, 500), -1.5, 2, limit=200)[0]
        return float(np.log(both))

    def by_laplace(spread: float) -> float:
        return fit_contextual(votes, category, 2, spread_elo=spread).log_evidence

    assert by_laplace(30) - by_laplace(60) == pytest.approx(
        by_quadrature(30) - by_quadrature(60), abs=0.01
    )


def test_the_estimated_spread_is_the_likeliest(simulated: MethodVotes) -> None:
    votes, category = simulated.votes, simulated.category

    best = fit_contextual(votes, category, 3)

    assert best.estimated
    for spread in (best.spread_elo / 1.3, best.spread_elo * 1.3):
        near = fit_contextual(votes, category, 3, spread_elo=spread)
        assert not near.estimated
        assert near.log_evidence < best.log_evidence


def simulate(spread: float, seed: int) -> tuple[VoteArrays, IntArray, FloatArray]:
    rng = np.random.default_rng(seed)
    m, n, categories = 10, 40_000, 6
    strength = rng.normal(0, 0.8, m) + rng.normal(0, spread / ELO_PER_NAT, (categories, m))
    category = rng.integers(0, categories, n)
    a = rng.integers(0, m, n)
    b = (a + rng.integers(1, m, n)) % m
    odds = strength[category, a] - strength[category, b]
    outcome = np.where(rng.random(n) < 1 / (1 + np.exp(-odds)), 0, 1)
    return VoteArrays(m, a, b, outcome), category, strength


@pytest.mark.parametrize("spread", [30, 100])
def test_the_estimated_spread_is_near_the_true_one(spread: float) -> None:
    votes, category, _ = simulate(spread, 11)

    assert fit_contextual(votes, category, 6).spread_elo == pytest.approx(spread, rel=0.3)


def test_where_categories_do_not_differ_the_spread_is_small() -> None:
    votes, category, _ = simulate(0, 12)

    fit = fit_contextual(votes, category, 6)

    assert fit.spread_elo < 12
    assert fit_contextual(votes, category, 6, spread_elo=NARROWEST).offsets == pytest.approx(
        0, abs=1e-2
    )


def test_shrinking_beats_both_extremes() -> None:
    votes, category, true = simulate(40, 13)
    few = np.random.default_rng(0).random(len(votes)) < 0.1
    votes = VoteArrays(votes.m, votes.a[few], votes.b[few], votes.outcome[few])
    category, true = category[few], true - true.mean(axis=1, keepdims=True)

    def miss(spread: float | None) -> float:
        fit = fit_contextual(votes, category, 6, spread_elo=spread)
        found = np.stack([fit.strengths(c) for c in range(6)])
        return float(np.sqrt(np.mean((found - true) ** 2)))

    assert miss(None) < 0.9 * miss(1)
    assert miss(None) < 0.9 * miss(1000)


def test_posterior_intervals_hold_the_true_strengths() -> None:
    inside, total = 0, 0
    for seed in range(12):
        votes, category, true = simulate(60, 100 + seed)
        fit = fit_contextual(votes, category, 6, spread_elo=60)
        for c in range(6):
            error = np.sqrt(fit.covariance(c).diagonal())
            off = fit.strengths(c) - (true[c] - true[c].mean())
            inside += int((np.abs(off) < 1.96 * error).sum())
            total += len(off)

    assert inside / total == pytest.approx(0.95, abs=0.02)


@given(mixed_votes())
def test_the_covariance_is_that_of_the_whole_curvature(votes: VoteArrays) -> None:
    fit = fit_contextual(votes, categories_for(votes), 3, spread_elo=70)
    m, whole = votes.m, bread(votes.m, fit.hessian)

    for c in range(3):
        total = np.zeros((m, len(whole)))
        total[:, :m] = total[:, m * (1 + c) : m * (2 + c)] = np.eye(m) - 1 / m
        assert fit.covariance(c) == pytest.approx(total @ whole @ total.T, abs=1e-10)
    overall = np.zeros((m, len(whole)))
    overall[:, :m] = np.eye(m) - 1 / m
    assert fit.overall_covariance() == pytest.approx(overall @ whole @ overall.T, abs=1e-10)


def test_another_centre_is_a_linear_map(simulated: MethodVotes) -> None:
    fit = fit_contextual(simulated.votes, simulated.category, 3, spread_elo=70)
    centre = np.arange(5) < 2
    change = np.eye(5) - centre / 2

    assert fit.covariance(1, centre=centre) == pytest.approx(
        change @ fit.covariance(1) @ change.T, abs=1e-12
    )
    assert fit.overall_covariance(centre=centre) == pytest.approx(
        change @ fit.overall_covariance() @ change.T, abs=1e-12
    )


@given(mixed_votes(), st.randoms(use_true_random=False))
def test_names_order_and_sides_do_not_matter(votes: VoteArrays, random: object) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]
    category = categories_for(votes)
    fit = fit_contextual(votes, category, 3, spread_elo=70)

    other = fit_contextual(renamed(swapped(votes), order), category[::-1], 3, spread_elo=70)

    assert other.theta[order] == pytest.approx(fit.theta, abs=1e-9)
    assert other.offsets[:, order] == pytest.approx(fit.offsets, abs=1e-9)


@given(mixed_votes())
def test_a_tiny_spread_is_one_board(votes: VoteArrays) -> None:
    fit = fit_contextual(votes, categories_for(votes), 3, spread_elo=0.001)

    assert fit.theta == pytest.approx(fit_bradley_terry(votes.pair_counts()).theta, abs=1e-6)


def test_a_category_without_a_connected_graph_of_its_own_is_rated() -> None:
    """In category 1 contestant 2 only lost, and 0 was never seen."""
    votes = from_rows(3, [(i, (i + 1) % 3, o, 20) for i in range(3) for o in (0, 1)])
    more = from_rows(3, [(1, 2, 0, 5)])
    both = VoteArrays(
        3,
        np.concatenate([votes.a, more.a]),
        np.concatenate([votes.b, more.b]),
        np.concatenate([votes.outcome, more.outcome]),
        np.array([20] * 6 + [5]),
    )

    fit = fit_contextual(both, np.array([0] * 6 + [1]), 2, spread_elo=50)

    assert fit.strengths(1)[1] > fit.strengths(0)[1]
    assert fit.offsets[1, 0] == pytest.approx(0, abs=1e-12)
    assert fit.votes[1].tolist() == [0, 5, 5]


def test_one_contestant_is_average() -> None:
    assert fit_contextual(from_rows(1, []), np.zeros(0, dtype=int), 2).theta.tolist() == [0]


def test_a_graph_that_no_category_connects_is_told() -> None:
    votes = from_rows(3, [(0, 1, 0, 2), (0, 1, 1, 2), (1, 2, 0, 9)])

    with pytest.raises(NotIdentifiedError, match=r"\(2\)"):
        fit_contextual(votes, np.array([0, 0, 1]), 2)
    with pytest.raises(NotIdentifiedError, match=r"\(2\)"):
        fit_contextual(votes, np.array([0, 0, 1]), 2, weights=np.ones(3))


@pytest.mark.parametrize(
    ("category", "count", "spread", "says"),
    [
        (np.array([0, 0, 2]), 2, 50.0, r"category\[2\] is 2; it must be 0 to 1"),
        (np.array([0, -1, 1]), 2, 50.0, r"category\[1\] is -1"),
        (np.array([0, 0]), 2, 50.0, "shape"),
        (np.array([0, 0, 0]), 0, 50.0, "categories is 0"),
        (np.array([0, 0, 0]), 1, -1.0, "Elo points wide"),
    ],
)
def test_useless_input_is_told(category: IntArray, count: int, spread: float, says: str) -> None:
    votes = from_rows(2, [(0, 1, 0, 2), (0, 1, 1, 2), (1, 0, 0, 9)])

    with pytest.raises(InputError, match=says):
        fit_contextual(votes, category, count, spread_elo=spread)


def test_a_tolerance_out_of_reach_is_told(simulated: MethodVotes) -> None:
    with pytest.raises(ConvergenceError, match="did not reach tol=-1"):
        fit_contextual(simulated.votes, simulated.category, 3, spread_elo=50, tol=-1.0)
