"""Comparisons of evaluations made up here: what only shows with more votes than a hand counts."""

import numpy as np
import pytest

from analysis.arrays import not_numbers
from analysis.powered_data import NAMES, draw_items
from blindarena.analysis.comparison.comparing import compare
from blindarena.analysis.comparison.evaluations import (
    Column,
    Evaluation,
    ItemVotes,
    Kind,
    scores_of,
)
from blindarena.analysis.comparison.question_draws import intervals_over_questions
from blindarena.analysis.prediction_powered import prediction_powered
from blindarena.analysis.verdicts import FIRST, SECOND
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray


def column(values: list[str]) -> Column:
    names, codes = np.unique(np.array(values, dtype=str), return_inverse=True)
    return Column(codes.astype(np.int64), tuple(str(name) for name in names))


def evaluation(
    name: str,
    kind: Kind,
    *,
    first: IntArray,
    second: IntArray,
    score: FloatArray,
    rows: BoolArray,
) -> Evaluation:
    """Return votes, one question each; a score of 1 is FIRST."""
    n = int(rows.sum())
    verdict = np.select([score[rows] == 1, score[rows] == 0], [FIRST, SECOND], 1)
    nothing = Column(np.full(n, -1), ())
    won = np.bincount(first[rows], score[rows], 5) + np.bincount(second[rows], 1 - score[rows], 5)
    played = np.bincount(first[rows], minlength=5) + np.bincount(second[rows], minlength=5)
    return Evaluation(
        name=name,
        kind=kind,
        source="made up",
        contestants=NAMES,
        votes=ItemVotes(
            first=first[rows],
            second=second[rows],
            verdict=verdict,
            question=column([f"q{k:04}" for k in np.flatnonzero(rows)]),
            turn=nothing,
            category=nothing,
            rater=column([f"{name}-{k % 4}" for k in range(n)]),
        ),
        scores=scores_of("win rate", won / played),
    )


@pytest.fixture(scope="module")
def both() -> tuple[Evaluation, Evaluation]:
    """Give a judge that saw 900 items, and people who saw 300 of them."""
    items = draw_items(np.random.default_rng(6), judge="good", items=900, labels=300)
    where = {"first": items.first, "second": items.second}
    everywhere = np.ones(900, dtype=np.bool_)
    judge = evaluation("gpt", "judge", score=items.judge, rows=everywhere, **where)
    people = evaluation(
        "people", "people", score=np.nan_to_num(items.human), rows=items.labelled, **where
    )
    return judge, people


def test_the_combination_is_that_of_the_arrays(both: tuple[Evaluation, Evaluation]) -> None:
    """The join by name finds the same items as the arrays that the votes were made of."""
    (found,) = compare(both).combinations
    items = draw_items(np.random.default_rng(6), judge="good", items=900, labels=300)
    single = type(items)(
        names=items.names,
        first=items.first,
        second=items.second,
        judge=items.judge,
        human=items.human,
        share=items.share,
        cluster=np.arange(900),
    )
    direct = prediction_powered(single)

    assert (found.items, found.labels, found.unjudged, found.questions) == (900, 300, 0, 900)
    assert found.weight == pytest.approx(direct.combined.weight, abs=1e-9)
    elo = dict(zip(NAMES, direct.combined.elo, strict=True))
    assert {row.name: row.combined for row in found.rows} == pytest.approx(elo, abs=1e-6)
    assert found.effective_labels == pytest.approx(direct.effective_labels, rel=1e-9)


def test_the_order_in_which_evaluations_are_named_changes_no_figure(
    both: tuple[Evaluation, Evaluation],
) -> None:
    one, other = compare(both), compare(both[::-1])
    assert one.items == other.items
    assert one.models == other.models
    assert one.combinations == other.combinations


def test_no_result_holds_what_is_no_number(both: tuple[Evaluation, Evaluation]) -> None:
    assert not_numbers(compare(both)) == []


def test_the_same_questions_are_drawn_for_both(both: tuple[Evaluation, Evaluation]) -> None:
    """An evaluation agrees with itself in every draw; with others it does not."""
    judge, people = both
    same = intervals_over_questions(judge, judge, list(NAMES), seed=1, rounds=50)
    assert [kind for kind, _ in same] == ["pearson", "spearman", "kendall"]
    assert [i.lower for _, i in same] == pytest.approx([1, 1, 1])
    found = dict(intervals_over_questions(judge, people, list(NAMES), seed=1, rounds=50))
    assert found["pearson"].lower < 0.999
    assert found["pearson"].lower < found["pearson"].upper <= 1


def bench(name: str, kind: Kind, *rows: tuple[float, float, float]) -> Evaluation:
    score, lower, upper = np.array(rows, dtype=np.float64).T
    return Evaluation(
        name=name,
        kind=kind,
        source="made up",
        contestants=tuple("wxyz"),
        scores=scores_of("score", score, lower=lower, upper=upper),
    )


def test_arena_hards_measures_by_hand() -> None:
    """Six pairs: the board tells all but w-x apart, the test all but x-y, and z wrongly."""
    board = bench("board", "people", (10, 8, 12), (9, 7, 11), (5, 4, 6), (1, 0, 2))
    test = bench("test", "benchmark", (50, 48, 52), (40, 35, 45), (34, 31, 36), (46, 45.5, 47))
    (pair,) = compare([board, test]).models

    assert pair.separability is not None
    assert pair.other_separability is not None
    assert pair.confident is not None
    assert (pair.separability.separated, pair.separability.pairs) == (5, 6)
    assert pair.other_separability.separated == 5
    # Told apart by the board: wy, wz, xy, xz, yz. By the test: wy and wz alike, xz and yz the other
    # way, xy unsure.
    assert (pair.confident.agree, pair.confident.disagree, pair.confident.unsure) == (2, 2, 1)
    assert pair.confident.signed == 0
    assert pair.confident.half_credit == 0.5
    assert pair.same_order == pytest.approx(4 / 6)
    assert pair.brier_from == "intervals"
    assert pair.brier is not None
    # Two pairs are surely wrong: 2 / 6, and a little for the unsure one.
    assert pair.brier == pytest.approx(2 / 6, abs=0.02)
