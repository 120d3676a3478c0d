"""A block of rows of a source, and what happens to rows that are wrong."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import pyarrow as pa

from blindarena.errors import VoteFileError
from blindarena.ranking.arrays import BoolArray
from blindarena.votes.columns import Plan

OnBadRows = Literal["error", "skip"]
Values = TypeVar("Values")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of one source, with the columns of a plan.

    Attributes:
        where: the file, or what kind of frame, for errors.
        plan: which columns are read as what.
        columns: the source's column -> Arrow array, or a list for the column `ranking`.
        rows: number of rows.
        row_of: gives the number of a row in the file, from its position in the block.
    """

    where: str
    plan: Plan
    columns: Mapping[str, Any]
    rows: int
    row_of: Callable[[int], int]

    def value(self, path: str, at: int) -> object:
        """Return one cell as a Python value."""
        cell = self.columns[path][at]
        return cell.as_py() if hasattr(cell, "as_py") else cell

    def read(self, path: str, reader: Callable[[Any], Values]) -> Values:
        """Return a column as `reader` turns it into arrays.

        Raises:
            VoteFileError: the whole column is of a type that `reader` cannot read.
        """
        try:
            return reader(self.columns[path])
        except pa.ArrowException as error:
            kind = str(self.columns[path].type)[:80]
            raise VoteFileError(
                f"{self.where}: the column {path!r} is of type {kind}, which cannot be read as "
                "text or numbers; leave it out, or map another column"
            ) from error


class LeftOut:
    """Counts rows that are left out, by reason, and raises for wrong ones unless told to skip."""

    def __init__(self, on_bad_rows: OnBadRows) -> None:
        self.skip = on_bad_rows == "skip"
        self.reasons: Counter[str] = Counter()
        self.in_no_block = 0

    def note(self, reason: str, rows: int = 1) -> None:
        """Count rows that were left out while reading, and so are in no block."""
        if rows:
            self.reasons[reason] += rows
            self.in_no_block += rows

    def bad(self, where: str, row: int, reason: str, problem: str) -> None:
        """Count a wrong row that was found while reading, or raise.

        Raises:
            VoteFileError: rows that are wrong are not to be skipped.
        """
        if not self.skip:
            raise VoteFileError(f"{where}: row {row}{problem}, or skip bad rows")
        self.note(reason)


class Sieve:
    """Which rows of a block are still in."""

    def __init__(self, block: Block, left_out: LeftOut) -> None:
        self.block = block
        self.keep: BoolArray = np.ones(block.rows, dtype=np.bool_)
        self._left_out = left_out

    def drop(self, rows: BoolArray, reason: str) -> None:
        """Leave rows out on purpose."""
        rows = rows & self.keep
        if count := int(rows.sum()):
            self._left_out.reasons[reason] += count
            self.keep &= ~rows

    def reject(self, rows: BoolArray, reason: str, column: str, cure: str) -> None:
        """Leave wrong rows out, or raise for the first of them.

        Args:
            rows: (rows,) which are wrong.
            reason: under which they are counted.
            column: our name of the column to blame.
            cure: what is wrong and what to do.
        """
        rows = rows & self.keep
        if not rows.any():
            return
        if not self._left_out.skip:
            at = int(rows.argmax())
            path = self.block.plan.path(column)
            value = self.block.value(path, at)
            shown = "empty" if value is None else repr(value)[:80]
            problem = f", column {path!r}: {shown}: {cure}"
            self._left_out.bad(self.block.where, self.block.row_of(at), reason, problem)
        self.drop(rows, reason)
