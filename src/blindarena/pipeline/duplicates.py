"""Texts that repeat one another, exactly or nearly.

Near-duplicates are texts whose sets of five-letter pieces overlap by a Jaccard index of at least
the threshold. MinHash by `rensa` (extra `pipeline`) proposes pairs, the sets themselves decide.
Source: Broder (1997), On the resemblance and containment of documents.
"""

import hashlib
import re
import unicodedata
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from blindarena.errors import InputError

_PIECE = 5
# Of a longer text the pieces with the smallest hashes stand for all (a bottom-k sketch).
_MOST_PIECES = 2000
_PERMUTATIONS = 128
_BANDS = 32
_MAX_SIGNS = 100_000


@dataclass(frozen=True, slots=True)
class DuplicateGroups:
    """Which texts repeat an earlier one.

    Args:
        groups: numbers of texts, from 0; the first of a group is the one to keep. Groups of one are
            left out.
        kept: numbers of the texts to keep, in their order.
        method: `near`, or `exact` without the extra.
        threshold: least Jaccard index of near-duplicates.
        seed: of the MinHash.
    """

    groups: tuple[tuple[int, ...], ...]
    kept: tuple[int, ...]
    method: Literal["near", "exact"]
    threshold: float
    seed: int


def available() -> bool:
    """Say whether near-duplicates can be found."""
    return find_spec("rensa") is not None


def normalised(text: str) -> str:
    """Return small letters and words alone; any run of digits is one 0: numbers do not differ."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\d+", "0", " ".join(re.findall(r"\w+", folded)))


class Doubles:
    """Takes texts one by one and tells which earlier one each repeats.

    Memory grows with the texts that repeat none, by at most about 20 KB for each.

    Args:
        threshold: least Jaccard index of near-duplicates, above 0 and at most 1.
        seed: of the MinHash.
        near: False finds exact repetitions alone; None finds near ones where the extra is there.

    Raises:
        InputError: the threshold is outside, or `near` is True without the extra.
    """

    def __init__(self, *, threshold: float = 0.8, seed: int = 0, near: bool | None = None) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"threshold = {threshold} for duplicates; give one above 0, at most 1")
        if near and not available():
            raise InputError("near-duplicates need rensa: pip install 'blindarena[pipeline]'")
        self.threshold, self.seed = threshold, seed
        self.method: Literal["near", "exact"] = (
            "near" if near or (near is None and available()) else "exact"
        )
        self._exact: dict[bytes, int] = {}
        self._pieces: dict[int, array[int]] = {}
        self._index: Any = None
        self._next = 0

    def add(self, text: str) -> int | None:
        """Remember a text.

        Returns:
            The number of the earlier text that it repeats, counted from 0 over all calls, always
            one that repeats none itself; None if it repeats none.
        """
        number, self._next = self._next, self._next + 1
        plain = normalised(text[:_MAX_SIGNS])
        digest = hashlib.blake2b(plain.encode(), digest_size=16).digest()
        earlier = self._exact.get(digest)
        if earlier is None and self.method == "near":
            earlier = self._nearest(plain, number)
        if earlier is None:
            self._exact[digest] = number
        return earlier

    def _nearest(self, plain: str, number: int) -> int | None:
        import rensa

        pieces = _pieces_of(plain)
        sketch = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=self.seed)
        sketch.update([f"{piece:08x}" for piece in pieces])
        if self._index is None:
            self._index = rensa.RMinHashLSH(
                threshold=self.threshold, num_perm=_PERMUTATIONS, num_bands=_BANDS
            )
        rivals: list[tuple[float, int]] = [
            (-_jaccard(pieces, self._pieces[other]), other) for other in self._index.query(sketch)
        ]
        if rivals and -min(rivals)[0] >= self.threshold:
            return min(rivals)[1]
        self._index.insert(number, sketch)
        self._pieces[number] = pieces
        return None


def duplicate_groups(
    texts: Iterable[str], *, threshold: float = 0.8, seed: int = 0, near: bool | None = None
) -> DuplicateGroups:
    """Group texts with the earlier text that they repeat.

    The order of the texts decides which one of a group is kept: the first.

    Raises:
        InputError: as `Doubles`.
    """
    doubles = Doubles(threshold=threshold, seed=seed, near=near)
    members: defaultdict[int, list[int]] = defaultdict(list)
    kept = []
    for number, text in enumerate(texts):
        earlier = doubles.add(text)
        if earlier is None:
            kept.append(number)
        else:
            members[earlier].append(number)
    groups = tuple((first, *members[first]) for first in sorted(members))
    return DuplicateGroups(groups, tuple(kept), doubles.method, threshold, seed)


def _pieces_of(plain: str) -> "array[int]":
    """Return the sorted hashes of a text's five-letter pieces; a shorter text is one piece."""
    count = max(len(plain) - _PIECE + 1, 1)
    hashes = {zlib.crc32(plain[at : at + _PIECE].encode()) for at in range(count)}
    return array("I", sorted(hashes)[:_MOST_PIECES])


def _jaccard(one: "array[int]", other: "array[int]") -> float:
    """Estimate the Jaccard index of two sets from their smallest hashes; exact for whole sets."""
    both = set(one).intersection(other)
    union = sorted(set(one).union(other))[:_MOST_PIECES]
    return sum(piece in both for piece in union) / len(union)
