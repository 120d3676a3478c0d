"""The Alternative Annotator Test: a judge passes only where it is as good as people."""

import numpy as np
import pytest
from numpy.typing import NDArray

from blindarena.analysis.alternative_annotator import alternative_annotator_test
from blindarena.analysis.verdicts import MISSING
from blindarena.errors import InputError

ITEMS, PEOPLE = 120, 4


def said(rng: np.random.Generator, truth: NDArray[np.int64], right: float) -> NDArray[np.int64]:
    """Give the truth with this chance, and else any verdict."""
    return np.where(rng.random(len(truth)) < right, truth, rng.integers(0, 3, len(truth)))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def truth(rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.integers(0, 3, ITEMS)


@pytest.fixture
def people(rng: np.random.Generator, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.column_stack([said(rng, truth, 0.7) for _ in range(PEOPLE)])


def test_who_knows_the_truth_passes(truth: NDArray[np.int64], people: NDArray[np.int64]) -> None:
    found = alternative_annotator_test(truth, people, epsilon=0.1)

    assert found.may_replace
    assert (found.verdict, found.winning_rate) == ("passed", 1.0)
    assert found.advantage is not None
    assert found.advantage > 0.8


def test_who_rolls_dice_fails(rng: np.random.Generator, people: NDArray[np.int64]) -> None:
    found = alternative_annotator_test(rng.integers(0, 3, ITEMS), people, epsilon=0.1)

    assert not found.may_replace
    assert (found.verdict, found.winning_rate) == ("failed", 0.0)
    assert all(test.p_value > 0.5 for test in found.annotators)


def test_to_win_against_one_of_four_is_not_enough() -> None:
    """Three people always agree; the fourth never does, and the judge is no better than half."""
    people = np.tile([0, 0, 0, 2], (ITEMS, 1))
    found = alternative_annotator_test(np.arange(ITEMS) % 2, people, epsilon=0.1)

    assert [test.judge_wins for test in found.annotators] == [False, False, False, True]
    assert (found.verdict, found.winning_rate) == ("failed", 0.25)


@pytest.mark.parametrize("number", [1, 2])
def test_one_or_two_annotators_never_pass(
    truth: NDArray[np.int64], people: NDArray[np.int64], number: int
) -> None:
    found = alternative_annotator_test(truth, people[:, :number], epsilon=0.2)

    assert found.verdict == "too few annotators"
    assert not found.may_replace
    if number == 1:  # nobody else is there to be close to
        assert (found.winning_rate, found.advantage, found.skipped) == (None, None, (0,))


def test_annotators_with_few_items_are_skipped(
    truth: NDArray[np.int64], people: NDArray[np.int64]
) -> None:
    people[29:, 1] = MISSING
    found = alternative_annotator_test(truth, people, epsilon=0.2)

    assert found.skipped == (1,)
    assert [test.annotator for test in found.annotators] == [0, 2, 3]


def test_items_without_the_judge_or_without_a_second_person_are_left_out(
    truth: NDArray[np.int64], people: NDArray[np.int64]
) -> None:
    judge = np.where(np.arange(ITEMS) < 10, MISSING, truth)
    people[10:20, 1:] = MISSING
    found = alternative_annotator_test(judge, people, epsilon=0.2)

    assert [test.items for test in found.annotators] == [ITEMS - 20] * PEOPLE


def test_items_of_one_question_count_less_than_as_many_questions(
    truth: NDArray[np.int64], people: NDArray[np.int64]
) -> None:
    """Each item five times over is no more evidence, if its question is known."""
    alone = alternative_annotator_test(truth, people, epsilon=0.1)
    many = np.tile(truth, 5), np.tile(people, (5, 1))
    naive = alternative_annotator_test(*many, epsilon=0.1)
    clustered = alternative_annotator_test(
        *many, epsilon=0.1, question=np.tile(np.arange(ITEMS), 5)
    )

    for before, wrong, right in zip(
        alone.annotators, naive.annotators, clustered.annotators, strict=True
    ):
        assert right.p_value == pytest.approx(before.p_value, abs=1e-12)
        assert wrong.p_value < before.p_value


def test_always_the_same_outcome_is_certain_either_way() -> None:
    people = np.tile([[0, 0, 0]], (40, 1))
    right = alternative_annotator_test(np.zeros(40, dtype=int), people, epsilon=0.1)
    wrong = alternative_annotator_test(np.full(40, 2), people, epsilon=0.1)

    assert [test.p_value for test in right.annotators] == [0.0] * 3
    assert right.may_replace
    assert [test.p_value for test in wrong.annotators] == [1.0] * 3


def test_by_distance_a_tie_is_nearer_to_a_win_than_a_loss_is() -> None:
    people = np.tile([[0, 0, 2]], (40, 1))
    tie = np.ones(40, dtype=int)
    by_distance = alternative_annotator_test(tie, people, epsilon=0.1, alignment="distance")
    by_accuracy = alternative_annotator_test(tie, people, epsilon=0.1)

    # Against the third the others say 0: a tie is nearer, although it is never equal.
    assert by_distance.annotators[2].human_advantage == 0
    assert by_accuracy.annotators[2].human_advantage == 1


def test_a_larger_epsilon_never_loses(
    rng: np.random.Generator, truth: NDArray[np.int64], people: NDArray[np.int64]
) -> None:
    judge = said(rng, truth, 0.6)
    found = [alternative_annotator_test(judge, people, epsilon=e) for e in (0.0, 0.1, 0.2, 0.9)]
    p_values = np.array([[test.p_value for test in one.annotators] for one in found])

    assert (np.diff(p_values, axis=0) < 0).all()


def test_shapes_and_a_senseless_minimum() -> None:
    with pytest.raises(InputError, match="give \\(items,\\) and \\(items, people\\)"):
        alternative_annotator_test(np.zeros(3, dtype=int), np.zeros((4, 2), dtype=int), epsilon=0.1)
    with pytest.raises(InputError, match="at least 2 items"):
        alternative_annotator_test(
            np.zeros(3, dtype=int), np.zeros((3, 2), dtype=int), epsilon=0.1, min_items=1
        )
