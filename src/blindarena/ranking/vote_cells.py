"""Votes counted per pair and outcome, with or without weights."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.vote_arrays import BOTH_BAD, TIE, VoteArrays

OUTCOMES = 4
"""First wins, second wins, tie, both bad: the codes of `VoteArrays`, side a being the first."""


@dataclass(frozen=True, slots=True)
class VoteCells:
    """What the votes on each pair say; one entry per pair that has met, first < second.

    Attributes:
        m: number of contestants, those without votes included.
        first, second: (pairs,) contestants.
        weight: (4, pairs) sum of the votes' weights by outcome; their number where none has one.
        square: (4, pairs) sum of the squares of the weights.
    """

    m: int
    first: IntArray
    second: IntArray
    weight: FloatArray
    square: FloatArray

    def pair_counts(self) -> PairCounts:
        """Return whether each outcome was seen, 1 or 0: all that connectivity asks for."""
        seen = (self.weight > 0).astype(np.int64)
        return PairCounts(
            m=self.m,
            first=self.first,
            second=self.second,
            wins_first=seen[0],
            wins_second=seen[1],
            ties=seen[TIE] | seen[BOTH_BAD],
        )


def check_weights(votes: VoteArrays, weights: FloatArray | None) -> FloatArray | None:
    """Return the weights, one per entry, as floats.

    Raises:
        InputError: the shape differs, or a weight is negative, infinite or not a number.
    """
    if weights is None:
        return None
    if weights.shape != votes.a.shape:
        raise InputError(f"weights has shape {weights.shape}; give one weight per vote")
    if (wrong := ~(np.isfinite(weights) & (weights >= 0))).any():
        at = int(wrong.argmax())
        raise InputError(f"weights[{at}] is {weights[at]}; it must be a number, 0 or more")
    return weights.astype(np.float64, copy=False)


def vote_cells(votes: VoteArrays, weights: FloatArray | None = None) -> VoteCells:
    """Count the votes per pair and outcome in one pass.

    Args:
        votes: the votes; an entry's count multiplies both sums.
        weights: (n,) weight of each vote; None is 1.
    """
    m, weights = votes.m, check_weights(votes, weights)
    one, other = np.triu_indices(m, k=1)
    if weights is None:
        sums = [votes.cells().astype(np.float64)]
    else:
        size = (m, m, OUTCOMES)
        flat = np.ravel_multi_index((votes.a, votes.b, votes.outcome), size)
        each = 1.0 if votes.count is None else votes.count
        sums = [
            np.bincount(flat, power * each, m * m * OUTCOMES).reshape(size).astype(np.float64)
            for power in (weights, weights**2)
        ]
    folded = [_folded(cells, one, other) for cells in sums]
    met = folded[0].sum(axis=0) > 0
    return VoteCells(
        m=m,
        first=one[met],
        second=other[met],
        weight=folded[0][:, met],
        square=folded[-1][:, met],
    )


def _folded(cells: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """Return (4, pairs) both orders of each pair together, seen from its first contestant."""
    return (cells[one, other] + cells[other, one][:, [1, 0, TIE, BOTH_BAD]]).T.copy()


def pair_outcome(votes: VoteArrays, cells: VoteCells) -> tuple[IntArray, IntArray]:
    """Return (n,) the pair of each entry and its outcome as seen from the pair's first."""
    m = votes.m
    place = np.full(m * m, -1, dtype=np.int32)
    place[cells.first * m + cells.second] = np.arange(len(cells.first))
    place[cells.second * m + cells.first] = np.arange(len(cells.first))
    pair = place[votes.a.astype(np.int64) * m + votes.b]
    swapped = (votes.a > votes.b) & (votes.outcome < TIE)
    return pair, np.where(swapped, 1 - votes.outcome, votes.outcome)
