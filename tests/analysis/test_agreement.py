"""Agreement: published examples, independent computations, properties."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from blindarena.analysis.agreement import (
    Counts,
    alpha_between,
    alpha_interval,
    cohen_kappa,
    krippendorff_alpha,
    share_equal,
    share_equal_between,
)

# Krippendorff (2011), section C: 12 units, 4 observers, missing data; units 1 to 12, values 1 to 5.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
PUBLISHED = np.array(
    [[sum(row[u] == value for row in OBSERVERS) for value in range(1, 6)] for u in range(12)]
)
matrices = arrays(
    np.int64, st.tuples(st.integers(1, 8), st.integers(2, 4)), elements=st.integers(0, 3)
)


def plain_alpha(counts: Counts) -> float | None:
    """Compute alpha from the list of all pairs, as the definition says it."""
    items = [[c for c, k in enumerate(row) for _ in range(k)] for row in counts.tolist()]
    items = [item for item in items if len(item) > 1]
    values = [value for item in items for value in item]
    if len(set(values)) < 2:
        return None
    observed = sum(
        sum(a != b for a, b in permutations(item, 2)) / (len(item) - 1) for item in items
    ) / len(values)
    differing = sum(a != b for a, b in permutations(values, 2))
    return 1 - observed / (differing / (len(values) * (len(values) - 1)))


def test_krippendorffs_own_example() -> None:
    assert krippendorff_alpha(PUBLISHED) == pytest.approx(0.743, abs=5e-4)


def test_krippendorffs_binary_example() -> None:
    """Section A: two observers, ten units; alpha 0.095, and six of ten alike."""
    one, two = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    counts = np.array(
        [[(a == v) + (b == v) for v in (0, 1)] for a, b in zip(one, two, strict=True)]
    )

    assert krippendorff_alpha(counts) == pytest.approx(0.095, abs=5e-4)
    assert share_equal(counts) == 0.6


def test_cohens_kappa_of_the_usual_example() -> None:
    """50 grant proposals, Wikipedia's article "Cohen's kappa": 0.4."""
    assert cohen_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)


@given(matrices)
@settings(max_examples=60, deadline=None)
def test_alpha_is_what_the_definition_says(counts: Counts) -> None:
    expected = plain_alpha(counts)
    assert krippendorff_alpha(counts) == (None if expected is None else pytest.approx(expected))


@given(matrices, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_neither_names_nor_order_matter(counts: Counts, random: object) -> None:
    rng = np.random.default_rng(random.randrange(2**32))  # type: ignore[attr-defined]
    shuffled = rng.permutation(rng.permutation(counts, axis=0), axis=1)

    expected = krippendorff_alpha(counts)
    assert krippendorff_alpha(shuffled) == (None if expected is None else pytest.approx(expected))


def test_what_cannot_be_said_is_none() -> None:
    once = np.array([[1, 0], [0, 1]])
    alike = np.array([[2, 0], [3, 0]])

    assert (krippendorff_alpha(once), share_equal(once), alpha_interval(once, seed=1)) == (
        None,
    ) * 3
    assert (krippendorff_alpha(alike), share_equal(alike)) == (None, 1.0)
    assert alpha_interval(alike, seed=1) is None
    assert cohen_kappa(np.zeros((2, 2), dtype=np.int64)) is None
    assert cohen_kappa(np.array([[3, 0], [0, 0]])) is None
    assert alpha_between(once, np.zeros_like(once)) is None


def test_two_groups_of_one_rater_each_are_cohens_kappa() -> None:
    """With one rating of each on every item, the agreement between groups is Cohen's kappa."""
    rng = np.random.default_rng(5)
    one, two = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    table = np.zeros((3, 3), dtype=np.int64)
    np.add.at(table, (one, two), 1)
    eye = np.eye(3, dtype=np.int64)

    assert alpha_between(eye[one], eye[two]) == pytest.approx(cohen_kappa(table))
    assert share_equal_between(eye[one], eye[two]) == pytest.approx(np.mean(one == two))


def test_the_interval_holds_alpha_and_is_the_same_again() -> None:
    interval = alpha_interval(PUBLISHED, seed=7)
    alpha = krippendorff_alpha(PUBLISHED)

    assert interval is not None
    assert alpha is not None
    assert interval.lower < alpha < interval.upper <= 1
    assert alpha_interval(PUBLISHED, seed=7) == interval
    wide = alpha_interval(np.tile(PUBLISHED, (20, 1)), seed=7)
    assert wide is not None
    assert wide.upper - wide.lower < (interval.upper - interval.lower) / 2
