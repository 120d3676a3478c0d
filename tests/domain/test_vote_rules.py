"""The rules of an arena say of each vote what `ranking.exclusions` says of all at once."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.domain.exclusions import (
    NEVER_COUNTED,
    RULES,
    VoteRules,
    early_reason,
    late_reason,
    told_to_voter,
)
from blindarena.ranking.exclusions import beyond_cap, exclude, repeated_prompts, too_fast

CAST = st.lists(
    st.tuples(
        st.booleans(),
        st.one_of(st.none(), st.floats(-1, 10)),
        st.integers(0, 3),
        st.integers(0, 2),
    ),
    max_size=40,
)


@given(cast=CAST, cap=st.integers(1, 5), least=st.floats(0.1, 5), most=st.integers(1, 3))
def test_rules_are_those_of_the_arrays(
    cast: list[tuple[bool, float | None, int, int]], cap: int, least: float, most: int
) -> None:
    rules = VoteRules(max_votes_per_voter=cap, min_seconds=least, duplicate_prompts=most)
    earlier: Counter[int] = Counter()
    same: Counter[tuple[int, int]] = Counter()
    found: Counter[str | None] = Counter()
    for leaked, seconds, voter, prompt in cast:
        early = early_reason(leaked=leaked, seconds=seconds, rules=rules)
        late = late_reason(earlier=earlier[voter], same_prompt=same[voter, prompt], rules=rules)
        found[early or late] += 1
        earlier[voter] += 1
        same[voter, prompt] += 1

    voter = np.array([v for _, _, v, _ in cast], dtype=np.int64)
    prompt = np.array([p for _, _, _, p in cast], dtype=np.int64)
    times = np.array([np.nan if s is None else s for _, s, _, _ in cast], dtype=np.float64)
    expected = exclude(
        len(cast),
        {
            "identity-leak": np.array([leaked for leaked, *_ in cast], dtype=np.bool_),
            "too-fast": too_fast(times, least),
            "vote-cap": beyond_cap(voter, cap),
            "duplicate-prompt": repeated_prompts(voter * 3 + prompt, most),
        },
    )
    assert {reason: found[reason] for reason in expected.counts} == expected.counts
    assert NEVER_COUNTED + tuple(expected.counts) == RULES
    assert found[None] == expected.keep.sum()


def test_rules_that_are_off_leave_nothing_out() -> None:
    assert early_reason(leaked=False, seconds=0.0, rules=VoteRules()) is None
    assert late_reason(earlier=10**6, same_prompt=10**6, rules=VoteRules()) is None


@pytest.mark.parametrize(
    ("reason", "told"), [(None, None), ("a robot", None), *((rule, rule) for rule in RULES)]
)
def test_voters_learn_of_rules_but_not_of_the_owners_acts(
    reason: str | None, told: str | None
) -> None:
    assert told_to_voter(reason) == told
