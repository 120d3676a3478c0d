"""Shares and ratios: published figures, other implementations, symmetry, golden file, coverage."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.intervals import normal_interval, t_interval
from blindarena.ranking.proportions import clustered_share, wilson_interval
from blindarena.ranking.ratios import ratio_interval

GOLDEN = Path(__file__).resolve().parents[1] / "data/usable_answers.json"


def one(value: float) -> FloatArray:
    return np.array([value], float)


def wilson(successes: float, n: float) -> tuple[float, float]:
    lower, upper = wilson_interval(one(successes), one(n))
    return float(lower[0]), float(upper[0])


def ratio(top: tuple[float, ...], under: tuple[float, ...]) -> tuple[float, float]:
    lower, upper = ratio_interval(*(tuple(map(one, three)) for three in (top, under)))  # type: ignore[arg-type]
    return float(lower[0]), float(upper[0])


@pytest.mark.parametrize(
    ("successes", "n", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_examples_of_newcombe(successes: int, n: int, lower: float, upper: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert wilson(successes, n) == pytest.approx((lower, upper), abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_scipy_finds_the_same_interval(case: tuple[int, int]) -> None:
    theirs = binomtest(*case).proportion_ci(method="wilson")

    assert wilson(*case) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_failures_have_the_mirrored_interval(case: tuple[int, int]) -> None:
    some, n = case
    lower, upper = wilson(some, n)

    assert wilson(n - some, n) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)
    assert 0 <= lower <= some / n <= upper <= 1
    assert upper - lower > 0


def test_no_answers_no_interval() -> None:
    assert np.isnan(wilson(0, 0)).all()
    for successes in (-1, 3):
        with pytest.raises(InputError, match="between 0 and"):
            wilson(successes, 2)
        with pytest.raises(InputError, match="between 0 and"):
            clustered_share(one(successes), one(2))


def test_the_example_of_fagerland_lydersen_and_laake() -> None:
    """7 of 34 against 1 of 34: MOVER-R with Wilson's intervals, 7.00 (1.15 to 41.98).

    Statistical Analysis of Contingency Tables (2017), chapter 4, data of Perondi et al. (2004);
    four digits as its R package `contingencytables` prints them.
    """
    found = ratio((7 / 34, *wilson(7, 34)), (1 / 34, *wilson(1, 34)))

    assert found == pytest.approx((1.1537, 41.9763), abs=5e-5)


@given(st.floats(0.01, 10), st.floats(0.001, 0.3), st.floats(0.05, 1), st.floats(0.001, 0.3))
def test_symmetrical_bounds_give_fieller(a: float, cv_a: float, b: float, cv_b: float) -> None:
    """Fieller: those r with (a - r b)^2 = z^2 (var a + r^2 var b), as roots of a polynomial."""
    half_a, half_b = 1.96 * cv_a * a, 1.96 * cv_b * b
    roots = np.roots([b**2 - half_b**2, -2 * a * b, a**2 - half_a**2])
    found = ratio((a, a - half_a, a + half_a), (b, b - half_b, b + half_b))

    assert found == pytest.approx(tuple(sorted(roots.real)), rel=1e-6)


@given(st.integers(1, 50), st.integers(0, 50), st.floats(0.01, 100))
def test_a_ratio_turns_over_and_scales(some: int, more: int, scale: float) -> None:
    n = some + more
    p = (some / n, *wilson(some, n))
    q = (0.4, 0.3, 0.6)
    lower, upper = ratio(q, p)

    assert ratio(p, q) == pytest.approx((1 / upper, 1 / lower), rel=1e-9)
    scaled = ratio((scale * q[0], scale * q[1], scale * q[2]), p)
    assert scaled == pytest.approx((scale * lower, scale * upper), rel=1e-9)
    assert 0 < lower <= q[0] / p[0] * (1 + 1e-12)
    assert upper >= q[0] / p[0] * (1 - 1e-12)


def test_what_may_be_nothing_has_no_upper_bound() -> None:
    cost = (0.02, 0.018, 0.022)

    lower, upper = ratio(cost, (0.0, *wilson(0, 20)))

    assert upper == np.inf
    assert lower == pytest.approx(np.sqrt(0.018 * 0.022) / wilson(0, 20)[1], rel=1e-12)
    assert np.isnan(ratio((np.nan,) * 3, (0.5, 0.4, 0.6))).all()
    assert np.isnan(ratio(cost, (np.nan,) * 3)).all()
    assert ratio((0.0, 0.0, 0.0), (0.5, 0.4, 0.6)) == (0, 0)


def test_one_answer_each_is_wilson_with_students_quantile() -> None:
    n = 40
    successes = np.repeat([1.0, 0.0], [12, n - 12])
    found = clustered_share(successes, np.ones(n))
    lower, upper = wilson(12, n)

    assert (found.share, found.n, found.clusters) == (0.3, n, n)
    assert found.effective_n == pytest.approx(n, rel=0.03)
    # Student's quantile with 39 degrees of freedom is 3.2 % above the normal one
    assert found.upper - found.lower == pytest.approx(1.04 * (upper - lower), rel=0.02)
    assert found.lower < lower < upper < found.upper


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_the_variance_is_that_of_clustered_least_squares(clusters: int, seed: int) -> None:
    """A regression on a constant with errors by cluster (CR0, times g / (g - 1)), row by row."""
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 9, clusters)
    successes = rng.binomial(n, rng.beta(2, 2, clusters))
    who = np.repeat(np.arange(clusters), n)
    rows = np.concatenate([np.arange(k) < s for s, k in zip(successes, n, strict=True)]).astype(
        float
    )
    design = np.ones((len(rows), 1))
    bread = np.linalg.inv(design.T @ design)
    residual = rows - (design @ bread @ design.T @ rows)
    scores = [design[who == g].T @ residual[who == g] for g in range(clusters)]
    meat = sum(np.outer(score, score) for score in scores)
    variance = float((bread @ meat @ bread)[0, 0]) * clusters / (clusters - 1)
    share = rows.mean()

    found = clustered_share(successes.astype(float), n.astype(float))

    assert found.share == pytest.approx(share)
    if 0 < share < 1 and variance > 1e-12:
        plain = share * (1 - share) / len(rows)
        assert found.effective_n == pytest.approx(min(len(rows), len(rows) * plain / variance))
    assert 0 <= found.lower <= found.share <= found.upper <= 1


def test_alike_answers_of_a_voter_widen_the_interval() -> None:
    every = clustered_share(np.array([10.0, 0, 10, 0, 10, 0]), np.full(6, 10.0))
    mixed = clustered_share(np.full(6, 5.0), np.full(6, 10.0))

    assert every.share == mixed.share == 0.5
    assert every.effective_n == pytest.approx(5)
    assert mixed.effective_n == 60
    assert every.upper - every.lower > 2 * (mixed.upper - mixed.lower)


def test_one_voter_or_none() -> None:
    single = clustered_share(one(3), one(4))
    nobody = clustered_share(one(0), one(0))

    assert (single.share, single.clusters) == (0.75, 1)
    assert np.isnan([single.lower, single.upper, nobody.share, nobody.lower]).all()
    assert (nobody.n, nobody.clusters) == (0, 0)


def test_golden() -> None:
    """Figures of tests/data/usable_answers.json; make_usable_golden.py says how they were found."""
    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]:
        successes, n = np.array(case["successes"], float), np.array(case["n"], float)
        share = (successes.sum() / n.sum(), *wilson(successes.sum(), n.sum()))
        assert share[1:] == pytest.approx(case["wilson"], abs=1e-9)
        found = clustered_share(successes, n)
        assert (found.lower, found.upper) == pytest.approx(case["clustered"], abs=1e-9)
        assert ratio(tuple(case["cost"]), share) == pytest.approx(case["ratio"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("p", "n", "least"), [(0.1, 60, 0.93), (0.5, 60, 0.93), (0.9, 200, 0.93)])
def test_coverage_of_cost_per_sendable_answer(p: float, n: int, least: float) -> None:
    """Skewed costs (a coefficient of variation of 0.6), independent of what is sendable."""
    held = cost_coverage(p, n)

    print(f"p={p} n={n}: {held:.3f}")
    assert least <= held <= 0.975


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "low", "high"), [(1.5, 0.96, 1.0), (0.67, 0.88, 0.95)])
def test_coverage_where_what_is_sent_costs_more_or_less(
    sent: float, low: float, high: float
) -> None:
    """Answers that would be sent cost so many times what others cost: the two go together."""
    held = cost_coverage(0.5, 60, sent=sent)

    print(f"sent ones cost {sent} times: {held:.3f}")
    assert low <= held <= high


def cost_coverage(p: float, n: int, *, sent: float = 1.0) -> float:
    """Return how often the interval holds the cost per sendable answer."""
    rng = np.random.default_rng(4)
    rounds, sigma = 4_000, np.sqrt(np.log(1 + 0.6**2))
    sendable = rng.random((rounds, n)) < p
    cost = rng.lognormal(-(sigma**2) / 2, sigma, (rounds, n)) * np.where(sendable, sent, 1)
    successes = sendable.sum(axis=1).astype(float)
    truth = (p * sent + 1 - p) / p
    mean, error = cost.mean(axis=1), cost.std(axis=1, ddof=1) / np.sqrt(n)
    top = (mean, *t_interval(mean, error**2, np.full(rounds, n - 1.0)))
    under = (successes / n, *wilson_interval(successes, np.full(rounds, float(n))))

    lower, upper = ratio_interval(top, under)

    return float(((lower <= truth) & (truth <= upper)).mean())


@pytest.mark.slow
@pytest.mark.parametrize("voters", [5, 10, 30])
def test_coverage_of_a_share_by_voter(voters: int) -> None:
    """Voters who differ (beta, correlation 0.2), a few of them with far more votes than others."""
    rng = np.random.default_rng(5)
    p, rho, rounds = 0.7, 0.2, 3_000
    spread = 1 / rho - 1
    n = np.where(np.arange(voters) < voters // 5, 40.0, 12.0)
    held = plain = 0
    for _ in range(rounds):
        each = rng.beta(p * spread, (1 - p) * spread, voters)
        successes = rng.binomial(n.astype(int), each).astype(float)
        found = clustered_share(successes, n)
        lower, upper = wilson(successes.sum(), n.sum())
        held += found.lower <= p <= found.upper
        plain += lower <= p <= upper
    print(f"{voters} voters: {held / rounds:.3f}, each answer for itself {plain / rounds:.3f}")
    assert held / rounds >= 0.91
    assert plain / rounds <= 0.8


def test_a_normal_interval_of_a_rate_is_shorter_than_nothing_at_the_ends() -> None:
    """Why Wilson's: the textbook interval of 0 of 20 has no width, and says that 0 is certain."""
    lower, upper = normal_interval(one(0), one(0))

    assert (float(lower[0]), float(upper[0])) == (0, 0)
    assert wilson(0, 20)[1] > 0.16
