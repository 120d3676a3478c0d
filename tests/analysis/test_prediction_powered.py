"""The combination of human and judge votes: closed forms, another implementation, properties."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from blindarena.analysis.judged_items import JudgedItems, judged_items
from blindarena.analysis.labels_needed import labels_needed
from blindarena.analysis.prediction_powered import prediction_powered
from blindarena.errors import InputError, NothingInCommonError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.sandwich import sandwich_covariance
from blindarena.ranking.scale import ELO_PER_NAT

from .powered_data import draw_items

GOLDEN = Path(__file__).parent.parent / "data" / "prediction_powered.json"


def two(judge: list[float], human: list[float], *, share: FloatArray | None = None) -> JudgedItems:
    """Return items of two contestants."""
    n = len(judge)
    first, second = np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64)
    return judged_items(
        ("x", "y"), first, second, judge=np.array(judge), human=np.array(human), share=share
    )


def share_of_first(theta: FloatArray) -> float:
    return float(1 / (1 + np.exp(theta[1] - theta[0])))


def test_by_hand() -> None:
    """Two contestants, so the rating is the share of wins: PPI's estimate of a mean.

    The judge gives the first 6 of 8. People saw four items, of which the judge gave it 4 and they
    2.5: so the judge is off by 1.5 / 4, and the corrected share is 6 / 8 - 3 / 8 = 3 / 8.
    """
    nobody = np.nan
    items = two([1, 1, 1, 1, 1, 1, 0, 0], [1, 1, 0.5, 0] + [nobody] * 4)

    assert share_of_first(prediction_powered(items, weight=1).combined.theta) == pytest.approx(
        3 / 8
    )
    half = prediction_powered(items, weight=0.5).combined.theta
    assert share_of_first(half) == pytest.approx(0.5 * 6 / 8 + 2.5 / 4 - 0.5)
    assert share_of_first(prediction_powered(items).plain.theta) == pytest.approx(2.5 / 4)


def test_closed_form_of_the_mean() -> None:
    """Estimate, best weight and variance of PPI++ for a mean, the judge covering all items."""
    rng = np.random.default_rng(3)
    said = (rng.random(200) < 0.6).astype(float)
    people = np.where(rng.random(200) < 0.25, 1 - said, said)
    asked = rng.permutation(200) < 60
    items = two(list(said), list(np.where(asked, people, np.nan)))
    found = prediction_powered(items)

    f, y = said[asked], people[asked]
    up = 200 / 60  # items that a labelled one stands for
    alone = np.where(asked, (people - y.mean()) * up, 0)
    slope = said - f.mean() - np.where(asked, (said - f.mean()) * up, 0)
    best = -(alone @ slope) / (slope @ slope)
    assert found.best_weight == pytest.approx(best, rel=1e-9)

    mean = best * said.mean() + (y - best * f).mean()
    assert share_of_first(found.combined.theta) == pytest.approx(mean, rel=1e-9)

    residual = people - best * said
    part = best * (said - said.mean())
    part += np.where(asked, (residual - residual[asked].mean()) * up, 0)
    odds_variance = float(part @ part) / 200**2 / (mean * (1 - mean)) ** 2
    # Each of the two has half of the odds; 60 labels, one of them used up.
    assert found.combined.covariance[0, 0] * 4 == pytest.approx(odds_variance * 60 / 59, rel=1e-9)


def test_unequal_chances_are_weighed() -> None:
    """Items that people saw more often count for fewer: 1 / chance, scaled to all items."""
    share = np.array([0.5, 0.5, 0.5, 0.5, 1.0, 1.0])
    human = [1.0, 0.0, np.nan, np.nan, 1.0, 1.0]
    items = two([0.0, 0, 0, 1, 1, 0], human, share=share)

    assert share_of_first(prediction_powered(items).plain.theta) == pytest.approx((2 + 1 + 1) / 6)
    # Judge 2 / 6; on those asked it says 1 where people say 4.
    full = prediction_powered(items, weight=1).combined.theta
    assert share_of_first(full) == pytest.approx(2 / 6 + (4 - 1) / 6)


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_scipy_finds_the_same_minimum(weight: float) -> None:
    items = draw_items(np.random.default_rng(5), judge="biased", items=400, labels=120)
    labelled = items.labelled
    n, asked = len(items.first), items.labels

    def loss(theta: FloatArray) -> float:
        odds = theta[items.first] - theta[items.second]

        def of(score: FloatArray) -> FloatArray:
            return np.logaddexp(0, odds) - score * odds

        people = np.where(labelled, of(np.nan_to_num(items.human)), 0).sum() / asked
        machine = of(items.judge)
        return float(
            people + weight * (machine.sum() / n - machine[labelled].sum() / asked)
        ) + float(theta.mean() ** 2)

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    found = prediction_powered(items, weight=weight).combined
    assert found.theta == pytest.approx(best - best.mean(), abs=1e-6)


def test_weight_zero_is_the_human_votes_alone() -> None:
    items = draw_items(np.random.default_rng(8), judge="good", items=900, labels=250)
    seen = items.labelled
    counts = np.zeros((5, 5, 3), dtype=np.int64)
    code = np.select([items.human[seen] == 1, items.human[seen] == 0], [0, 1], 2)
    np.add.at(counts, (items.first[seen], items.second[seen], code), 1)
    i, j = np.triu_indices(5, 1)
    wins = counts[i, j, 0] + counts[j, i, 1]
    losses = counts[i, j, 1] + counts[j, i, 0]
    ties = counts[i, j, 2] + counts[j, i, 2]
    votes = PairCounts(m=5, first=i, second=j, wins_first=wins, wins_second=losses, ties=ties)
    alone = fit_bradley_terry(votes)

    single = replace(items, cluster=np.arange(len(items.first)))
    found = prediction_powered(single, weight=0.0)
    assert found.combined.theta == pytest.approx(alone.theta, abs=1e-9)
    assert found.combined.covariance == pytest.approx(
        sandwich_covariance(votes, alone.theta) * 250 / 249 * 249 / 246, abs=1e-12
    )
    assert found.effective_labels == found.labels == 250


def test_a_perfect_judge_is_worth_a_vote_per_item() -> None:
    items = draw_items(np.random.default_rng(9), judge="good", items=2000, labels=300)
    everybody = replace(items, judge=np.where(items.labelled, items.human, items.judge))
    found = prediction_powered(everybody, weight=1.0)
    whole = replace(everybody, human=everybody.judge, share=np.ones(2000))

    assert found.combined.theta == pytest.approx(prediction_powered(whole).plain.theta, abs=1e-9)
    assert prediction_powered(everybody).best_weight == pytest.approx(1, abs=0.05)
    assert found.effective_labels == pytest.approx(2000, rel=0.1)
    assert labels_needed(found, everybody, half_width=60).with_judge == 1


def test_a_judge_that_says_the_opposite_has_weight_zero() -> None:
    items = draw_items(np.random.default_rng(10), judge="good", items=900, labels=300)
    found = prediction_powered(replace(items, judge=1 - items.judge))

    assert found.best_weight < 0
    assert found.combined.weight == 0
    assert not found.judge_helps
    assert found.gained == 0
    assert found.sentence.startswith("The judge adds nothing")


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_which_side_stands_first_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = draw_items(rng, judge="biased", items=300, labels=150)
    turn = rng.random(300) < 0.5
    turned = replace(
        items,
        first=np.where(turn, items.second, items.first),
        second=np.where(turn, items.first, items.second),
        judge=np.where(turn, 1 - items.judge, items.judge),
        human=np.where(turn, 1 - items.human, items.human),
    )
    one, other = prediction_powered(items), prediction_powered(turned)
    assert other.combined.elo == pytest.approx(one.combined.elo, abs=1e-6)
    assert other.best_weight == pytest.approx(one.best_weight, abs=1e-6)
    assert other.effective_by == pytest.approx(one.effective_by, rel=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_chosen_weight_never_widens_the_mean_interval(seed: int) -> None:
    """At the human votes' ratings it is the parabola's lowest point; only the refit moves it."""
    rng = np.random.default_rng(seed)
    found = prediction_powered(draw_items(rng, judge="useless", items=900, labels=300))
    assert found.effective_labels > 0.95 * found.labels
    assert 0 <= found.combined.weight <= 1


def test_labels_needed_says_how_many_there_are_for_what_there_is() -> None:
    items = draw_items(np.random.default_rng(12), judge="good", items=3000, labels=400)
    found = prediction_powered(items)
    lower, upper = found.combined.interval()
    now = float((upper - lower).max() / 2)

    assert labels_needed(found, items, half_width=now).with_judge == 400
    finer = labels_needed(found, items, half_width=0.8 * now)
    assert finer.with_judge is not None
    assert finer.without_judge is not None
    assert 400 < finer.with_judge < finer.without_judge
    impossible = labels_needed(found, items, half_width=0.1 * now)
    assert impossible.with_judge is None
    assert impossible.items_needed is not None
    assert impossible.items_needed > 3000
    with pytest.raises(InputError, match="half_width"):
        labels_needed(found, items, half_width=0)


def test_labels_needed_by_hand() -> None:
    """Without a judge and all items labelled the variance falls as one over the labels."""
    rng = np.random.default_rng(13)
    human = list((rng.random(4000) < 0.5).astype(float))
    asked = [y if k < 100 else np.nan for k, y in enumerate(human)]
    items = two(human, asked, share=np.full(4000, 0.025))
    found = prediction_powered(items)
    half = float(np.ptp([ends[0] for ends in found.plain.interval()]) / 2)
    needed = labels_needed(found, items, half_width=half / 2).without_judge
    assert needed is not None
    assert needed == pytest.approx(400, abs=2)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: two([1, 0], [np.nan, np.nan]), NothingInCommonError, "none of the 2 judged items"),
        (lambda: two([1, 2], [1, 0]), InputError, r"judge\[1\] is 2"),
        (lambda: two([1, 0], [1, -1]), InputError, r"human\[1\] is -1"),
        (lambda: two([1, 0], [1, 0], share=np.array([0, 1])), InputError, r"share\[0\] is 0"),
        (lambda: prediction_powered(two([1, 0], [1, 1])), NotIdentifiedError, "2 human labels"),
        (lambda: prediction_powered(two([1, 0], [1, 0]), weight=2), InputError, "weight is 2"),
    ],
)
def test_one_clear_line(make: Callable[[], object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


def test_golden_file() -> None:
    """Sixty items as they are in the file, and what came out of them in 2026."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    columns = {key: np.array(golden[key]) for key in ("first", "second", "judge", "cluster")}
    human = np.array([np.nan if y is None else y for y in golden["human"]])
    found = prediction_powered(judged_items(tuple("xyz"), human=human, **columns))

    assert found.combined.weight == pytest.approx(golden["weight"], abs=1e-8)
    assert found.combined.elo == pytest.approx(golden["elo"], abs=1e-6)
    assert np.sqrt(found.combined.variance) * ELO_PER_NAT == pytest.approx(
        golden["standard_error"], abs=1e-6
    )
    assert found.effective_labels == pytest.approx(golden["effective_labels"], abs=1e-6)
