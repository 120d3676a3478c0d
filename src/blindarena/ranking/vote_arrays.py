"""Votes one by one, for methods that need more than counts per pair."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.pair_counts import PairCounts

A_WINS, B_WINS, TIE, BOTH_BAD = 0, 1, 2, 3
"""Codes of `VoteArrays.outcome`."""
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class VoteArrays:
    """Votes between contestants 0 .. m-1, in the order in which they were cast.

    Attributes:
        m: number of contestants, those without votes included.
        a, b: (n,) contestant on either side, never equal; any integer dtype.
        outcome: (n,) one of A_WINS, B_WINS, TIE, BOTH_BAD.
        count: (n,) how many equal votes an entry stands for; None is one each.

    Raises:
        InputError: shapes differ, or an entry is out of range; names array, position and value.
    """

    m: int
    a: IntArray
    b: IntArray
    outcome: IntArray
    count: IntArray | None = None

    def __post_init__(self) -> None:
        for name, limit in (("a", self.m), ("b", self.m), ("outcome", 4), ("count", None)):
            array: IntArray | None = getattr(self, name)
            if array is None:
                continue
            if array.ndim != 1 or array.shape != self.a.shape:
                raise InputError(f"{name} has shape {array.shape}; give one entry per vote")
            wrong = array < 0
            if limit is not None:
                wrong |= array >= limit
            if wrong.any():
                at = int(wrong.argmax())
                most = "or more" if limit is None else f"to {limit - 1}"
                raise InputError(f"{name}[{at}] is {array[at]}; it must be 0 {most}")
        if (same := self.a == self.b).any():
            at = int(same.argmax())
            raise InputError(f"vote {at} is contestant {self.a[at]} against itself; remove it")

    def __len__(self) -> int:
        return len(self.a)

    @property
    def n(self) -> int:
        """How many votes there are, counts included."""
        return len(self.a) if self.count is None else int(self.count.sum())

    @property
    def scores(self) -> FloatArray:
        """(n,) score of side a: 1, 0, and 0.5 for a tie and for both bad."""
        return np.array([1.0, 0.0, 0.5, 0.5])[self.outcome]

    def cells(self) -> IntArray:
        """Return (m, m, 4) counts by side a, side b and outcome, in one pass.

        Works block by block, so that beside the result it needs the memory of one block only.
        """
        m = self.m
        counts: IntArray = np.zeros(m * m * 4, dtype=np.int64)
        for start in range(0, len(self), _BLOCK):
            part = slice(start, start + _BLOCK)
            flat = (self.a[part].astype(np.int64) * m + self.b[part]) * 4 + self.outcome[part]
            if self.count is None and len(counts) <= 4 * _BLOCK:
                counts += np.bincount(flat, minlength=len(counts))
            else:
                np.add.at(counts, flat, 1 if self.count is None else self.count[part])
        return counts.reshape(m, m, 4)

    def pair_counts(self) -> PairCounts:
        """Return the votes per pair, `first` < `second`; both bad counts as a tie."""
        cells = self.cells()
        first, second = np.triu_indices(self.m, k=1)
        one, other = cells[first, second], cells[second, first]
        wins_first = one[:, A_WINS] + other[:, B_WINS]
        wins_second = one[:, B_WINS] + other[:, A_WINS]
        ties = (one + other)[:, [TIE, BOTH_BAD]].sum(axis=1)
        met = wins_first + wins_second + ties > 0
        return PairCounts(
            m=self.m,
            first=first[met],
            second=second[met],
            wins_first=wins_first[met],
            wins_second=wins_second[met],
            ties=ties[met],
        )
