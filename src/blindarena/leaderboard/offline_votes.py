"""Votes of a file, counted or row by row, and parts of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Contestant
from blindarena.leaderboard.counted import Counted
from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.hashing import hash_of_votes
from blindarena.votes.table import CellCounts, Labels, VoteTable

_DENSE = 1 << 24


def table_of(cells: CellCounts) -> VoteTable:
    """Return counted votes as entries that each stand for many."""
    a, b, outcome = np.nonzero(cells.counts)
    votes = VoteArrays(len(cells.models), a, b, outcome, cells.counts[a, b, outcome])
    return VoteTable(cells.models, votes, report=cells.report, data_hash=cells.data_hash)


def counted_of(votes: VoteArrays) -> Counted:
    """Count votes per pair that has met and outcome."""
    cells = votes.cells()
    first, second = np.triu_indices(votes.m, k=1)
    pairs = (cells[first, second] + cells[second, first][:, [1, 0, 2, 3]]).T
    met = pairs.any(axis=0)
    return Counted(votes.m, first[met], second[met], pairs[:, met])


def contestants_of(models: Sequence[str]) -> list[Contestant]:
    """Return what rows are made for; numbers do for the ids of the arena's contestants."""
    return [
        Contestant(id=UUID(int=i), arena_id=UUID(int=0), name=name)
        for i, name in enumerate(models, start=1)
    ]


def part_of(table: VoteTable, keep: BoolArray) -> VoteTable:
    """Return some of the entries, models and hash as they are."""
    votes = table.votes
    count = None if votes.count is None else votes.count[keep]
    return replace(
        table,
        votes=VoteArrays(votes.m, votes.a[keep], votes.b[keep], votes.outcome[keep], count),
        labels={
            name: Labels(column.codes[keep], column.names) for name, column in table.labels.items()
        },
        numbers={name: column[keep] for name, column in table.numbers.items()},
    )


def among(table: VoteTable, models: IntArray) -> VoteTable:
    """Return the votes among some models, renumbered in their order."""
    if len(models) == len(table.models):
        return table
    new = np.full(len(table.models), -1)
    new[models] = np.arange(len(models))
    votes = table.votes
    part = part_of(table, (new[votes.a] >= 0) & (new[votes.b] >= 0))
    inside = replace(part.votes, m=len(models), a=new[part.votes.a], b=new[part.votes.b])
    return replace(part, models=tuple(table.models[i] for i in models), votes=inside)


def present(table: VoteTable) -> VoteTable:
    """Leave out models without votes, and hash what is left."""
    used = np.zeros(len(table.models), dtype=np.bool_)
    used[table.votes.a] = True
    used[table.votes.b] = True
    part = among(table, np.flatnonzero(used))
    return replace(part, data_hash=hash_of_votes(part.models, part.votes))


def by_label(table: VoteTable, labels: Labels, *, counts: bool) -> Iterator[tuple[str, VoteTable]]:
    """Yield the votes of each value of a label, all of them in one pass.

    Args:
        table: all votes.
        labels: the column.
        counts: whether counts are enough.
    """
    votes, size = table.votes, len(labels.names)
    known = labels.codes >= 0
    if not counts:
        for code, name in enumerate(labels.names):
            yield name, present(part_of(table, labels.codes == code))
        return
    m = votes.m
    keys = ((labels.codes[known].astype(np.int64) * m + votes.a[known]) * m + votes.b[known]) * 4
    keys += votes.outcome[known]
    weight = None if votes.count is None else votes.count[known]
    found, number = _counted_keys(keys, weight, size * m * m * 4)
    starts = np.searchsorted(found, np.arange(size + 1) * (m * m * 4))
    for code, name in enumerate(labels.names):
        one = slice(starts[code], starts[code + 1])
        key = found[one] - code * m * m * 4
        entries = VoteArrays(m, key // 4 // m, key // 4 % m, key % 4, number[one])
        yield name, present(VoteTable(table.models, entries, report=table.report))


def _counted_keys(keys: IntArray, weight: IntArray | None, limit: int) -> tuple[IntArray, IntArray]:
    """Return the keys that occur, ascending, and how often."""
    if limit <= _DENSE:
        sums = np.zeros(limit, dtype=np.int64)
        if weight is None:
            sums += np.bincount(keys, minlength=limit)
        else:
            np.add.at(sums, keys, weight)
        found = np.flatnonzero(sums)
        return found, sums[found]
    found, place = np.unique(keys, return_inverse=True)
    number = np.zeros(len(found), dtype=np.int64)
    np.add.at(number, place, 1 if weight is None else weight)
    return found, number
