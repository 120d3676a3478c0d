"""Votes of any origin as counts only, in memory that does not grow with their number."""

from collections.abc import Mapping

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.votes.blocks import OnBadRows, Sieve
from blindarena.votes.entries import Entries, entries_of
from blindarena.votes.judges import JudgeVotes
from blindarena.votes.names import Names, sorted_order
from blindarena.votes.reading import Reading
from blindarena.votes.sources import Format, Source
from blindarena.votes.table import CellCounts

MOST_MODELS = 8_000
"""Beyond this many the table of counts alone would be larger than 2 GB."""


def read_cells(
    sources: Source | list[Source] | tuple[Source, ...],
    *,
    columns: Mapping[str, str] | None = None,
    on_bad_rows: OnBadRows = "error",
    format: Format | None = None,
    judge_votes: JudgeVotes = "include",
) -> CellCounts:
    """Count votes by model on side a, model on side b and outcome, block by block.

    It is all that a rating without labels and style needs. The arguments are those of
    `read_votes`.

    Raises:
        VoteFileError: a source cannot be read or a row is wrong: names file, row, column, value
            and cure.
        InputError: an argument is wrong, or there are more than MOST_MODELS models.
    """
    reading = Reading(sources, columns, (), on_bad_rows, format, judge_votes)
    names, table = Names(), _Table()
    for block in reading.blocks():
        sieve = Sieve(block, reading.left_out)
        reading.judges.drop(block, sieve)
        entries = entries_of(block, names, sieve)
        reading.judges.count(sieve)
        table.add(entries, len(names))
    counts = table.counts[: len(names), : len(names)]
    used: BoolArray = np.any(counts, axis=(1, 2)) | np.any(counts, axis=(0, 2))
    order, _ = sorted_order(used, names.all())
    models = tuple(names.all()[number] for number in order)
    return CellCounts(models, counts[np.ix_(order, order)], reading.report())


class _Table:
    """Counts for a growing number of models."""

    def __init__(self) -> None:
        self.counts: IntArray = np.zeros((0, 0, 4), dtype=np.int64)

    def add(self, entries: Entries, models: int) -> None:
        """Count the votes of a block."""
        self._grow(models)
        m = len(self.counts)
        flat = (entries.a.astype(np.int64) * m + entries.b) * 4 + entries.outcome
        whole = self.counts.reshape(-1)
        if entries.count is None and whole.size <= 4 * len(flat):
            whole += np.bincount(flat, minlength=whole.size)
        else:
            np.add.at(whole, flat, 1 if entries.count is None else entries.count)

    def _grow(self, models: int) -> None:
        if models > MOST_MODELS:
            raise InputError(
                f"more than {MOST_MODELS} models; check that the columns of models are the right "
                "ones, or use read_votes, which needs no table of all pairs"
            )
        size = len(self.counts)
        if models > size:
            grown = np.zeros((new := min(max(models, 2 * size, 64), MOST_MODELS), new, 4), np.int64)
            grown[:size, :size] = self.counts
            self.counts = grown
