"""Votes drawn again: as many, and as multinomial, as drawing single ones would give."""

from itertools import pairwise
from math import factorial

import numpy as np
import pytest

from blindarena.ranking.resampling import OPEN, SLOTS, _cumulative, _table, resample

MANY = np.arange(1500) % 4 * 5
"""A quarter of the cells has no vote; the others 5, 10 or 15."""


@pytest.mark.parametrize("cells", [np.array([3, 0, 5]), MANY], ids=["few", "many"])
def test_every_round_has_all_votes_and_empty_cells_stay_empty(cells: np.ndarray) -> None:
    drawn = resample(cells, np.random.default_rng(1), rounds=50)

    assert (drawn.sum(axis=0, dtype=np.int64) == cells.sum()).all()
    assert not drawn[cells == 0].any()
    assert np.ptp(drawn, axis=1).any()


def test_the_same_state_draws_the_same_votes() -> None:
    one, other = (resample(MANY, np.random.default_rng(5), rounds=10) for _ in range(2))

    assert np.array_equal(one, other)


def test_counts_are_binomial_cell_by_cell() -> None:
    """Shares of each number among 450,000 draws of cells that expect 10 of 11,250 votes."""
    drawn = resample(MANY, np.random.default_rng(2), rounds=1200)[MANY == 10]

    chance, n = 10 / MANY.sum(), int(MANY.sum())
    for number in range(4, 18):
        ways = factorial(n) // (factorial(number) * factorial(n - number))
        expected = ways * chance**number * (1 - chance) ** (n - number)
        assert (drawn == number).mean() == pytest.approx(
            expected, abs=4.5 * np.sqrt(expected / drawn.size)
        )


def test_groups_of_cells_have_multinomial_moments() -> None:
    """Poisson numbers without a fixed total would vary by 20, 50 and 100 % more."""
    groups = np.stack([count == MANY for count in (5, 10, 15)]).astype(np.int64)
    drawn = groups @ resample(MANY, np.random.default_rng(3), rounds=3000).astype(np.int64)

    total, share = MANY.sum(), groups @ MANY / MANY.sum()
    assert drawn.mean(axis=1) == pytest.approx(total * share, rel=0.005)
    expected = total * (np.diag(share) - np.outer(share, share))
    assert np.cov(drawn) == pytest.approx(expected, abs=250)


def test_a_round_that_overshoots_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no shortfall half of the Poisson totals are too large."""
    monkeypatch.setattr("blindarena.ranking.resampling.SHORT", 0.0)

    drawn = resample(MANY, np.random.default_rng(4), rounds=40)

    assert (drawn.sum(axis=0, dtype=np.int64) == MANY.sum()).all()


def test_large_counts_are_drawn_without_a_table() -> None:
    cells = np.full(1200, 40_000)

    drawn = resample(cells, np.random.default_rng(6), rounds=5)

    assert (drawn.sum(axis=0) == cells.sum()).all()
    assert drawn.std() == pytest.approx(200, rel=0.05)


@pytest.mark.parametrize("mean", [0.01, 0.9, 14.7, 3000.5])
def test_a_slot_of_the_table_lies_within_one_step(mean: float) -> None:
    cumulative = _cumulative(mean)
    table = _table(cumulative)

    assert table.shape == (SLOTS,)
    slots = np.flatnonzero(table != OPEN)
    above = np.concatenate([[0.0], cumulative])
    assert (above[table[slots]] * SLOTS <= slots).all()
    assert (cumulative[table[slots]] * SLOTS >= slots + 1).all()
    assert 0 < (table == OPEN).sum() <= len(cumulative)


def test_the_distribution_function_is_that_of_poisson() -> None:
    found = _cumulative(2.5)

    terms = np.array([np.exp(-2.5) * 2.5**k / factorial(k) for k in range(20)])
    assert found[:20] == pytest.approx(np.cumsum(terms), abs=1e-14)
    assert all(one <= other for one, other in pairwise(found))
    assert found[-1] == 1
