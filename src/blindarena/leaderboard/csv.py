"""A board as CSV, for spreadsheets."""

import csv
import io
from dataclasses import fields

from blindarena.domain.csv_cells import csv_cell
from blindarena.leaderboard.board import Board, Row

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
    writer.writerow([*names, *FACTS])
    for row in board.rows:
        writer.writerow([*(csv_cell(getattr(row, name)) for name in names), *facts])
    return text.getvalue()
