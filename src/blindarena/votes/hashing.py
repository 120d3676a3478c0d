"""A fingerprint of votes that does not depend on their order or on the file's format."""

import json
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from blindarena.ranking.arrays import IntArray
from blindarena.ranking.vote_arrays import VoteArrays

SHOWN = 16
"""How many hex digits boards show; comparing uses all 64."""
_DENSE = 1 << 22


def hash_of_cells(models: Sequence[str], cells: IntArray) -> str:
    """Return the data hash of votes by model on side a, model on side b and outcome.

    Args:
        models: names, sorted.
        cells: (m, m, 4) counts, axes as `models`, `models` and the outcome codes.

    Returns:
        sha256 in hex over the line `blindarena votes 1`, the names as a line of compact JSON in
        UTF-8, and for every count above 0, in ascending order of a, b and outcome, the four
        numbers a, b, outcome, count as little-endian int64.
    """
    found = np.nonzero(cells)
    return _digest(models, np.stack([*found, cells[found]], axis=1))


def hash_of_votes(models: Sequence[str], votes: VoteArrays) -> str:
    """Return the data hash of votes one by one, without a dense table where there are many models.

    The result is that of `hash_of_cells(models, votes.cells())`.
    """
    m = votes.m
    if m * m * 4 <= _DENSE:
        return hash_of_cells(models, votes.cells())
    flat = (votes.a.astype(np.int64) * m + votes.b) * 4 + votes.outcome
    keys, place = np.unique(flat, return_inverse=True)
    counts = np.zeros(len(keys), dtype=np.int64)
    np.add.at(counts, place, 1 if votes.count is None else votes.count)
    keys, counts = keys[counts > 0], counts[counts > 0]
    return _digest(models, np.stack([keys // 4 // m, keys // 4 % m, keys % 4, counts], axis=1))


def _digest(models: Sequence[str], rows: IntArray) -> str:
    names = json.dumps(list(models), ensure_ascii=False, separators=(",", ":"))
    digest = sha256(f"blindarena votes 1\n{names}\n".encode())
    digest.update(np.ascontiguousarray(rows, dtype="<i8").data)
    return digest.hexdigest()
