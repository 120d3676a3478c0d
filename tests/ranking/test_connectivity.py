import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_cases import pair_counts

from blindarena.ranking import (
    PairCounts,
    is_strongly_connected,
    largest_component,
    strong_components,
)


@st.composite
def any_counts(draw: st.DrawFn) -> PairCounts:
    m = draw(st.integers(2, 8))
    ends = st.tuples(st.integers(0, m - 1), st.integers(0, m - 1)).filter(lambda p: p[0] != p[1])
    few = st.integers(0, 1)
    pairs = draw(st.lists(st.tuples(ends, few, few, few), max_size=12))
    return pair_counts(m, [(a, b, x, y, t) for (a, b), x, y, t in pairs])


@given(any_counts())
def test_components_are_mutual_reach(counts: PairCounts) -> None:
    """Against the transitive closure of the graph of wins and ties."""
    reach = np.eye(counts.m, dtype=bool)
    for a, b, x, y, t in zip(
        counts.first, counts.second, counts.wins_first, counts.wins_second, counts.ties, strict=True
    ):
        reach[a, b] |= bool(x + t)
        reach[b, a] |= bool(y + t)
    for k in range(counts.m):
        reach |= np.outer(reach[:, k], reach[k])
    mutual = reach & reach.T

    labels = strong_components(counts)
    largest = largest_component(counts)

    assert np.array_equal(labels[:, np.newaxis] == labels, mutual)
    assert is_strongly_connected(counts) == bool(mutual.all())
    most = mutual.sum(axis=1).max()
    assert len(largest) == (most if most > 1 else 0)
    assert mutual[np.ix_(largest, largest)].all()


def test_more_votes_then_the_first_decide_between_equal_sizes() -> None:
    assert largest_component(pair_counts(4, [(0, 1, 1, 1, 0), (2, 3, 1, 2, 0)])).tolist() == [2, 3]
    assert largest_component(pair_counts(4, [(2, 3, 1, 1, 0), (0, 1, 1, 1, 0)])).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("counts", "connected"),
    [(pair_counts(0, []), False), (pair_counts(1, []), True), (pair_counts(2, []), False)],
)
def test_without_votes(counts: PairCounts, connected: bool) -> None:
    assert is_strongly_connected(counts) is connected
    assert largest_component(counts).tolist() == []
