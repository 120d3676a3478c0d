"""How few votes, taken away, change the order of two contestants."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.expected import expected
from blindarena.ranking.laplacian import flat_pairs, grounded, invert_positive, laplacian
from blindarena.ranking.pair_counts import PairCounts

MAX_ROUNDS = 30

FLIPPED = 1e-9
"""A lead below this, in nats, is the rounding of a draw."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VotesToFlip:
    """A small set of votes without which the lower of two contestants is ahead.

    Attributes:
        ahead: who leads with all votes.
        behind: who leads without them.
        votes: how many votes there are in the set.
        share: that, as a share of all votes.
        removed: (3, pairs) wins of the first, wins of the second and ties in the set.
        gap: how far `behind` leads without them, in nats, from a fit of its own.
    """

    ahead: int
    behind: int
    votes: int
    share: float
    removed: IntArray = field(repr=False)
    gap: float


def votes_to_flip(
    counts: PairCounts, one: int, other: int, *, theta: FloatArray | None = None
) -> VotesToFlip | None:
    """Find few votes whose removal changes who of two contestants is ahead.

    The influence of a vote on the difference is its score through the inverse Hessian. Votes are
    taken in the order of their influence until its sum changes the order; the fit without them
    gives new influences, and so on until a fit has the order changed. Then the smallest number of
    votes, in that last order, that changes the order of a fit is found by bisection. So the set
    works for certain; that no smaller one does is likely, not proved.

    Args:
        counts: votes per pair, strongly connected.
        one: a contestant.
        other: another, such as its neighbour on the board.
        theta: (m,) the fit of `counts`, where it is known.

    Returns:
        The set; None where no set that leaves finite ratings was found.

    Raises:
        InputError: the two are the same, or out of range.
        NotIdentifiedError: `counts` has no finite ratings.

    Source: Broderick, Giordano and Meager (2020), arXiv 2011.14999; for arenas, Huang, Shen,
        Wei and Broderick (2025), arXiv 2508.11847.
    """
    if one == other or not (0 <= one < counts.m and 0 <= other < counts.m):
        raise InputError(f"contestants {one} and {other} must differ and be 0 to {counts.m - 1}")
    start = fit_bradley_terry(counts, start=theta).theta
    ahead, behind = (one, other) if start[one] >= start[other] else (other, one)
    cells = np.stack([counts.wins_first, counts.wins_second, counts.ties])
    search = _Search(counts, cells, ahead, behind)
    at, removed = start, np.zeros_like(cells)
    for _ in range(MAX_ROUNDS):
        order, needed = search.order(at, removed)
        if needed is None:
            return None
        removed = search.take(order, needed)
        found = search.fit(removed, start)
        if found is None:
            return None
        at = found
        if at[behind] - at[ahead] > FLIPPED:
            return search.fewest(order, needed, start)
    return None


class _Search:
    """Sets of votes, by cells, and the fits without them."""

    def __init__(self, counts: PairCounts, cells: IntArray, ahead: int, behind: int) -> None:
        self.counts, self.cells = counts, cells
        self.ahead, self.behind = ahead, behind

    def order(self, theta: FloatArray, removed: IntArray) -> tuple[IntArray, int | None]:
        """Return the helpful cells, most helpful first, and how many votes the line says it takes.

        The line goes through the fit at `theta`, without the votes `removed`.
        """
        influence = _influence(self.counts, self.cells - removed, theta, self.ahead, self.behind)
        order = np.argsort(-influence, axis=None, kind="stable")
        order = order[(influence.ravel()[order] > 0) & (self.cells.ravel()[order] > 0)]
        already = float((influence * removed).sum())
        gap = theta[self.ahead] - theta[self.behind] + already
        gains = influence.ravel()[order] * self.cells.ravel()[order]
        before = np.concatenate([[0.0], np.cumsum(gains)])
        cell = int(np.searchsorted(before[1:], gap, side="right"))
        if cell == len(order):
            return order, None
        inside = int((gap - before[cell]) // influence.ravel()[order[cell]]) + 1
        needed = int(self.cells.ravel()[order[:cell]].sum()) + inside
        # The line may stop short again and again: each round takes one more at least.
        return order, max(needed, int(removed.sum()) + 1)

    def take(self, order: IntArray, votes: int) -> IntArray:
        """Return (3, pairs) the first so many votes."""
        there = self.cells.ravel()[order]
        before = np.cumsum(there) - there
        removed = np.zeros(self.cells.size, dtype=np.int64)
        removed[order] = np.clip(votes - before, 0, there)
        return removed.reshape(self.cells.shape)

    def fit(self, removed: IntArray, start: FloatArray) -> FloatArray | None:
        """Return the strengths without some votes; None where they are not finite."""
        left = PairCounts(
            self.counts.m, self.counts.first, self.counts.second, *(self.cells - removed)
        )
        try:
            return fit_bradley_terry(left, start=start).theta
        except (NotIdentifiedError, ConvergenceError):
            return None

    def fewest(self, order: IntArray, enough: int, start: FloatArray) -> VotesToFlip:
        """Return the smallest number of votes in this order that works, by bisection."""
        too_few = 0
        while enough - too_few > 1:
            middle = (too_few + enough) // 2
            theta = self.fit(self.take(order, middle), start)
            if theta is not None and theta[self.behind] - theta[self.ahead] > FLIPPED:
                enough = middle
            else:
                too_few = middle
        removed = self.take(order, enough)
        theta = self.fit(removed, start)
        if theta is None:
            raise ConvergenceError("a fit that was found could not be found again")
        return VotesToFlip(
            ahead=self.ahead,
            behind=self.behind,
            votes=enough,
            share=enough / int(self.cells.sum()),
            removed=removed,
            gap=float(theta[self.behind] - theta[self.ahead]),
        )


def _influence(
    counts: PairCounts, cells: IntArray, theta: FloatArray, ahead: int, behind: int
) -> FloatArray:
    """Return (3, pairs) by how much removing one vote of a cell brings the two together."""
    chances = expected(counts, theta)
    pairs = flat_pairs(counts.m, counts.first, counts.second)
    hessian = laplacian(counts.m, pairs, cells.sum(axis=0) * chances.slope)
    ground = int(hessian.diagonal().argmax())
    inverse = invert_positive(grounded(hessian, ground))
    full = np.insert(np.insert(inverse, ground, 0, axis=0), ground, 0, axis=1)
    pull = full[ahead] - full[behind]
    through = pull[counts.first] - pull[counts.second]
    residual = np.stack([chances.second, -chances.first, (chances.second - chances.first) / 2])
    return np.asarray(residual * through)
