"""Votes from CSV and TSV."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv

from blindarena.errors import VoteFileError
from blindarena.votes.blocks import Block, LeftOut
from blindarena.votes.columns import Plan, Wish

BLOCK_BYTES = 1 << 23
_LONGEST = 2**31 - 1
Opener = Callable[[], BinaryIO]
_TEXT = pa.dictionary(pa.int32(), pa.string())


def delimited_blocks(
    where: str, opener: Opener, delimiter: Literal[",", "\t"], wish: Wish, left_out: LeftOut
) -> Iterator[Block]:
    """Yield the rows of a text file with a header, which is row 1; blank lines count as rows."""
    header = _header(where, opener, delimiter)
    plan = wish.plan(where, header, is_number=lambda path: False)
    misshapen: list[str] = []

    def judge(row: pa_csv.InvalidRow) -> Literal["skip", "error"]:
        misshapen.append(row.text)
        return "skip" if left_out.skip else "error"

    try:
        with opener() as file, _reader(file, header, delimiter, plan, judge) as batches:
            start = 0
            for batch in batches:
                columns = {path: batch.column(path) for path in plan.paths}
                yield Block(
                    where, plan, columns, batch.num_rows, _Rows(opener, delimiter, header, start)
                )
                start += batch.num_rows
    except pa.ArrowException as error:
        if misshapen:
            row = next(_records(opener, delimiter, len(header), shaped=False))
            raise _misshapen(where, row, misshapen[-1], header) from error
        if "UTF8" in str(error):
            raise _not_utf8(where) from error
        raise VoteFileError(
            f"{where}: not a CSV file ({str(error).splitlines()[0]}); check quotes and commas"
        ) from error
    left_out.note("wrong number of cells", len(misshapen))


def _header(where: str, opener: Opener, delimiter: str) -> list[str]:
    with _text(opener()) as lines:
        try:
            record = next(csv.reader(lines, delimiter=delimiter), None)
        except UnicodeDecodeError as error:
            raise _not_utf8(where) from error
        except csv.Error as error:
            raise VoteFileError(f"{where}: row 1: not a header ({error})") from error
    if record is None:
        raise VoteFileError(f"{where}: the file is empty; write a header and a row per vote")
    return [name.strip() for name in record]


def _reader(
    file: BinaryIO,
    header: list[str],
    delimiter: str,
    plan: Plan,
    judge: Callable[[pa_csv.InvalidRow], str],
) -> pa_csv.CSVStreamingReader:
    return pa_csv.open_csv(
        file,
        read_options=pa_csv.ReadOptions(
            column_names=header, skip_rows_after_names=1, block_size=BLOCK_BYTES
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=judge
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(plan.paths),
            column_types=dict.fromkeys(plan.paths, _TEXT),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


class _Rows:
    """Finds the row of a cell by reading the file once more, which only an error needs."""

    def __init__(self, opener: Opener, delimiter: str, header: list[str], start: int) -> None:
        self._args = opener, delimiter, len(header)
        self._start = start

    def __call__(self, at: int) -> int:
        return next(islice(_records(*self._args, shaped=True), self._start + at, None))


def _records(opener: Opener, delimiter: str, cells: int, *, shaped: bool) -> Iterator[int]:
    """Yield the numbers of the rows below the header that have as many cells as it, or not."""
    limit = csv.field_size_limit(_LONGEST)  # whole conversations are in some cells
    try:
        with _text(opener()) as lines:
            for row, record in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
                if row > 1 and record and (len(record) == cells) is shaped:
                    yield row
    finally:
        csv.field_size_limit(limit)


def _text(file: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")


def _not_utf8(where: str) -> VoteFileError:
    return VoteFileError(f"{where}: not UTF-8; save it as UTF-8")


def _misshapen(where: str, row: int, text: str, header: list[str]) -> VoteFileError:
    return VoteFileError(
        f"{where}: row {row}: {text[:80]!r} does not have the header's {len(header)} cells "
        f"({', '.join(header)[:80]}); quote a cell that holds a comma, or skip bad rows"
    )
