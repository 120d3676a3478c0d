"""Intervals clustered by question, against textbook formulas; biases and draws of items."""

import numpy as np
import pytest
from scipy.special import stdtrit

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.calibration import calibrate_gaps
from blindarena.analysis.clusters import difference_of, mean_of, sum_by
from blindarena.analysis.correlation import correlation, correlations, weighted
from blindarena.analysis.draws import bootstrap
from blindarena.analysis.feature_bias import feature_bias
from blindarena.analysis.item_draws import correlation_over_draws, draw_means
from blindarena.analysis.jackknife import jackknife
from blindarena.analysis.self_preference import self_preference
from blindarena.analysis.separability import pair_rank_brier, separability


def textbook(means: FloatArray) -> tuple[float, float]:
    """Student's interval of the mean of independent values."""
    half = stdtrit(len(means) - 1, 0.975) * means.std(ddof=1) / np.sqrt(len(means))
    return float(means.mean() - half), float(means.mean() + half)


@pytest.fixture
def values() -> FloatArray:
    return np.random.default_rng(5).normal(size=(12, 4))


def ratio_of_columns(sums: FloatArray) -> FloatArray:
    return np.asarray(sums[:, 0] / sums[:, 1])


def test_questions_of_one_size_are_their_means(values: FloatArray) -> None:
    question = np.repeat(np.arange(12), 4)
    found = mean_of(values.ravel(), question)
    sums = sum_by(np.column_stack([values.ravel(), np.ones(48)]), question)

    assert (found.lower, found.upper) == pytest.approx(textbook(values.mean(axis=1)))
    assert jackknife(sums, ratio_of_columns) == pytest.approx(textbook(values.mean(axis=1)))


def test_a_difference_of_paired_shares_is_the_share_of_differences(values: FloatArray) -> None:
    a, b, n = (values[:, 0] > 0) * 4.0, (values[:, 1] > 0) * 4.0, np.full(12, 4.0)
    found = difference_of(a, n, b, n)

    assert (found.lower, found.upper) == pytest.approx(textbook((a - b) / 4))


def test_the_jackknife_stays_between_minus_one_and_one(values: FloatArray) -> None:
    one = np.arange(12.0)
    other = one + 0.01 * values[:, 0]

    def pearson(weights: FloatArray) -> FloatArray:
        return weighted(weights, one, other, kind="pearson")

    inside = jackknife(np.eye(12), pearson, scale="fisher")
    plain = jackknife(np.eye(12), pearson)
    assert inside is not None
    assert plain is not None
    assert inside[0] < correlation(one, other, kind="pearson") < inside[1] < 1
    assert inside[0] == pytest.approx(plain[0], abs=1e-4)


def test_the_jackknife_says_nothing_where_nothing_varies() -> None:
    same = np.tile([1.0, 2.0], (8, 1))

    assert jackknife(same, ratio_of_columns) is None
    assert jackknife(np.array([[1.0, 2.0], [2.0, 2.0]]), ratio_of_columns) is None
    assert bootstrap(same[:1], ratio_of_columns, seed=0) is None


def test_the_bootstrap_over_questions_is_close_to_the_sandwich_and_repeats() -> None:
    rng = np.random.default_rng(1)
    means = rng.normal(size=200)
    sums = np.column_stack([means, np.ones(200)])
    once, again = (bootstrap(sums, ratio_of_columns, seed=9) for _ in range(2))

    assert once is not None
    assert once == again
    assert (once.lower, once.upper) == pytest.approx(textbook(means), abs=0.02)


def test_weights_are_contestants_drawn_so_often() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 5, 8).astype(float), rng.integers(0, 5, 8).astype(float)
    weights = rng.multinomial(8, np.full(8, 1 / 8), size=6).astype(float)
    for kind in ("pearson", "spearman", "kendall"):
        for row, found in zip(weights, weighted(weights, one, other, kind=kind), strict=True):
            drawn = np.repeat(np.arange(8), row.astype(int))
            if np.ptp(one[drawn]) == 0 or np.ptp(other[drawn]) == 0:
                assert np.isnan(found)
            else:
                assert found == pytest.approx(correlation(one[drawn], other[drawn], kind=kind))


def test_an_interval_from_ten_contestants_on_and_a_p_value_below() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=10)
    other = one + rng.normal(0, 0.5, 10)
    for found in correlations(one, other, seed=4):
        assert found.p_value is None
        assert found.interval is not None
        assert found.interval.lower < found.value < found.interval.upper
    for found in correlations(one[:9], other[:9], seed=4):
        assert found.interval is None
        assert found.p_value is not None


def test_the_smallest_exact_p_value_of_nine_contestants() -> None:
    """The reverse order is as far from 0 by rank, not by Pearson, as the gaps are uneven."""
    scores = np.arange(9.0) ** 2
    found = {c.kind: c.p_value for c in correlations(scores, scores, seed=0)}

    assert found["spearman"] == pytest.approx(2 / 362880)
    assert found["kendall"] == pytest.approx(2 / 362880)
    assert found["pearson"] == pytest.approx(1 / 362880)


def test_draws_of_questions_vary_as_means_do() -> None:
    rng = np.random.default_rng(6)
    scores = rng.normal(size=(80, 3)) + np.array([0.0, 1.0, 2.0])
    scores[:40, 0] = np.nan
    draws = draw_means(scores, seed=1, rounds=2000)

    assert draws.mean(axis=0) == pytest.approx(np.nanmean(scores, axis=0), abs=0.02)
    expected = np.nanstd(scores, axis=0) / np.sqrt([40, 80, 80])
    assert draws.std(axis=0) == pytest.approx(expected, rel=0.08)


def test_the_interval_over_items_shrinks_with_more_of_them() -> None:
    rng = np.random.default_rng(8)
    truth = np.linspace(0, 1, 12)
    widths = []
    for items in (20, 500):
        scores = truth + rng.normal(0, 1, (items, 12))
        found = correlation_over_draws(
            draw_means(scores, seed=2, rounds=300), truth, kind="spearman", seed=2
        )
        assert found is not None
        widths.append(found.upper - found.lower)

    assert widths[1] < widths[0] / 2


def test_a_judge_that_counts_characters_is_found_out() -> None:
    rng = np.random.default_rng(10)
    longer, better = rng.normal(size=300), rng.normal(size=300)
    human = np.column_stack([better > 0, np.zeros(300), better <= 0]).astype(int)
    taken = longer + 0.3 * better > 0
    judge = np.column_stack([taken, np.zeros(300), ~taken]).astype(int)
    question = np.repeat(np.arange(100), 3)
    found = feature_bias(judge, human, longer, question=question)
    honest = feature_bias(human, human, longer, question=question)

    assert found.excess.lower is not None
    assert found.excess.lower > 0.2
    assert found.agrees_more.lower is not None
    assert found.agrees_more.lower > 0.2
    assert (honest.excess.value, honest.agrees_more.value) == (0.0, 0.0)


def test_turning_the_feature_around_turns_the_bias_around() -> None:
    rng = np.random.default_rng(12)
    judge, human = rng.integers(0, 2, (2, 50, 3))
    difference, question = rng.normal(size=50), np.arange(50) // 2
    here = feature_bias(judge, human, difference, question=question)
    there = feature_bias(judge, human, -difference, question=question)

    assert here.judge.value is not None
    assert here.excess.value is not None
    assert here.agrees_more.value is not None
    assert there.judge.value == pytest.approx(1 - here.judge.value)
    assert there.excess.value == pytest.approx(-here.excess.value)
    assert there.agrees_more.value == pytest.approx(-here.agrees_more.value)


def test_a_judge_that_always_takes_itself() -> None:
    """Three contestants, two of them judges; 0 always takes itself, 1 says tie. By hand."""
    judge = np.repeat([0, 1], 12)
    first, second = np.tile([0, 0, 1], 8), np.tile([1, 2, 2], 8)
    verdict = np.where(judge == 0, np.where(first == 0, 0, 1), 1)
    question = np.tile(np.repeat(np.arange(4), 3), 2)
    found = self_preference(
        judge, first, second, verdict, own=np.array([0, 1]), question=question, contestants=3
    )

    assert [(f.judge, f.own, f.others, f.verdicts) for f in found] == [
        (0, 1.0, 0.5, 8),
        (1, 0.5, 0.25, 8),
    ]
    alone = self_preference(
        judge, first, second, verdict, own=np.array([-1, -1]), question=question, contestants=3
    )
    assert alone == ()


def test_calibration_by_hand() -> None:
    """Four votes on gaps of 1, three of which agree: log-odds log 3, predicted 0.75, no error."""
    votes = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [2, 0, 0]])
    gap = np.array([1.0, 1.0, -1.0, 1.0, 0.0])
    found = calibrate_gaps(gap, votes, question=np.arange(5))

    assert found.slope == pytest.approx(np.log(3))
    assert found.error == pytest.approx(0, abs=1e-12)
    assert found.brier == pytest.approx((3 * 0.25**2 + 0.75**2) / 4)
    assert (found.votes, found.items, found.undecided) == (4, 4, 1)
    (only,) = found.bins
    assert (only.lower, only.upper, only.items) == (0.7, 0.8, 4)
    assert (only.observed.count, only.observed.total) == (3.0, 4.0)


def test_a_tie_is_half_a_vote_for_each_side() -> None:
    votes = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 1]])
    (only,) = calibrate_gaps(np.array([1.0, 1.0, -1.0]), votes, question=np.arange(3)).bins

    assert (only.observed.count, only.observed.total) == (3.0, 4.0)


def test_a_judge_that_people_never_follow_has_slope_zero() -> None:
    votes = np.tile([0, 0, 1], (6, 1))
    found = calibrate_gaps(np.full(6, 2.0), votes, question=np.arange(6))

    assert found.slope == 0
    assert found.error == pytest.approx(0.5)


def test_a_forecast_without_variance_is_certain() -> None:
    """Three pairs: right, equal and so a coin toss, wrong."""
    brier = pair_rank_brier(np.array([2.0, 1.0, 1.0]), np.zeros(3), np.array([3.0, 4.0, 1.0]))

    assert brier == pytest.approx((0.25 + 0 + 1) / 3)


def test_intervals_with_one_point_in_common_overlap_unless_asked_otherwise() -> None:
    """An anchor without width inside another interval, and two that meet at an end."""
    lower, upper = np.array([0.0, 1.0, 2.0]), np.array([2.0, 1.0, 3.0])

    assert separability(lower, upper).separated == 1
    assert separability(lower, upper, touching="apart").separated == 3
