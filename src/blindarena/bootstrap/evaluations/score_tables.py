"""Benchmark tables: a score per contestant, with an interval or draws where there are any."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.comparison.evaluations import Evaluation, Kind, scores_of
from blindarena.errors import InputError

MODEL: Final = ("model", "contestant", "name", "model_name", "index", "")
SCORE: Final = ("score", "rating", "elo", "value", "win_rate")
LOWER: Final = ("lower", "rating_q025", "ci_lower")
UPPER: Final = ("upper", "rating_q975", "ci_upper")
DRAWS: Final = ("results", "draws")
_PEEK: Final = 1 << 20
_UNKNOWN: Final = ("", "-", "nan", "none", "null")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: where it stands, and its cells by column."""

    where: str
    cells: Mapping[str, Any]


def rows_in(path: Path, text: str | None = None) -> list[Row]:
    """Read CSV, TSV, JSON (a list, or an object by contestant) or JSONL.

    Args:
        path: of the file, or what tells its format where the content is given.
        text: the content; None reads the file.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        if text is not None:
            return list(_rows(path, text))
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
        return list(_rows(path, text))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (UnicodeError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from error


def first_keys(path: Path) -> dict[str, type]:
    """Return the columns of the first row of JSON or JSONL, and what is in them; read no further.

    An object by contestant has none.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            start = file.read(_PEEK).decode("utf-8-sig", errors="ignore")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    at = start.find("{")
    try:
        row, _ = json.JSONDecoder().raw_decode(start, max(at, 0))
    except ValueError:  # longer than the peek, as an object by contestant may be, or no JSON
        return {}
    if not isinstance(row, dict) or all(isinstance(cells, dict) for cells in row.values()):
        return {}
    return {key: type(value) for key, value in row.items()}


def _rows(path: Path, text: str) -> Iterator[Row]:
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind in (".csv", ".tsv"):
        mark = "," if kind == ".csv" else "\t"
        for number, row in enumerate(csv.DictReader(text.splitlines(), delimiter=mark), 2):
            yield Row(f"{path}:{number}", {key or "": value for key, value in row.items()})
        return
    if kind == ".json":
        content = json.loads(text)
        if isinstance(content, dict):
            for name, cells in content.items():
                given = cells if isinstance(cells, dict) else {"score": cells}
                yield Row(f"{path}: {name!r}", {"model": name, **given})
            return
        each: Sequence[Any] = content
        places = [f"{path}: row {number}" for number in range(1, len(each) + 1)]
    else:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        each = [json.loads(line) for _, line in lines]
        places = [f"{path}:{number}" for number, _ in lines]
    for where, cells in zip(places, each, strict=True):
        if not isinstance(cells, dict):
            raise InputError(f"{where}: not an object with a model and a score")
        yield Row(where, cells)


def table_evaluation(
    path: Path,
    *,
    name: str,
    kind: Kind = "benchmark",
    column: str | None = None,
    text: str | None = None,
) -> Evaluation:
    """Read a table of scores; a contestant without a score is left out.

    Args:
        path: CSV, TSV, JSON or JSONL, plain or .gz, with a column of models and one of scores;
            lower and upper end of a 95 % interval, or draws, where there are any.
        name: of the evaluation.
        kind: whose scores they are.
        column: of the scores; None takes the first of SCORE that is there.
        text: what a file of that name would hold; None reads the file.

    Raises:
        InputError: a column is missing, a cell is no number, or a contestant is there twice.
    """
    rows = rows_in(path, text)
    if not rows:
        raise InputError(f"{path}: no row in it")
    there = list(dict.fromkeys(key for row in rows for key in row.cells))
    model = _find(path, there, MODEL, "of models")
    score = _find(path, there, (column,) if column else SCORE, "of scores")
    ends = [next((key for key in keys if key in there), None) for keys in (LOWER, UPPER)]
    draws = next((key for key in DRAWS if key in there), None)
    if column is not None:  # the ends are of the table's own score
        ends, draws = [None, None], None
    found: dict[str, list[float]] = {}
    unknown = 0
    for row in rows:
        contestant = str(row.cells.get(model) or "").strip()
        if not contestant:
            raise InputError(f"{row.where}, column {model!r}: empty; name the model")
        if contestant in found:
            raise InputError(f"{row.where}: {contestant!r} is there twice; keep one row of it")
        value = _number(row, score)
        if value is None:
            unknown += 1
            continue
        low, high = (None if key is None else _number(row, key) for key in ends)
        mean, variance = _of_draws(row, draws)
        found[contestant] = [np.nan if x is None else x for x in (value, low, high, mean, variance)]
    if not found:
        raise InputError(f"{path}: no model has a number in the column {score!r}")
    columns: FloatArray = np.array(list(found.values()), dtype=np.float64).T
    wrong = np.flatnonzero(columns[1] > columns[2])
    if len(wrong):
        at = list(found)[int(wrong[0])]
        raise InputError(f"{path}: the interval of {at!r} ends before it begins")
    note = f"{unknown:,} models without a score are left out." if unknown else None
    return Evaluation(
        name=name,
        kind=kind,
        source=str(path),
        contestants=tuple(found),
        scores=scores_of(
            score,
            columns[0],
            lower=columns[1],
            upper=columns[2],
            mean=columns[3],
            variance=columns[4],
        ),
        notes=(note,) if note else (),
    )


def _find(path: Path, there: Sequence[str], wanted: Sequence[str], what: str) -> str:
    for key in wanted:
        if key in there:
            return key
    listed = ", ".join(repr(key) for key in there[:20])
    raise InputError(
        f"{path}: no column {what}: looked for {', '.join(repr(k) for k in wanted)}; the columns "
        f"are: {listed}; name one with PATH#COLUMN"
    )


def _number(row: Row, column: str) -> float | None:
    value = row.cells.get(column)
    if value is None or str(value).strip().lower() in _UNKNOWN:
        return None
    try:
        found = float(str(value).strip().removesuffix("%"))
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise InputError(f"{row.where}, column {column!r}: {value!r} is no number; write digits")
    return found


def _of_draws(row: Row, column: str | None) -> tuple[float | None, float | None]:
    given = None if column is None else row.cells.get(column)
    if not isinstance(given, list) or not given:
        return None, None
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{row.where}, column {column!r}: draws must be numbers") from error
    return float(values.mean()), float(values.var())
