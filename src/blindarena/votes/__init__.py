"""Readers of files of votes and of pair counts.

`read_votes` gives votes one by one with labels and numbers, `read_cells` only counts them.
Nothing is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blindarena.votes.counting import read_cells
    from blindarena.votes.counts_csv import PairTable, read_pair_counts
    from blindarena.votes.hashing import hash_of_cells, hash_of_votes
    from blindarena.votes.reading import read_votes
    from blindarena.votes.sources import Format, Source
    from blindarena.votes.table import CellCounts, Labels, ReadReport, VoteTable

_HOMES = {
    "CellCounts": "table",
    "Format": "sources",
    "Labels": "table",
    "PairTable": "counts_csv",
    "ReadReport": "table",
    "Source": "sources",
    "VoteTable": "table",
    "hash_of_cells": "hashing",
    "hash_of_votes": "hashing",
    "read_cells": "counting",
    "read_pair_counts": "counts_csv",
    "read_votes": "reading",
}

__all__ = [
    "CellCounts",
    "Format",
    "Labels",
    "PairTable",
    "ReadReport",
    "Source",
    "VoteTable",
    "hash_of_cells",
    "hash_of_votes",
    "read_cells",
    "read_pair_counts",
    "read_votes",
]


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
