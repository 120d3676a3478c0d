"""The votes of one board as arrays."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from blindarena.domain.boards import PairCount
from blindarena.ranking import PairCounts, thin
from blindarena.ranking.arrays import IntArray


@dataclass(frozen=True, slots=True)
class Counted:
    """Votes per pair of contestants 0 .. m-1.

    Attributes:
        first, second: (pairs,) contestants.
        cells: (4, pairs) wins of the first, wins of the second, ties, both bad.
    """

    m: int
    first: IntArray
    second: IntArray
    cells: IntArray

    @property
    def total(self) -> int:
        """All votes."""
        return int(self.cells.sum())

    @property
    def pair_counts(self) -> PairCounts:
        """The votes as Bradley-Terry takes them: both bad is a tie."""
        wins_first, wins_second, ties, both_bad = self.cells
        return PairCounts(self.m, self.first, self.second, wins_first, wins_second, ties + both_bad)

    def thinned(self, votes: int, *, seed: int) -> "Counted":
        """Return so many of the votes, drawn at random; the same seed draws the same."""
        return replace(self, cells=thin(self.cells, votes, np.random.default_rng(seed)))


def count(pairs: Sequence[PairCount], ids: Sequence[UUID]) -> Counted:
    """Turn stored pair counts into arrays, contestants in the order of `ids`.

    Raises:
        ValueError: a pair has a contestant that is not among `ids`; retired ones belong there.
    """
    index = {contestant: position for position, contestant in enumerate(ids)}
    try:
        ends = [(index[pair.first], index[pair.second]) for pair in pairs]
    except KeyError as error:
        raise ValueError(
            f"there are votes on {error.args[0]}, which is not among the contestants given"
        ) from error
    cells = [(pair.wins_first, pair.wins_second, pair.ties, pair.both_bad) for pair in pairs]
    first, second = np.array(ends, dtype=np.int64).reshape(-1, 2).T.copy()
    return Counted(
        m=len(ids),
        first=first,
        second=second,
        cells=np.array(cells, dtype=np.int64).reshape(-1, 4).T.copy(),
    )


def data_hash(counted: Counted, names: Sequence[str]) -> str:
    """Return 16 hexadecimal digits that tell the votes of a board from any others.

    They depend on names and votes alone. The contestants with votes are sorted by name and
    numbered from 0. Each pair with votes is six whole numbers, 64 bits, little-endian: the two
    contestants, the smaller first, then wins of the first, wins of the second, ties, both bad;
    pairs are sorted. SHA-256 is over the names as a JSON list in ASCII, then the pairs.
    """
    some = counted.cells.sum(axis=0) > 0
    first, second, cells = counted.first[some], counted.second[some], counted.cells[:, some]
    voted = sorted({*first.tolist(), *second.tolist()}, key=lambda i: names[i])
    number = np.zeros(counted.m, dtype=np.int64)
    number[voted] = np.arange(len(voted))
    one, two = number[first], number[second]
    turn = one > two
    rows = np.vstack([one, two, cells])
    rows[:, turn] = rows[[1, 0, 3, 2, 4, 5]][:, turn]
    rows = rows[:, np.lexsort((rows[1], rows[0]))]
    digest = hashlib.sha256(json.dumps([names[i] for i in voted]).encode("ascii"))
    digest.update(rows.T.astype("<i8").tobytes())
    return digest.hexdigest()[:16]
