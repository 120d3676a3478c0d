import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_cases import WIKIPEDIA, connected_counts, pair_counts, single_votes

from blindarena.errors import ConvergenceError
from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    sandwich_covariance,
    sandwich_variances,
)
from blindarena.ranking.arrays import FloatArray


def from_single_votes(counts: PairCounts, theta: FloatArray) -> FloatArray:
    """The textbook sandwich: one row of design and one residual per vote, pseudo-inverses."""
    first, second, scores = single_votes(counts)
    design = np.zeros((len(first), counts.m))
    design[np.arange(len(first)), first] = 1
    design[np.arange(len(first)), second] = -1
    chance = 1 / (1 + np.exp(-design @ theta))
    hessian = design.T @ (design * (chance * (1 - chance))[:, np.newaxis])
    bread = np.linalg.pinv(hessian, rcond=1e-10, hermitian=True)
    rows = design * (scores - chance)[:, np.newaxis]
    return np.asarray(bread @ (rows.T @ rows) @ bread)


@given(connected_counts())
def test_agrees_with_the_sum_over_single_votes(counts: PairCounts) -> None:
    theta = fit_bradley_terry(counts).theta

    assert sandwich_covariance(counts, theta) == pytest.approx(
        from_single_votes(counts, theta), rel=1e-7, abs=1e-9
    )


def test_two_contestants_have_a_closed_form() -> None:
    """Without ties the sandwich of a log-odds is 1/wins + 1/losses (Woolf 1955)."""
    counts = pair_counts(2, [(0, 1, 30, 10, 0)])

    covariance = sandwich_covariance(counts, fit_bradley_terry(counts).theta)

    difference = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert difference == pytest.approx(1 / 30 + 1 / 10, rel=1e-12)


@given(connected_counts(), st.integers(2, 100))
def test_k_times_the_votes_divide_the_covariance_by_k(counts: PairCounts, k: int) -> None:
    more = PairCounts(
        counts.m,
        counts.first,
        counts.second,
        k * counts.wins_first,
        k * counts.wins_second,
        k * counts.ties,
    )
    theta = fit_bradley_terry(counts).theta

    assert sandwich_covariance(more, theta) == pytest.approx(
        sandwich_covariance(counts, theta) / k, rel=1e-9, abs=1e-15
    )


@given(connected_counts(), st.floats(-20, 20))
def test_a_common_shift_changes_nothing(counts: PairCounts, shift: float) -> None:
    theta = fit_bradley_terry(counts).theta

    assert sandwich_covariance(counts, theta + shift) == pytest.approx(
        sandwich_covariance(counts, theta), rel=1e-9, abs=1e-12
    )


@given(connected_counts())
def test_it_is_a_covariance_of_deviations_from_the_mean(counts: PairCounts) -> None:
    covariance = sandwich_covariance(counts, fit_bradley_terry(counts).theta)
    scale = np.abs(covariance).max()

    assert np.array_equal(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() >= -1e-9 * scale
    assert np.abs(covariance.sum(axis=0)).max() <= 1e-9 * scale


def test_another_centre_is_a_linear_map() -> None:
    theta = fit_bradley_terry(WIKIPEDIA).theta
    centre = np.array([True, False, True, True])
    change = np.eye(4) - np.outer(np.ones(4), centre / 3)

    assert sandwich_covariance(WIKIPEDIA, theta, centre=centre) == pytest.approx(
        change @ sandwich_covariance(WIKIPEDIA, theta) @ change.T
    )


@given(connected_counts())
def test_the_variances_are_the_diagonal(counts: PairCounts) -> None:
    theta = fit_bradley_terry(counts).theta
    centre = np.arange(counts.m) < 2

    variances = sandwich_variances(counts, theta, centre=centre)

    assert variances.min() >= 0
    assert variances == pytest.approx(
        sandwich_covariance(counts, theta, centre=centre).diagonal(), rel=1e-9, abs=1e-12
    )


def test_a_newcomer_outside_the_centre_widens_nobody() -> None:
    rows = [(0, 1, 500, 400, 0), (1, 2, 500, 400, 0), (0, 2, 500, 300, 0)]
    before = pair_counts(3, rows)
    after = pair_counts(4, [*rows, (0, 3, 1, 1, 0)])
    old = np.array([True, True, True, False])

    alone = sandwich_covariance(before, fit_bradley_terry(before).theta).diagonal()
    theta = fit_bradley_terry(after).theta

    assert sandwich_covariance(after, theta, centre=old).diagonal()[:3] == pytest.approx(alone)
    assert sandwich_covariance(after, theta).diagonal()[:3].min() > 10 * alone.max()


def test_nobody_is_certain_not_even_an_anchor() -> None:
    covariance = sandwich_covariance(WIKIPEDIA, fit_bradley_terry(WIKIPEDIA).theta)

    assert covariance.diagonal().min() > 0.05


def test_one_contestant_has_no_width() -> None:
    assert sandwich_covariance(pair_counts(1, []), np.zeros(1)).tolist() == [[0.0]]


def test_odds_beyond_rounding_are_told() -> None:
    heavy, many = 2**49, 2**51  # powers of two, so that no rounding hides the zero pivot
    counts = pair_counts(4, [(0, 3, many, many, 0), (1, 2, heavy, heavy, 0), (0, 1, 9, 1, 0)])
    theta = np.array([80.0, 0.0, 0.0, 80.0])

    with pytest.raises(ConvergenceError, match="outweigh"):
        sandwich_covariance(counts, theta)
