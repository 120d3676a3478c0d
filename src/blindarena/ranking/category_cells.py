"""Votes counted per category, pair and outcome."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.laplacian import flat_pairs, laplacian
from blindarena.ranking.vote_arrays import TIE, VoteArrays
from blindarena.ranking.vote_cells import check_weights, pair_outcome, vote_cells


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCells:
    """What the votes on each pair say in each of C categories, both bad being a tie.

    Attributes:
        m: number of contestants, those without votes included.
        first, second: (pairs,) contestants of the pairs that have met in any category.
        weight: (C, 3, pairs) sum of the votes' weights: wins of the first, of the second, ties.
        square: (C, 3, pairs) sum of the squares of the weights.
        pair: (n,) the pair of each entry of the votes.
        score: (n,) its score, seen from the pair's first.
        factor: (n,) weight times count of each entry.
    """

    m: int
    first: IntArray
    second: IntArray
    weight: FloatArray
    square: FloatArray
    pair: IntArray
    score: FloatArray
    factor: FloatArray

    @property
    def total(self) -> FloatArray:
        """(C, pairs) all votes."""
        return np.asarray(self.weight.sum(axis=1))

    @property
    def won(self) -> FloatArray:
        """(C, pairs) score of the first, a tie counting half."""
        return np.asarray(self.weight[:, 0] + self.weight[:, TIE] / 2)

    def incidence(self, values: FloatArray) -> FloatArray:
        """Return (m,) sums of values of the pairs, counted against the second."""
        return np.asarray(
            np.bincount(self.first, values, minlength=self.m)
            - np.bincount(self.second, values, minlength=self.m)
        )

    def laplacian(self, values: FloatArray) -> FloatArray:
        """Return the (m, m) Laplacian of values of the pairs."""
        return laplacian(self.m, flat_pairs(self.m, self.first, self.second), values)


def category_cells(
    votes: VoteArrays, category: IntArray, categories: int, weights: FloatArray | None
) -> CategoryCells:
    """Count votes by category, pair and outcome in one pass.

    Args:
        votes: the votes.
        category: (n,) the category of each, 0 .. categories - 1.
        categories: how many there are.
        weights: (n,) weight of each vote; None is 1.

    Raises:
        InputError: the shape differs, or a code is out of range.
    """
    if category.shape != votes.a.shape:
        raise InputError(f"category has shape {category.shape}; give one code per vote")
    if (wrong := (category < 0) | (category >= categories)).any():
        at = int(wrong.argmax())
        raise InputError(f"category[{at}] is {category[at]}; it must be 0 to {categories - 1}")
    cells = vote_cells(votes, weights)
    pair, outcome = pair_outcome(votes, cells)
    outcome = np.minimum(outcome, TIE)
    weight = check_weights(votes, weights)
    one = np.ones(len(votes)) if weight is None else weight
    count = 1 if votes.count is None else votes.count
    shape = (categories, 3, len(cells.first))
    known = pair >= 0  # a pair whose votes have no weight is none
    flat = np.ravel_multi_index((category[known], outcome[known], pair[known]), shape)
    sums = [
        np.bincount(flat, (power * count)[known], int(np.prod(shape)))
        .astype(np.float64)
        .reshape(shape)
        for power in (one, one**2)
    ]
    return CategoryCells(
        m=votes.m,
        first=cells.first,
        second=cells.second,
        weight=sums[0],
        square=sums[1],
        pair=pair,
        score=np.array([1.0, 0.0, 0.5])[outcome],
        factor=one * count,
    )
