"""A CSV file of pair counts: `model_1, model_2, wins_1, wins_2, ties, both_bad`."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blindarena.errors import VoteFileError

MODELS = ("model_1", "model_2")
COUNTS = ("wins_1", "wins_2", "ties", "both_bad")
MOST = 10**15  # so that no sum over a file leaves int64

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairTable:
    """Votes per pair of models, each pair once.

    Attributes:
        models: names, in the order in which the file first has them.
        first, second: (pairs,) indices into `models`, never equal.
        wins_first, wins_second, ties, both_bad: (pairs,) counts, none negative.
    """

    models: tuple[str, ...]
    first: IntArray
    second: IntArray
    wins_first: IntArray
    wins_second: IntArray
    ties: IntArray
    both_bad: IntArray


def read_pair_counts(path: Path | str) -> PairTable:
    """Read pair counts from a CSV file in UTF-8 with a header.

    Columns may come in any order and others are ignored. Rows of the same pair, either way round,
    are added up. Rows are numbered as in a spreadsheet: the header is row 1.

    Raises:
        VoteFileError: the file cannot be read, or a row is wrong: names file, row, column, value
            and cure.
    """
    path = Path(path)
    models: dict[str, int] = {}
    pairs: dict[tuple[int, int], list[int]] = {}
    for row, cells in _rows(path):
        one, two = (_model(path, row, column, cells[column]) for column in MODELS)
        if one == two:
            raise _bad(path, row, "model_2", two, "a model cannot meet itself; remove the row")
        counts = [_count(path, row, column, cells[column]) for column in COUNTS]
        first, second = (models.setdefault(name, len(models)) for name in (one, two))
        if (second, first) in pairs:
            first, second = second, first
            counts[0], counts[1] = counts[1], counts[0]
        total = pairs.setdefault((first, second), [0] * len(COUNTS))
        for position, count in enumerate(counts):
            total[position] += count
    ends = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    sums = np.array(list(pairs.values()), dtype=np.int64).reshape(-1, len(COUNTS))
    return PairTable(tuple(models), *ends.T.copy(), *sums.T.copy())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row's number and its cells by column; blank lines are passed over."""
    wanted = (*MODELS, *COUNTS)
    with _file_errors(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        for column in wanted:
            if header.count(column) != 1:
                found = "is missing" if column not in header else "is there twice"
                raise VoteFileError(
                    f"{path}: row 1: the column {column!r} {found}; the header must name each of "
                    f"{', '.join(wanted)} once, and has {', '.join(header) or 'nothing'}"
                )
        for row, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) != len(header):
                raise VoteFileError(
                    f"{path}: row {row}: {len(cells)} cells where the header has {len(header)} "
                    f"({','.join(cells)[:80]!r}); quote a cell that holds a comma"
                )
            yield row, dict(zip(header, cells, strict=True))


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system and the CSV reader raise into VoteFileError."""
    try:
        yield
    except OSError as error:
        raise VoteFileError(
            f"{path}: cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise VoteFileError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except csv.Error as error:
        raise VoteFileError(f"{path}: not a CSV file ({error}); check quotes and commas") from error


def _model(path: Path, row: int, column: str, value: str) -> str:
    """Return a model's name without the spaces around it."""
    if not (name := value.strip()):
        raise _bad(path, row, column, value, "the model has no name; write one or remove the row")
    return name


def _count(path: Path, row: int, column: str, value: str) -> int:
    """Return a count: a whole number of ASCII digits."""
    text = value.strip()
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise _bad(path, row, column, value, "not a whole number; write digits only, 0 for none")
    if len(digits) > len(str(MOST)) or abs(int(text)) > MOST:
        raise _bad(path, row, column, value, f"more votes than can be counted ({MOST:.0e})")
    if text.startswith("-") and int(text):
        raise _bad(path, row, column, value, "a count cannot be negative; write 0 or more")
    return int(text)


def _bad(path: Path, row: int, column: str, value: str, cure: str) -> VoteFileError:
    """Make the error for one cell."""
    return VoteFileError(f"{path}: row {row}, column {column!r}: {value[:80]!r}: {cure}")
