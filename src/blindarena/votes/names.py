"""Texts as whole numbers, once for all files that are read."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.votes.table import Labels


class Names:
    """Numbers for texts in order of appearance; spaces around a text do not count."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._seen: dict[str, tuple[pa.Array, IntArray]] = {}

    def __len__(self) -> int:
        return len(self._number)

    def all(self) -> tuple[str, ...]:
        """Return the texts by number."""
        return tuple(self._number)

    def numbers(self, column: str, dictionary: pa.Array) -> IntArray:
        """Return the number of each entry of an Arrow dictionary, and one -1 at the end.

        The -1 is what an index of -1, a missing value, finds; an empty text is missing too.
        """
        seen = self._seen.get(column)
        if seen is None or not seen[0].equals(dictionary):
            seen = dictionary, self.of(dictionary.to_pylist())
            self._seen[column] = seen
        return seen[1]

    def of(self, texts: Iterable[str | None]) -> IntArray:
        """Return the number of each text, -1 where there is none, and one -1 at the end."""
        number = self._number
        found = [
            number.setdefault(name, len(number)) if (name := (text or "").strip()) else -1
            for text in texts
        ]
        return np.array([*found, -1], dtype=np.int32)


def look_up(table: Any, indices: IntArray) -> Any:
    """Return the table's entries; an index of -1, a missing value, finds the last."""
    return table.take(indices, mode="wrap")  # the quickest of NumPy's ways to take


def sorted_and_used(codes: IntArray, names: tuple[str, ...]) -> Labels:
    """Leave out names that no entry has, sort the rest, and number the codes anew."""
    used = np.zeros(len(names) + 1, dtype=np.bool_)
    used[codes] = True  # a missing value, -1, marks the last place
    order, table = sorted_order(used[:-1], names)
    return Labels(look_up(table, codes), tuple(names[number] for number in order))


def sorted_order(used: BoolArray, names: tuple[str, ...]) -> tuple[list[int], IntArray]:
    """Return the used numbers in the order of their names, and the new number of each old one.

    A name that is not used, and the last place, which a missing value finds, have -1.
    """
    order = sorted(np.flatnonzero(used).tolist(), key=names.__getitem__)
    table: IntArray = np.full(len(names) + 1, -1, dtype=smallest(len(order)))
    table[order] = np.arange(len(order))
    return order, table


def smallest(names: int) -> type[np.signedinteger]:
    """Return the smallest type of integer for that many codes."""
    return np.int16 if names <= np.iinfo(np.int16).max else np.int32
