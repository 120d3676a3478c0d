"""What cannot be compared gets one clear named error, or a None where that is documented."""

import numpy as np
import pytest

from blindarena.analysis.alpha import alpha_with_interval
from blindarena.analysis.beside import beside_humans
from blindarena.analysis.calibration import calibrate_gaps, reliability
from blindarena.analysis.correlation import correlations
from blindarena.analysis.feature_bias import feature_bias
from blindarena.analysis.fleiss import fleiss_kappa
from blindarena.analysis.influence import influences
from blindarena.analysis.item_draws import correlation_over_draws
from blindarena.analysis.kappa import cohen_with_interval
from blindarena.analysis.permutation import permutation_p_value
from blindarena.analysis.position import first_position_rate, position_consistency
from blindarena.analysis.separability import agreement_with_confidence, separability
from blindarena.analysis.setups import (
    agreement_between,
    agreement_by,
    agreement_within,
    gap_groups,
)
from blindarena.analysis.verdicts import count_verdicts
from blindarena.errors import ConstantScoresError, InputError, NothingInCommonError

QUESTION = np.arange(4)
TIES = np.tile([0, 2, 0], (4, 1))
FIRSTS = np.tile([2, 0, 0], (4, 1))
NONE = np.zeros((4, 3), dtype=int)
UP = np.array([1.0, 2.0, 3.0, 4.0])


def test_no_item_in_common() -> None:
    left, right = NONE.copy(), NONE.copy()
    left[0, 0] = right[1, 0] = 1
    for setup in ("S1", "S2"):
        with pytest.raises(NothingInCommonError, match="none of the 4 items has ratings of both"):
            agreement_between(left, right, question=QUESTION, setup=setup)
    with pytest.raises(NothingInCommonError, match="rated twice"):
        agreement_within(left, question=QUESTION, setup="S1")
    with pytest.raises(NothingInCommonError, match="rated twice"):
        beside_humans(left, right, question=QUESTION, setup="S1")
    with pytest.raises(NothingInCommonError, match="both raters"):
        cohen_with_interval(
            np.array([0, -1, -1]), np.array([-1, 0, -1]), question=QUESTION[:3], setup="S2"
        )
    for call in (
        lambda: fleiss_kappa(left),
        lambda: alpha_with_interval(left, question=QUESTION, metric="nominal"),
        lambda: calibrate_gaps(np.zeros(4), FIRSTS, question=QUESTION),
    ):
        with pytest.raises(NothingInCommonError):
            call()


def test_a_group_of_items_without_ratings_of_both_is_none() -> None:
    left, right = FIRSTS.copy(), FIRSTS.copy()
    right[2:] = 0
    found = agreement_by(
        left, right, group=np.array([0, 0, 1, 1]), groups=3, question=QUESTION, setup="S1"
    )

    assert found[0] is not None
    assert found[0].share.value == 1
    assert found[1:] == (None, None)


def test_all_ties() -> None:
    with_ties = agreement_between(TIES, TIES, question=QUESTION, setup="S1")
    without = agreement_between(TIES, TIES, question=QUESTION, setup="S2")
    bias = feature_bias(TIES, TIES, UP, question=QUESTION)
    codes = np.ones(4, dtype=int)

    assert (with_ties.share.value, with_ties.by_chance) == (1.0, 1.0)
    assert (without.share.value, without.share.lower, without.by_chance) == (None, None, None)
    assert beside_humans(TIES, TIES, question=QUESTION, setup="S2").difference.value is None
    assert (bias.judge.value, bias.excess.value, bias.agrees_more.value) == (None, None, None)
    assert fleiss_kappa(TIES) is None
    assert alpha_with_interval(TIES, question=QUESTION, metric="ordinal").value is None
    for setup in ("S1", "S2"):
        kappa = cohen_with_interval(codes, codes, question=QUESTION, setup=setup)
        assert (kappa.value, kappa.lower, kappa.upper) == (None, None, None)
    assert first_position_rate(codes, question=QUESTION).value is None
    assert position_consistency(codes, codes, question=QUESTION).consistent.value == 1


def test_where_all_agree_each_question_counts_as_one_answer() -> None:
    """20 items on 4 questions: Wilson's interval of 4 of 4."""
    counts, question = np.tile([2, 0, 0], (20, 1)), np.arange(20) % 4
    share = agreement_within(counts, question=question, setup="S1").share

    assert (share.value, share.upper, share.effective) == (1.0, 1.0, 4.0)
    assert share.lower == pytest.approx(4 / (4 + 1.959964**2), abs=1e-6)


def test_one_question_has_no_interval() -> None:
    share = agreement_within(FIRSTS, question=np.zeros(4, dtype=int), setup="S1").share

    assert share.value == 1
    assert (share.lower, share.upper, share.clusters) == (None, None, 1)


def test_too_few_contestants_in_common() -> None:
    for m in (0, 1, 2):
        with pytest.raises(NothingInCommonError, match=f"{m} contestants are in both"):
            correlations(UP[:m], UP[:m], seed=0)
    with pytest.raises(NothingInCommonError, match="at least 4"):
        influences(UP[:3], UP[:3])
    with pytest.raises(NothingInCommonError, match="a pair needs two"):
        separability(UP[:1], UP[:1])


def test_constant_scores() -> None:
    for call in (
        lambda: correlations(UP, np.ones(4), seed=0),
        lambda: correlations(np.full(12, 3.0), np.arange(12.0), seed=0),
        lambda: influences(np.ones(4), UP),
        lambda: permutation_p_value(UP, np.ones(4), kind="kendall"),
        lambda: correlation_over_draws(np.ones((9, 4)), UP, kind="pearson", seed=0),
    ):
        with pytest.raises(ConstantScoresError, match="no order to compare"):
            call()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers(bad: float) -> None:
    broken = np.where(UP == 3, bad, UP)
    with pytest.raises(InputError, match=r"other\[2\] is"):
        correlations(UP, broken, seed=0)
    if np.isnan(bad):
        for call in (
            lambda: separability(broken, UP),
            lambda: gap_groups(broken, [1.0]),
            lambda: feature_bias(FIRSTS, FIRSTS, broken, question=QUESTION),
            lambda: calibrate_gaps(broken, FIRSTS, question=QUESTION),
            lambda: reliability(broken, FIRSTS, question=QUESTION),
        ):
            with pytest.raises(InputError):
                call()


def test_verdicts_and_shapes_that_make_no_sense() -> None:
    with pytest.raises(InputError, match=r"verdict\[1\] is 3"):
        count_verdicts(np.array([0, 1]), np.array([0, 3]), items=2)
    with pytest.raises(InputError, match="item holds 0 to 5"):
        count_verdicts(np.array([0, 5]), np.array([0, 1]), items=2)
    with pytest.raises(InputError, match=r"give \(items, 3\)"):
        agreement_within(FIRSTS[:, :2], question=QUESTION, setup="S1")
    with pytest.raises(InputError, match=r"counts\[0, 0\] is -2"):
        agreement_within(-FIRSTS, question=QUESTION, setup="S1")
    with pytest.raises(InputError, match="one has 4 items, other 3"):
        agreement_between(FIRSTS, FIRSTS[:3], question=QUESTION, setup="S1")
    with pytest.raises(InputError, match="one number per item: 4"):
        agreement_within(FIRSTS, question=QUESTION[:2], setup="S1")
    with pytest.raises(InputError, match="do not increase"):
        gap_groups(UP, [2.0, 1.0])
    with pytest.raises(InputError, match="use Krippendorff's alpha"):
        fleiss_kappa(np.array([[2, 0, 0], [3, 0, 0]]))
    with pytest.raises(InputError, match="use the bootstrap"):
        permutation_p_value(np.arange(10.0), np.arange(10.0), kind="pearson")
    with pytest.raises(InputError, match=r"interval of contestant 0 is 2\.0 to 1\.0"):
        separability(UP + 1, UP)


def test_a_reference_that_tells_nobody_apart() -> None:
    wide = (UP, UP - 10, UP + 10)

    assert agreement_with_confidence((UP, UP, UP), wide) is None


def test_rating_gaps_fall_into_ranges_whatever_their_sign() -> None:
    assert gap_groups(np.array([-250.0, -100.0, 0.0, 99.0, 100.0, 300.0]), [100, 200]).tolist() == [
        2,
        1,
        0,
        0,
        1,
        2,
    ]
