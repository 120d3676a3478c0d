"""Every figure of agreement on eight items and five contestants, worked out by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blindarena.analysis.alpha import krippendorff_alpha_of
from blindarena.analysis.beside import beside_humans
from blindarena.analysis.clusters import Estimated, Share
from blindarena.analysis.correlation import correlations
from blindarena.analysis.feature_bias import feature_bias
from blindarena.analysis.fleiss import fleiss_kappa
from blindarena.analysis.influence import influences
from blindarena.analysis.kappa import cohen_with_interval, confusion_matrix
from blindarena.analysis.position import first_position_rate, position_consistency
from blindarena.analysis.separability import (
    agreement_with_confidence,
    pair_agreement,
    separability,
)
from blindarena.analysis.setups import agreement_between, agreement_within
from blindarena.analysis.verdicts import Setup, both_orders, count_verdicts, majority

CASE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "agreement_small.json").read_text(encoding="utf-8")
)
CODE = {"F": 0, "T": 1, "S": 2, "-": -1}
ITEMS = CASE["items"]
QUESTION = np.array([item["question"] for item in ITEMS])
SHOWN, SWAPPED = (np.array([CODE[item[key]] for item in ITEMS]) for key in ("shown", "swapped"))
JUDGE = both_orders(SHOWN, SWAPPED)
HUMAN = count_verdicts(
    np.array([number for number, item in enumerate(ITEMS) for _ in item["human"]]),
    np.array([CODE[letter] for item in ITEMS for letter in item["human"]]),
    items=len(ITEMS),
)
BY_JUDGE = count_verdicts(np.arange(len(ITEMS)), JUDGE, items=len(ITEMS))
SETUPS: tuple[Setup, ...] = ("S1", "S2")


def as_counted(share: Share) -> list[float]:
    return [share.count, share.total]


def near(fraction: list[int]) -> Any:
    return pytest.approx(fraction[0] / fraction[1], abs=1e-12)


def held(found: Share | Estimated) -> bool:
    assert found.value is not None
    assert found.lower is not None
    assert found.upper is not None
    return found.lower < found.value < found.upper


def test_verdicts_of_both_orders_and_of_the_majority() -> None:
    assert JUDGE.tolist() == [CODE[letter] for letter in CASE["judge"]]
    assert majority(HUMAN).tolist() == [CODE[letter] for letter in CASE["majority"]]


@pytest.mark.parametrize("setup", SETUPS)
def test_agreement_in_both_setups(setup: Setup) -> None:
    with_judge = agreement_between(BY_JUDGE, HUMAN, question=QUESTION, setup=setup)
    among = agreement_within(HUMAN, question=QUESTION, setup=setup)

    assert as_counted(with_judge.share) == CASE["judge_human"][setup]
    assert as_counted(among.share) == CASE["human_human"][setup]
    assert with_judge.random == {"S1": 1 / 3, "S2": 1 / 2}[setup]
    assert held(with_judge.share)
    assert held(among.share)


@pytest.mark.parametrize("setup", SETUPS)
def test_a_judge_beside_people(setup: Setup) -> None:
    expected = CASE["beside"][setup]
    found = beside_humans(BY_JUDGE, HUMAN, question=QUESTION, setup=setup)

    assert found.items == expected["items"]
    assert found.judge_human.value == near(expected["judge_human"])
    assert found.human_human.value == near(expected["human_human"])
    assert found.judge_human.value is not None
    assert found.human_human.value is not None
    assert found.difference.value == pytest.approx(
        found.judge_human.value - found.human_human.value, abs=1e-12
    )
    assert held(found.difference)


@pytest.mark.parametrize("setup", SETUPS)
def test_cohens_kappa(setup: Setup) -> None:
    found = cohen_with_interval(JUDGE, majority(HUMAN), question=QUESTION, setup=setup)

    assert found.value == near(CASE["cohen"][setup])


def test_the_confusion_matrix() -> None:
    assert confusion_matrix(JUDGE, majority(HUMAN)).tolist() == CASE["confusion_S1"]
    assert confusion_matrix(JUDGE, majority(HUMAN), setup="S2").tolist() == [[2, 1], [0, 0]]


def test_fleiss_and_krippendorff_where_each_item_has_two_votes() -> None:
    pairs = HUMAN[HUMAN.sum(axis=1) == 2]

    assert fleiss_kappa(pairs) == near(CASE["pairs_of_two"]["fleiss"])
    assert krippendorff_alpha_of(pairs, metric="nominal") == near(
        CASE["pairs_of_two"]["alpha_nominal"]
    )
    assert krippendorff_alpha_of(pairs, metric="ordinal") == near(
        CASE["pairs_of_two"]["alpha_ordinal"]
    )


def test_position() -> None:
    found = position_consistency(SHOWN, SWAPPED, question=QUESTION)
    rate = first_position_rate(
        np.concatenate([SHOWN, SWAPPED]), question=np.concatenate([QUESTION, QUESTION])
    )

    assert {key: getattr(found, key) for key in CASE["position"]} == CASE["position"]
    assert as_counted(found.consistent) == [6, 8]
    assert as_counted(rate) == CASE["first_position"]


def test_the_liking_for_length() -> None:
    longer = np.array([float(item["longer"]) for item in ITEMS])
    found = feature_bias(BY_JUDGE, HUMAN, longer, question=QUESTION)

    assert as_counted(found.judge) == CASE["length"]["judge"]
    assert as_counted(found.human) == CASE["length"]["human"]
    assert found.excess.value == near(CASE["length"]["excess"])
    assert found.agrees_more.value == near(CASE["length"]["agrees_more"])
    assert (found.items, found.equal) == (4, 0)


def test_correlations_of_five_contestants() -> None:
    scores = CASE["scores"]
    one, other = (np.array(scores[key], dtype=float) for key in ("one", "other"))
    found = {c.kind: c for c in correlations(one, other, seed=0)}

    assert all(c.n == 5 and c.interval is None for c in found.values())
    for kind in ("spearman", "kendall"):
        assert found[kind].value == near(scores[kind])
        assert found[kind].p_value == near(scores["p_value"])


def test_separability_and_confident_agreement() -> None:
    scores = CASE["scores"]
    one, other = (np.array(scores[key], dtype=float) for key in ("one", "other"))
    first = (one, one - scores["one_half_width"], one + scores["one_half_width"])
    second = (other, other - scores["other_half_width"], other + scores["other_half_width"])
    found = agreement_with_confidence(first, second)

    assert separability(*first[1:]).share == near(scores["separability_one"])
    assert separability(*second[1:]).share == near(scores["separability_other"])
    assert found is not None
    for key in ("agree", "disagree", "unsure"):
        assert getattr(found, key) == scores["confident"][key]
    assert found.signed == near(scores["confident"]["signed"])
    assert found.half_credit == near(scores["confident"]["half_credit"])
    assert pair_agreement(one, other) == near(scores["pair_agreement"])


def test_the_two_that_changed_places_drive_the_disagreement() -> None:
    one, other = (np.array(CASE["scores"][key], dtype=float) for key in ("one", "other"))
    found = influences(one, other)

    assert [c.contestant for c in found.contestants[:2]] == [1, 2]
    assert [c.rank_difference for c in found.contestants[:2]] == [1, -1]
    assert [c.without for c in found.contestants[:2]] == pytest.approx([1, 1])
    assert (found.lowest, found.highest) == pytest.approx((0.8, 1.0))
