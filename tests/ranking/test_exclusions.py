import numpy as np
import pytest

from blindarena.errors import InputError
from blindarena.ranking.exclusions import (
    beyond_cap,
    cap_weights,
    exclude,
    repeated_prompts,
    too_fast,
)

VOTER = np.array([7, 2, 7, 7, 2, 9])


def test_a_vote_is_counted_for_its_first_reason() -> None:
    found = exclude(
        4,
        {
            "bot": np.array([True, False, False, True]),
            "too_fast": np.array([True, True, False, False]),
            "cap": np.zeros(4, dtype=bool),
        },
    )

    assert found.keep.tolist() == [False, False, True, False]
    assert found.counts == {"bot": 2, "too_fast": 1, "cap": 0}


def test_no_reason_keeps_all() -> None:
    assert exclude(3, {}).keep.tolist() == [True] * 3


def test_a_reason_of_another_shape_is_told() -> None:
    with pytest.raises(InputError, match="bot is int64"):
        exclude(2, {"bot": np.array([0, 1])})
    with pytest.raises(InputError, match=r"bot is bool of shape \(1,\)"):
        exclude(2, {"bot": np.array([True])})


def test_the_first_votes_of_each_voter_count() -> None:
    assert beyond_cap(VOTER, 1).tolist() == [False, False, True, True, True, False]
    assert beyond_cap(VOTER, 2).tolist() == [False, False, False, True, False, False]
    assert beyond_cap(np.zeros(0, dtype=np.int64), 1).tolist() == []


def test_capped_weights_share_the_cap() -> None:
    weights = cap_weights(VOTER, 2)

    assert weights == pytest.approx([2 / 3, 1, 2 / 3, 2 / 3, 1, 1])
    assert np.bincount(VOTER, weights).max() == pytest.approx(2)


def test_times_not_measured_are_not_too_fast() -> None:
    assert too_fast(np.array([0.5, 2.0, np.nan]), 2.0).tolist() == [True, False, False]


def test_only_so_many_votes_on_a_prompt_count() -> None:
    assert repeated_prompts(np.array([1, 1, 5, 1]), 2).tolist() == [False, False, False, True]


def test_limits_that_are_none_are_told() -> None:
    with pytest.raises(InputError, match="the cap is 0"):
        beyond_cap(VOTER, 0)
    with pytest.raises(InputError, match="the cap is 0"):
        cap_weights(VOTER, 0)
    with pytest.raises(InputError, match="the most is 0"):
        repeated_prompts(VOTER, 0)
    with pytest.raises(InputError, match="the least time is nan"):
        too_fast(np.zeros(1), np.nan)
