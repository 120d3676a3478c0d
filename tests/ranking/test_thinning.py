import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from blindarena.errors import InputError
from blindarena.ranking import thin
from blindarena.ranking.arrays import IntArray

CELLS = arrays(np.int64, (4, 3), elements=st.integers(0, 50))


@given(CELLS, st.integers(0, 700), st.integers(0, 2**32 - 1))
def test_it_takes_so_many_of_those_there_are(cells: IntArray, votes: int, seed: int) -> None:
    thinned = thin(cells, votes, np.random.default_rng(seed))

    assert thinned.sum() == min(votes, cells.sum())
    assert ((thinned >= 0) & (thinned <= cells)).all()
    assert np.array_equal(thinned, thin(cells, votes, np.random.default_rng(seed)))


def test_mean_and_variance_are_hypergeometric() -> None:
    """Without replacement: variance n p (1 - p) (N - n) / (N - 1)."""
    cells = np.array([500, 300, 150, 50])
    rng = np.random.default_rng(1)
    draws = np.array([thin(cells, 400, rng) for _ in range(4000)])
    share = cells / 1000
    variance = 400 * share * (1 - share) * 600 / 999

    assert np.abs(draws.mean(axis=0) - 400 * share).max() < 4 * np.sqrt(variance.max() / 4000)
    assert draws.var(axis=0) == pytest.approx(variance, rel=0.1)


def test_what_was_given_is_not_changed() -> None:
    cells = np.array([3, 4])

    thin(cells, 100, np.random.default_rng(0))[0] = 99

    assert cells.tolist() == [3, 4]


def test_limits_are_told() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(InputError, match="-1 votes"):
        thin(np.array([5]), -1, rng)
    with pytest.raises(InputError, match="the limit is 999999999"):
        thin(np.array([10**9, 10**9]), 5, rng)
