"""Prompts from CSV, TSV and their kin."""

import csv
from collections.abc import Iterator
from typing import TextIO

from blindarena.errors import ImportFileError
from blindarena.pipeline.importing.rows import BadRows, shown

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 16 << 20
Cells = dict[str, str]


class Table:
    """The rows of a delimited file below its header, which is row 1.

    Args:
        where: the file's name.
        file: opened with newline="".

    Raises:
        ImportFileError: there is no header, or two columns have one name.
    """

    def __init__(self, where: str, file: TextIO) -> None:
        # A limit of the whole process that only ever grows: whole conversations are in some cells.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        self._where = where
        start = file.tell()
        self.delimiter = _delimiter(where, file)
        file.seek(start)
        self._reader = csv.reader(file, delimiter=self.delimiter, strict=True)
        try:
            header = next(self._reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ImportFileError(f"{where}: row 1: not a header ({error})") from error
        if not header or not any(name.strip() for name in header):
            raise ImportFileError(f"{where}: row 1 is empty; write the names of the columns there")
        self.columns = [name.strip() for name in header]
        named = [name for name in self.columns if name]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise ImportFileError(f"{where}: row 1: two columns are called {twice!r}; rename one")

    def rows(self, bad: BadRows) -> Iterator[tuple[int, Cells]]:
        """Yield row number and cells; a row of another width is a bad one, a blank one no row."""
        number, width = 1, len(self.columns)
        while True:
            number += 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                bad.bad(number, "wrong quotes", _quotes(str(error), self._reader.line_num))
                continue
            except UnicodeDecodeError as error:
                raise ImportFileError(
                    f"{self._where}: row {number}: not valid UTF-16 ({error.reason}); "
                    "save the file as UTF-8"
                ) from error
            if not any(cells):
                continue
            if len(cells) != width:
                bad.bad(
                    number,
                    "wrong number of cells",
                    f"{shown(self.delimiter.join(cells))} has {len(cells)} cells, the header has "
                    f"{width}; put a text with {shown(self.delimiter)} or a line break in quotes",
                )
                continue
            yield number, dict(zip(self.columns, cells, strict=True))


def _quotes(error: str, line: int) -> str:
    if "unexpected end" in error:
        return f'a quote (") is opened and never closed (line {line}); close it'
    if "larger than field limit" in error:
        return f'a cell is larger than 16 MB (line {line}); is a quote (") left open?'
    return f'a quote (") stands inside quotes (line {line}); write it twice ("")'


def _delimiter(where: str, file: TextIO) -> str:
    """Choose what splits the header into most cells; a comma where nothing does."""
    try:
        line = file.readline()
        if not line:
            raise ImportFileError(
                f"{where}: the file is empty; write a header and a row per prompt"
            )
        while line.count('"') % 2 and (more := file.readline()):
            line += more
    except UnicodeDecodeError as error:
        raise ImportFileError(
            f"{where}: row 1: not valid UTF-16 ({error.reason}); save the file as UTF-8"
        ) from error

    def cells(delimiter: str) -> int:
        return len(next(csv.reader([line], delimiter=delimiter), []))

    return max(DELIMITERS, key=cells)
