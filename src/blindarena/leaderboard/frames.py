"""The rows of a board as a data frame, where the library for it is installed."""

from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from blindarena.errors import InputError
from blindarena.leaderboard.board import Row

if TYPE_CHECKING:
    import pandas
    import polars

    from blindarena.leaderboard.result import Leaderboard

NAMES = ("category", *(field.name for field in fields(Row)))
_NUMBERS: dict[object, type] = {float | None: float, int | None: int, int: int, bool: bool}
KINDS: dict[str, type] = {
    "category": str,
    **{field.name: _NUMBERS.get(field.type, str) for field in fields(Row)},
}


def each_row(board: "Leaderboard") -> Iterator[tuple[str, Row]]:
    """Yield the rows of a board and of its categories, with the category."""
    for one in (board, *board.boards):
        for row in one.rows:
            yield one.category, row


def polars_of(board: "Leaderboard") -> "polars.DataFrame":
    """Return the rows as a Polars frame; unknown values are null."""
    library = _library("polars")
    kinds = {bool: library.Boolean, int: library.Int64, float: library.Float64, str: library.String}
    schema = {name: kinds[kind] for name, kind in KINDS.items()}
    frame: polars.DataFrame = library.DataFrame(_columns(board), schema=schema)
    return frame


def pandas_of(board: "Leaderboard") -> "pandas.DataFrame":
    """Return the rows as a pandas frame; unknown values are missing."""
    library = _library("pandas")
    kinds = {bool: "bool", int: "Int64", float: "float64", str: "object"}
    columns = {
        name: library.Series(values, dtype=kinds[KINDS[name]])
        for name, values in _columns(board).items()
    }
    frame: pandas.DataFrame = library.DataFrame(columns)
    return frame


def _columns(board: "Leaderboard") -> dict[str, list[Any]]:
    found = list(each_row(board))
    columns = {name: [getattr(row, name) for _, row in found] for name in NAMES[1:]}
    return {"category": [category for category, _ in found], **columns}


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{name} is not installed; `pip install {name}` brings it") from error
