import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from blindarena.ranking import normal_interval, overlap_ranks
from blindarena.ranking.arrays import FloatArray

SIZES = st.integers(0, 12)


def test_overlapping_intervals_share_a_rank_and_ranks_may_be_skipped() -> None:
    lower = np.array([90.0, 80.0, 50.0, 85.0])
    upper = np.array([110.0, 95.0, 70.0, 89.0])

    assert overlap_ranks(lower, upper).tolist() == [1, 1, 4, 2]


def test_touching_intervals_overlap() -> None:
    assert overlap_ranks(np.array([1.0, 0.0]), np.array([2.0, 1.0])).tolist() == [1, 1]


def test_nan_has_no_rank_and_counts_for_nobody() -> None:
    nan = np.nan
    lower = np.array([5.0, nan, 9.0, 1.0])
    upper = np.array([6.0, 99.0, nan, 2.0])

    assert overlap_ranks(lower, upper).tolist() == [1, 0, 0, 2]


@given(SIZES.flatmap(lambda m: arrays(float, (2, m), elements=st.floats(-1e3, 1e3))))
def test_agrees_with_the_definition(bounds: FloatArray) -> None:
    lower, upper = bounds.min(axis=0), bounds.max(axis=0)

    ranks = overlap_ranks(lower, upper)

    assert ranks.tolist() == [1 + sum(other > top for other in lower) for top in upper]


def test_a_normal_interval_of_95_percent() -> None:
    lower, upper = normal_interval(np.array([10.0, 0.0]), np.array([4.0, 0.0]))

    assert lower == pytest.approx([10 - 2 * 1.959963984540054, 0])
    assert upper == pytest.approx([10 + 2 * 1.959963984540054, 0])
