"""Votes sorted by pair, so that sums over a pair run over neighbours in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays

BLOCK = 1 << 15
"""Votes worked on at a time: with four features they fit a second-level cache."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some pairs, and all votes on them, seen from the pair's first contestant.

    Attributes:
        pairs: which pairs.
        votes: which of the sorted votes.
        starts: (pairs,) where each pair's votes begin within the block.
        sizes: (pairs,) votes of each pair.
    """

    pairs: slice
    votes: slice
    starts: IntArray
    sizes: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SortedVotes:
    """Votes in the order of their pairs, with covariates.

    Attributes:
        m: number of contestants.
        first, second: (pairs,) contestants of each pair that has met, first < second.
        order: (n,) where each sorted vote was among the votes.
        score: (n,) score of the pair's first contestant, in units of a half: 0, 1 or 2.
        weight: (n,) weight times count; None is 1 each.
        square: (n,) squared weight times count; None is 1 each.
        covariates: (F, n) as seen from the pair's first contestant.
        sizes: (pairs,) votes of each pair.
    """

    m: int
    first: IntArray
    second: IntArray
    order: IntArray
    score: NDArray[np.int8]
    weight: FloatArray | None
    square: FloatArray | None
    covariates: FloatArray
    sizes: IntArray

    def blocks(self) -> Iterator[Block]:
        """Yield all pairs in blocks of about BLOCK votes; a larger pair is a block alone."""
        ends = np.cumsum(self.sizes)
        pair, vote = 0, 0
        while pair < len(ends):
            last = max(int(np.searchsorted(ends, vote + BLOCK, side="right")), pair + 1)
            end = int(ends[last - 1])
            sizes = self.sizes[pair:last]
            starts = ends[pair:last] - sizes - vote
            yield Block(slice(pair, last), slice(vote, end), starts, sizes)
            pair, vote = last, end


def sort_by_pair(
    votes: VoteArrays, covariates: FloatArray, weights: FloatArray | None
) -> SortedVotes:
    """Sort votes by pair; the covariates (n, F) are those of side a against side b."""
    m = votes.m
    swapped = votes.a > votes.b
    code = np.where(swapped, votes.b, votes.a).astype(np.int32)
    code *= np.int32(m)
    code += np.where(swapped, votes.a, votes.b).astype(np.int32)
    size = np.bincount(code, minlength=m * m)
    met = np.flatnonzero(size)
    place = np.zeros(m * m, dtype=np.int32)
    place[met] = np.arange(len(met))
    order = _stable_order(place[code], len(met))
    del code
    sign = np.where(swapped, -1.0, 1.0)[order]
    score = np.array([2, 0, 1, 1], dtype=np.int8)[votes.outcome]
    np.subtract(2, score, out=score, where=swapped)
    spread = np.empty((covariates.shape[1], len(order)))
    for row, column in zip(spread, covariates.T, strict=True):
        np.take(column, order, out=row, mode="clip")  # any other mode copies
        row *= sign
    return SortedVotes(
        m=m,
        first=met // m,
        second=met % m,
        order=order,
        score=score[order],
        weight=_sorted_product(weights, votes.count, order),
        square=_sorted_product(None if weights is None else weights**2, votes.count, order),
        covariates=spread,
        sizes=size[met],
    )


def _stable_order(keys: NDArray[np.int32], limit: int) -> IntArray:
    """Return what sorts keys below a limit, by radix: NumPy has that for 16 bits only."""
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    if limit > 1 << 16:
        order = order[np.argsort((keys >> 16).astype(np.uint16)[order], kind="stable")]
    return order


def _sorted_product(
    weights: FloatArray | None, count: IntArray | None, order: IntArray
) -> FloatArray | None:
    if weights is None:
        return None if count is None else count[order].astype(np.float64)
    return weights[order] if count is None else weights[order] * count[order]
