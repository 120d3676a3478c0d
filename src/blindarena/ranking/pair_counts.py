"""Votes per pair: all that Bradley-Terry needs to know about any number of votes."""

from dataclasses import dataclass, fields

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Votes between contestants 0 .. m-1; one entry per pair, though a repeated pair only adds up.

    Attributes:
        m: number of contestants, those without votes included.
        first, second: (pairs,) contestants, never equal.
        wins_first, wins_second: (pairs,) votes for either side.
        ties: (pairs,) votes that count half for both; Bradley-Terry takes both-bad votes as ties.

    Raises:
        InputError: shapes differ, or an entry is out of range; names array, position and value.
    """

    m: int
    first: IntArray
    second: IntArray
    wins_first: IntArray
    wins_second: IntArray
    ties: IntArray

    def __post_init__(self) -> None:
        if self.m < 0:
            raise InputError(f"m is {self.m}; give the number of contestants, 0 or more")
        shape = self.first.shape
        for name in (field.name for field in fields(self) if field.name != "m"):
            array: IntArray = getattr(self, name)
            if array.ndim != 1 or array.shape != shape:
                raise InputError(f"{name} has shape {array.shape}; give one entry per pair")
            if not np.issubdtype(array.dtype, np.integer):
                raise InputError(f"{name} has dtype {array.dtype}; give whole numbers")
            wrong = array < 0
            if name in ("first", "second"):
                wrong |= array >= self.m
            if wrong.any():
                at = int(wrong.argmax())
                most = f" to {self.m - 1}" if name in ("first", "second") else " or more"
                raise InputError(f"{name}[{at}] is {array[at]}; it must be 0{most}")
        if (same := self.first == self.second).any():
            at = int(same.argmax())
            raise InputError(
                f"pair {at} is contestant {self.first[at]} against itself; remove that pair"
            )

    @property
    def votes(self) -> IntArray:
        """(pairs,) all votes of each pair."""
        return self.wins_first + self.wins_second + self.ties

    @property
    def scores_first(self) -> FloatArray:
        """(pairs,) wins of the first side, a tie counting half."""
        return self.wins_first + self.ties / 2

    def among(self, keep: IntArray) -> "PairCounts":
        """Return the votes among some contestants, renumbered in the order of `keep`."""
        new = np.full(self.m, -1)
        new[keep] = np.arange(len(keep))
        first, second = new[self.first], new[self.second]
        inside = (first >= 0) & (second >= 0)
        return PairCounts(
            m=len(keep),
            first=first[inside],
            second=second[inside],
            wins_first=self.wins_first[inside],
            wins_second=self.wins_second[inside],
            ties=self.ties[inside],
        )
