"""A board as CSV, for spreadsheets."""

import csv
import io
from dataclasses import fields

from blindarena.domain.csv_cells import csv_cell
from blindarena.leaderboard.board import Board, Row
from blindarena.leaderboard.usable import USABLE_COLUMNS, LiveRow

FACTS = (
    "arena",
    "population",
    "category",
    "method",
    "interval",
    "anchor",
    "n",
    "thinned_from",
    "seed",
    "data_hash",
    "computed_at",
)


def board_csv(board: Board) -> str:
    """Return a board with a header; every line repeats how the board was made.

    Where the arena asks whether answers are usable, what the voters said has columns of its own.
    Unknown values are empty. A text that a spreadsheet would run as a formula gets a leading
    apostrophe.

    Source: OWASP, CSV Injection.
    """
    names = [field.name for field in fields(Row)]
    facts = [csv_cell(getattr(board, name)) for name in FACTS[:-1]] + [
        board.computed_at.isoformat()
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    usable = _usable_names(board)
    writer.writerow([*names, *usable.values(), *FACTS])
    for row in board.rows:
        said = getattr(row, "usable", None)
        more = [csv_cell(getattr(said, name, None)) for name in usable]
        writer.writerow([*(csv_cell(getattr(row, name)) for name in names), *more, *facts])
    return text.getvalue()


def _usable_names(board: Board) -> dict[str, str]:
    """Return the fields of `UsableRow` with the names of their columns; none where nobody asks."""
    if not any(isinstance(row, LiveRow) for row in board.rows):
        return {}
    return {name: "usable_n" if name == "n" else name for name in USABLE_COLUMNS}
