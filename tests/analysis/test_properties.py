"""What must hold of agreement and correlation whatever the data: order, names, sides, numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.alpha import alpha_with_interval, krippendorff_alpha_of
from blindarena.analysis.alternative_annotator import alternative_annotator_test
from blindarena.analysis.beside import beside_humans
from blindarena.analysis.calibration import calibrate_gaps
from blindarena.analysis.correlation import Kind, correlation, correlations
from blindarena.analysis.feature_bias import feature_bias
from blindarena.analysis.influence import influences
from blindarena.analysis.kappa import cohen_with_interval
from blindarena.analysis.position import first_position_rate, position_consistency
from blindarena.analysis.separability import agreement_with_confidence, pair_rank_brier
from blindarena.analysis.setups import agreement_between, agreement_within
from blindarena.analysis.verdicts import flip
from blindarena.errors import AnalysisError, InputError

from .arrays import not_numbers, pairs_of_scores, pairs_of_tables, tables, verdicts

KINDS: tuple[Kind, ...] = ("pearson", "spearman", "kendall")
setups = st.sampled_from(["S1", "S2"])
few = settings(max_examples=40, deadline=None)


def attempt(call: Any) -> Any:
    """Return the result, or the class of the named error."""
    try:
        return call()
    except (AnalysisError, InputError) as error:
        return type(error)


@few
@given(pairs_of_tables(), setups, st.randoms(use_true_random=False))
def test_the_order_of_items_and_the_names_of_questions_do_not_matter(
    case: Any, setup: Any, random: Any
) -> None:
    one, other, question = case
    order = np.array(random.sample(range(len(one)), len(one)))
    renamed = 100 - 7 * question

    def all_of(at: Any, names: Any) -> list[Any]:
        a, b, q = one[at], other[at], names[at]
        return [
            attempt(lambda: agreement_between(a, b, question=q, setup=setup)),
            attempt(lambda: agreement_within(b, question=q, setup=setup)),
            attempt(lambda: beside_humans(a, b, question=q, setup=setup)),
            attempt(lambda: alpha_with_interval(b, question=q, metric="ordinal")),
        ]

    before, after = all_of(np.arange(len(one)), question), all_of(order, renamed)
    assert flat(before) == pytest.approx(flat(after), abs=1e-9)


@few
@given(pairs_of_tables(), setups)
def test_agreement_does_not_depend_on_the_sides(case: Any, setup: Any) -> None:
    one, other, question = case
    sides = np.arange(len(one)) % 2 == 0
    turned = [np.where(sides[:, np.newaxis], table[:, ::-1], table) for table in (one, other)]

    def shares(a: Any, b: Any) -> list[Any]:
        return [
            attempt(lambda: agreement_between(a, b, question=question, setup=setup).share),
            attempt(lambda: agreement_within(b, question=question, setup=setup).share),
            attempt(lambda: beside_humans(a, b, question=question, setup=setup)),
        ]

    assert flat(shares(one, other)) == pytest.approx(flat(shares(*turned)), abs=1e-9)


@few
@given(verdicts, st.randoms(use_true_random=False))
def test_exchanging_all_sides_or_both_raters_leaves_kappa(one: Any, random: Any) -> None:
    other = np.array([random.choice([-1, 0, 1, 2]) for _ in one])
    question = np.arange(len(one)) // 2

    def kappa(a: Any, b: Any) -> Any:
        return attempt(lambda: cohen_with_interval(a, b, question=question, setup="S1"))

    assert flat([kappa(one, other)]) == pytest.approx(flat([kappa(other, one)]), abs=1e-9)
    assert flat([kappa(one, other)]) == pytest.approx(
        flat([kappa(flip(one), flip(other))]), abs=1e-9
    )


@few
@given(tables())
def test_alpha_depends_on_order_only_where_it_says_so(counts: Any) -> None:
    shuffled = counts[:, [1, 0, 2]]
    backwards = counts[:, ::-1]

    nominal, ordinal = (krippendorff_alpha_of(counts, metric=m) for m in ("nominal", "ordinal"))
    assert krippendorff_alpha_of(shuffled, metric="nominal") == pytest.approx(nominal, abs=1e-12)
    assert krippendorff_alpha_of(backwards, metric="ordinal") == pytest.approx(ordinal, abs=1e-12)


@few
@given(verdicts, st.randoms(use_true_random=False))
def test_exchanging_both_orders_exchanges_nothing_of_consistency(one: Any, random: Any) -> None:
    other = np.array([random.choice([-1, 0, 1, 2]) for _ in one])
    question = np.arange(len(one))
    here = position_consistency(one, other, question=question)
    there = position_consistency(other, one, question=question)

    assert here == there
    cells = here.same + here.first_both + here.second_both + here.tie_in_one_order
    assert cells + here.missing == len(one)
    rates = [first_position_rate(v, question=question).value for v in (one, flip(one))]
    if rates[0] is not None:
        assert rates[1] == pytest.approx(1 - rates[0])


def usable(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.ptp(one) > 0 and np.ptp(other) > 0)


@few
@given(pairs_of_scores(fewest=3), st.randoms(use_true_random=False), st.sampled_from(KINDS))
def test_correlations_know_neither_names_nor_units(case: Any, random: Any, kind: Kind) -> None:
    one, other = case
    if not usable(one, other):
        return
    value = correlation(one, other, kind=kind)
    order = np.array(random.sample(range(len(one)), len(one)))

    assert correlation(one[order], other[order], kind=kind) == pytest.approx(value, abs=1e-12)
    assert correlation(other, one, kind=kind) == pytest.approx(value, abs=1e-12)
    assert correlation(3 + 7 * one, other, kind=kind) == pytest.approx(value, abs=1e-9)
    assert correlation(-one, other, kind=kind) == pytest.approx(-value, abs=1e-12)
    if kind != "pearson":
        assert correlation(one**3, other, kind=kind) == pytest.approx(value, abs=1e-12)


@few
@given(pairs_of_scores(fewest=4, most=6))
def test_leaving_one_out_is_computing_it_without(case: Any) -> None:
    one, other = case
    if not usable(one, other):
        return
    for kind in KINDS:
        for found in influences(one, other, kind=kind).contestants:
            rest = [np.delete(scores, found.contestant) for scores in (one, other)]
            if usable(*rest):
                assert found.without == pytest.approx(correlation(*rest, kind=kind), abs=1e-9)
            else:
                assert found.without is None
                assert found.influence is None


@few
@given(pairs_of_tables(), setups)
def test_no_item_level_result_holds_what_is_no_number(case: Any, setup: Any) -> None:
    one, other, question = case
    rng = np.random.default_rng(0)
    gap = rng.integers(-2, 3, len(one)).astype(float)
    people = rng.integers(-1, 3, (len(one), 3))
    found = [
        attempt(lambda: agreement_between(one, other, question=question, setup=setup)),
        attempt(lambda: agreement_within(one, question=question, setup=setup)),
        attempt(lambda: beside_humans(one, other, question=question, setup=setup)),
        attempt(lambda: alpha_with_interval(one, question=question, metric="nominal")),
        attempt(lambda: feature_bias(one, other, gap, question=question)),
        attempt(lambda: calibrate_gaps(gap, other, question=question)),
        attempt(
            lambda: alternative_annotator_test(
                people[:, 0], people, epsilon=0.1, min_items=2, question=question
            )
        ),
    ]
    assert not_numbers(found) == []


@few
@given(pairs_of_scores(most=5))
def test_no_contestant_level_result_holds_what_is_no_number(case: Any) -> None:
    one, other = case
    ends = (other, other - 1, other + 1)
    found = [
        attempt(lambda: correlations(one, other, seed=0)),
        attempt(lambda: influences(one, other)),
        attempt(lambda: agreement_with_confidence((one, one, one), ends)),
        attempt(lambda: pair_rank_brier(one, np.zeros(len(one)), other)),
    ]
    assert not_numbers(found) == []


def flat(found: Any) -> list[float]:
    """Return all numbers of the results, a place without one as -9 and errors by name."""
    if isinstance(found, list | tuple):
        return [number for part in found for number in flat(part)]
    if hasattr(found, "__dataclass_fields__"):
        return flat([getattr(found, name) for name in found.__dataclass_fields__])
    if found is None:
        return [-9.0]
    if isinstance(found, int | float):
        return [float(found)]
    return [float(sum(map(ord, str(found))))]
