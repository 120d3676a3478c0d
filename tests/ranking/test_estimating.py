"""What every fitted model promises the estimators of uncertainty."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vote_cases import from_rows, mixed_votes, multiplied, rows_of, single

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.contextual import fit_contextual
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.estimating import Estimate, bread, covariance
from blindarena.ranking.first_position import fit_first_position
from blindarena.ranking.four_outcome import fit_four_outcome
from blindarena.ranking.logistic import fit_logistic
from blindarena.ranking.rao_kupper import fit_rao_kupper
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.weighted import fit_weighted_bradley_terry

Fit = Callable[[VoteArrays, FloatArray], Estimate]


def two_covariates(votes: VoteArrays, weights: FloatArray) -> Estimate:
    z = np.random.default_rng(len(votes)).normal(size=(len(votes), 2))
    return fit_logistic(votes, z, ["one", "two"], weights=weights, coefficient_prior_elo=500)


def three_categories(votes: VoteArrays, weights: FloatArray) -> Estimate:
    category = np.arange(len(votes)) % 3
    return fit_contextual(votes, category, 3, spread_elo=80, weights=weights)


FITS: dict[str, Fit] = {
    "bradley_terry": lambda votes, w: fit_weighted_bradley_terry(votes, weights=w),
    "davidson": lambda votes, w: fit_davidson(votes, weights=w),
    "rao_kupper": lambda votes, w: fit_rao_kupper(votes, weights=w),
    "four_outcome": lambda votes, w: fit_four_outcome(
        votes, weights=w, acceptability_prior_elo=2000
    ),
    "first_position": lambda votes, w: fit_first_position(votes, weights=w),
    "logistic": two_covariates,
    "contextual": three_categories,
}


def weights_for(votes: VoteArrays) -> FloatArray:
    return np.random.default_rng(len(votes)).uniform(0.2, 3, len(votes))


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(votes=mixed_votes())
def test_the_gradient_is_at_rounding_and_strengths_have_mean_0(fit: Fit, votes: VoteArrays) -> None:
    estimate = fit(votes, weights_for(votes))

    assert estimate.gradient < 1e-11  # type: ignore[attr-defined]
    assert estimate.parameters[: estimate.m].mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(votes=mixed_votes(most=4), seed=st.integers(0, 999))
def test_scores_of_groups_are_sums_of_scores_of_votes(
    fit: Fit, votes: VoteArrays, seed: int
) -> None:
    estimate = fit(votes, weights_for(votes))
    groups = np.random.default_rng(seed).integers(0, 4, len(votes))

    each = estimate.scores(np.arange(len(votes)), len(votes))
    grouped = estimate.scores(groups, 5)

    expected = np.stack([each[groups == group].sum(axis=0) for group in range(5)])
    assert grouped == pytest.approx(expected, abs=1e-10)
    assert np.abs(each[:, : estimate.m].sum(axis=1)).max() < 1e-12


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(votes=mixed_votes(most=4))
def test_the_meat_is_the_sum_over_single_votes(fit: Fit, votes: VoteArrays) -> None:
    votes = VoteArrays(votes.m, votes.a, votes.b, votes.outcome)
    estimate = fit(votes, weights_for(votes))

    each = estimate.scores(np.arange(len(votes)), len(votes))

    assert estimate.meat == pytest.approx(each.T @ each, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["bradley_terry", "davidson", "rao_kupper", "first_position"])
@given(votes=mixed_votes())
def test_the_scores_of_all_votes_cancel(name: str, votes: VoteArrays) -> None:
    """Without a prior the estimate is where the score is 0."""
    estimate = FITS[name](votes, weights_for(votes))

    total = estimate.scores(np.zeros(len(votes), dtype=np.int64), 1)

    assert np.abs(total).max() < 1e-9


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_the_hessian_tells_how_the_estimate_moves(fit: Fit) -> None:
    """One vote more moves the parameters by the bread times its score, to first order."""
    rows = [(i, (i + 1) % 3, outcome, 3000 + 100 * i) for i in range(3) for outcome in range(4)]
    votes = from_rows(3, rows)
    weights = np.ones(len(votes))
    more = weights.copy()
    more[5] += 1 / votes.count[5] if votes.count is not None else 0
    before, after = fit(votes, weights), fit(votes, more)
    score = before.scores(np.arange(len(votes)), len(votes))[5] / 3100

    moved = bread(3, before.hessian) @ score

    size = np.abs(moved).max()
    assert after.parameters - before.parameters == pytest.approx(moved, abs=2e-3 * size)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(votes=mixed_votes(most=5))
def test_counted_votes_are_single_votes(fit: Fit, votes: VoteArrays) -> None:
    if fit in (two_covariates, three_categories):
        return  # their covariates and categories are made up per entry
    counted = fit(votes, np.ones(len(votes)))
    alone = single(votes)

    one_by_one = fit(alone, np.ones(len(alone)))

    assert one_by_one.parameters == pytest.approx(counted.parameters, abs=1e-9)
    assert covariance(one_by_one) == pytest.approx(covariance(counted), rel=1e-6, abs=1e-9)


@given(votes=mixed_votes(), times=st.integers(2, 50))
def test_k_times_the_votes_divide_the_covariance_by_k(votes: VoteArrays, times: int) -> None:
    for fit in (fit_davidson, fit_rao_kupper, fit_weighted_bradley_terry):
        few, many = covariance(fit(votes)), covariance(fit(multiplied(votes, times)))

        assert many == pytest.approx(few / times, rel=1e-6, abs=1e-12)


@given(votes=mixed_votes(), times=st.integers(2, 9))
def test_a_weight_of_k_estimates_like_k_votes(votes: VoteArrays, times: int) -> None:
    """The estimates agree; the covariance rightly does not: k votes tell more than one."""
    weights = np.where(np.arange(len(votes)) % 2, 1.0, times)
    more = from_rows(
        votes.m,
        [(a, b, o, n * int(w)) for (a, b, o, n), w in zip(rows_of(votes), weights, strict=True)],
    )
    for fit in (fit_davidson, fit_rao_kupper, fit_weighted_bradley_terry, fit_first_position):
        assert fit(votes, weights=weights).parameters == pytest.approx(
            fit(more).parameters, abs=1e-9
        )


@given(votes=mixed_votes())
def test_another_centre_is_a_linear_map(votes: VoteArrays) -> None:
    estimate = fit_davidson(votes)
    centre = np.arange(votes.m) < 2
    change = np.eye(votes.m + 1)
    change[: votes.m, : votes.m] -= centre / 2

    assert covariance(estimate, centre=centre) == pytest.approx(
        change @ covariance(estimate) @ change.T, rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@pytest.mark.parametrize("small", [np.uint8, np.int8, np.uint32])
@given(votes=mixed_votes(most=3))
def test_small_codes_are_the_same_votes(fit: Fit, small: type, votes: VoteArrays) -> None:
    weights, groups = weights_for(votes), np.arange(len(votes)) % 3
    codes = (codes.astype(small) for codes in (votes.a, votes.b, votes.outcome))
    usual, other = fit(votes, weights), fit(VoteArrays(votes.m, *codes, votes.count), weights)

    assert np.array_equal(usual.parameters, other.parameters)
    assert np.array_equal(usual.scores(groups, 3), other.scores(groups.astype(small), 3))


@pytest.mark.parametrize("prior", [None, 100.0])
def test_one_contestant_is_average_without_width(prior: float | None) -> None:
    fit = fit_weighted_bradley_terry(from_rows(1, []), prior_elo=prior)

    assert fit.theta.tolist() == [0]
    assert fit.covariance().tolist() == [[0]]
    assert fit_logistic(from_rows(1, []), np.zeros((0, 0)), []).theta.tolist() == [0]
