"""Differences of all pairs, and by simulation how often all of them hold at once.

The figures are in docs/methods/simultaneous.md.
"""

import numpy as np
import pytest
from hypothesis import given
from ranking_cases import connected_counts
from scipy.stats import norm, studentized_range
from test_coverage import M, cells, counts_of

from blindarena.errors import InputError
from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    is_strongly_connected,
    sandwich_covariance,
)
from blindarena.ranking.differences import (
    difference_intervals,
    difference_variances,
    differences,
    relative_to,
)
from blindarena.ranking.simultaneous import simultaneous_differences

REPLICATES = 1500
DRAWS = 2000


@pytest.mark.parametrize("m", [2, 3, 10])
def test_equal_variances_give_tukeys_range(m: int) -> None:
    """Independent equal errors: the studentised range over the root of 2 (Tukey 1953)."""
    found = simultaneous_differences(
        np.zeros(m), np.eye(m), np.random.default_rng(1), draws=100_000
    )

    assert found.critical == pytest.approx(
        studentized_range.ppf(0.95, m, np.inf) / 2**0.5, abs=0.02
    )


def test_few_degrees_of_freedom_widen_it() -> None:
    found = simultaneous_differences(
        np.zeros(4), np.eye(4), np.random.default_rng(1), draws=100_000, df=12
    )

    assert found.critical == pytest.approx(studentized_range.ppf(0.95, 4, 12) / 2**0.5, abs=0.03)


@given(connected_counts())
def test_it_lies_between_one_pair_and_bonferroni(counts: PairCounts) -> None:
    theta = fit_bradley_terry(counts).theta
    covariance = sandwich_covariance(counts, theta)
    pairs = counts.m * (counts.m - 1) / 2

    found = simultaneous_differences(theta, covariance, np.random.default_rng(1), draws=4000)

    assert 1.85 < found.critical < norm.ppf(1 - 0.025 / pairs) + 0.25
    assert (found.lower == -found.upper.T).all()
    assert (found.rank_low <= found.rank_high).all()
    order = (-theta).argsort(kind="stable").argsort() + 1
    assert (found.rank_low <= order).all()
    assert (order <= found.rank_high).all()


def test_rank_sets_by_hand() -> None:
    """Two that cannot be told apart, then a gap, then one for certain last."""
    theta = np.array([0.1, 1.0, -2.0, 1.05])

    found = simultaneous_differences(theta, 0.01 * np.eye(4), np.random.default_rng(1))

    assert found.rank_low.tolist() == [3, 1, 4, 1]
    assert found.rank_high.tolist() == [3, 2, 4, 2]


def test_no_variance_separates_nobody() -> None:
    """All votes were ties: residuals and widths vanish, which is no certainty."""
    found = simultaneous_differences(
        np.array([0.0, 1.0]), np.zeros((2, 2)), np.random.default_rng(1)
    )

    assert found.lower[0, 1] == -np.inf
    assert found.rank_low.tolist() == [1, 1]
    assert found.rank_high.tolist() == [2, 2]


def test_one_contestant_is_first() -> None:
    found = simultaneous_differences(np.zeros(1), np.zeros((1, 1)), np.random.default_rng(1))

    assert (found.rank_low.tolist(), found.rank_high.tolist()) == ([1], [1])


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(InputError, match="covariance has shape"):
        simultaneous_differences(np.zeros(2), np.eye(3), np.random.default_rng(1))
    with pytest.raises(InputError, match=r"do not tell a level of 0\.99"):
        simultaneous_differences(
            np.zeros(2), np.eye(2), np.random.default_rng(1), draws=50, level=0.99
        )


@given(connected_counts())
def test_differences_do_not_depend_on_the_centre(counts: PairCounts) -> None:
    theta = fit_bradley_terry(counts).theta
    covariance = sandwich_covariance(counts, theta)

    moved = relative_to(covariance, 0)

    assert moved[0].tolist() == moved[:, 0].tolist() == [0.0] * counts.m
    assert moved.diagonal() == pytest.approx(difference_variances(covariance)[0], abs=1e-12)
    assert difference_variances(moved) == pytest.approx(difference_variances(covariance), abs=1e-9)


def test_an_interval_of_one_difference() -> None:
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])

    lower, upper = difference_intervals(np.array([1.0, 0.5]), covariance)

    assert upper[0, 1] - lower[0, 1] == pytest.approx(2 * 1.959964 * (0.04 + 0.09 - 0.02) ** 0.5)
    assert (lower[0, 1] + upper[0, 1]) / 2 == pytest.approx(0.5)
    assert lower[0, 0] == upper[0, 0] == 0


def joint_coverage(*, votes_each: int, fits: bool, seed: int) -> tuple[float, float]:
    """Return how often all differences held at once, and how often all rank sets did."""
    rng = np.random.default_rng(seed)
    chances = cells(rng, fits=fits, tie_share=0.3)
    truth = fit_bradley_terry(counts_of(np.rint(chances * 1e12))).theta
    gaps = differences(truth)
    ranks = (-truth).argsort().argsort() + 1
    held = ranked = rated = 0
    for drawn in rng.multinomial(M * votes_each // 2, chances.ravel(), size=REPLICATES):
        counts = counts_of(drawn.reshape(3, -1))
        if not is_strongly_connected(counts):
            continue
        theta = fit_bradley_terry(counts).theta
        found = simultaneous_differences(
            theta, sandwich_covariance(counts, theta), rng, draws=DRAWS
        )
        held += bool(((found.lower <= gaps) & (gaps <= found.upper)).all())
        ranked += bool(((found.rank_low <= ranks) & (ranks <= found.rank_high)).all())
        rated += 1
    assert rated > 0.95 * REPLICATES
    return held / rated, ranked / rated


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize("votes_each", [200, 1000])
def test_joint_coverage(votes_each: int, fits: bool) -> None:
    """1500 boards tell 95 % to 0.6 %."""
    held, ranked = joint_coverage(votes_each=votes_each, fits=fits, seed=20240814)

    print(f"{votes_each=} {fits=} all differences {held:.4f} all rank sets {ranked:.4f}")
    assert held >= 0.945
    assert ranked >= 0.95


def test_joint_coverage_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_simultaneous.REPLICATES", 100)

    held, ranked = joint_coverage(votes_each=500, fits=False, seed=7)

    assert held >= 0.9
    assert ranked >= 0.9
