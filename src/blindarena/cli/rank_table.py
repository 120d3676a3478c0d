"""A board as a table in the terminal, with interval bars."""

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from blindarena.leaderboard.sections import sections_of
from blindarena.leaderboard.svg import scale_of
from blindarena.leaderboard.text_tables import (
    HEAD,
    HELD_OUT_HEAD,
    cells_of,
    held_out_cells,
    notes_of,
    verdict_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blindarena.leaderboard.board import Row
    from blindarena.leaderboard.result import Leaderboard
    from blindarena.leaderboard.sections import Section

BAR = 28
WIDE = 100
"""Columns of the terminal from which all is shown; a narrower one has a shorter bar."""


def print_board(board: "Leaderboard", *, file: TextIO | None = None) -> None:
    """Print a board, its categories and its notes."""
    console = Console(file=file, highlight=False, width=110 if file is not None else None)
    _print_one(console, board, "Leaderboard")
    for section in sections_of(board, cross_check=False):
        console.print()
        console.print(f"[bold]{escape(section.title)}[/bold]")
        console.print(escape(section.caption), style="dim", soft_wrap=True)
        if section.rows:
            console.print(_plain(section))
    if board.held_out:
        table = Table(title=f"{escape(board.options.by or '')}: one ranking or many", box=None)
        for name in HELD_OUT_HEAD:
            table.add_column(name, justify="left" if name == "Category" else "right")
        for compared in board.held_out:
            table.add_row(*map(escape, held_out_cells(compared)))
        console.print(table)
        console.print(escape(verdict_of(board)), soft_wrap=True)
    for one in board.boards:
        console.print()
        _print_one(console, one, f"{board.options.by}: {one.category}")


def _print_one(console: Console, board: "Leaderboard", title: str) -> None:
    console.print(f"[bold]{escape(title)}[/bold]")
    facts = f"{board.method} · {board.interval} · {board.n:,} votes · data {board.data_hash[:16]}"
    console.print(escape(facts), style="dim", soft_wrap=True)
    if board.decision is not None:
        console.print(escape(board.decision.sentence), style="bold", soft_wrap=True)
    if board.shown:
        console.print(_table(board, wide=console.width >= WIDE))
    for note in notes_of(board):
        console.print(f"- {escape(note)}", soft_wrap=True)


def _plain(section: "Section") -> Table:
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(section.head):
        table.add_column(name, justify="left" if i < section.words else "right", overflow="fold")
    for row in section.rows:
        table.add_row(*map(escape, row))
    return table


def _table(board: "Leaderboard", *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False)
    ticks, bar_width = scale_of(board.rows), BAR if wide else BAR // 2
    rank, ranks, model, *numbers = HEAD
    for name in (rank, ranks):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(model, overflow="fold")
    rating, interval, votes, share = numbers
    for name in (rating, interval):
        table.add_column(name, justify="right", no_wrap=True)
    last = f"{ticks[-1]:g}"
    table.add_column(f"{ticks[0]:g}".ljust(bar_width - len(last)) + last, no_wrap=True)
    table.add_column(votes, justify="right", no_wrap=True)
    if wide:
        table.add_column(share, justify="right", no_wrap=True)
    for row in board.rows:
        *cells, votes, share = map(escape, cells_of(row))
        cells += [bar_of(row, ticks, bar_width), votes, *([share] if wide else [])]
        table.add_row(*cells, style="dim" if row.rank is None else None)
    return table


def bar_of(row: "Row", ticks: "Sequence[float]", width: int) -> str:
    """Return the interval as a line of characters, with a dot where the rating is."""
    if row.rating is None or row.lower is None or row.upper is None:
        return ""
    span = ticks[-1] - ticks[0]
    low, at, high = (
        min(width - 1, max(0, round((width - 1) * (value - ticks[0]) / span)))
        for value in (row.lower, row.rating, row.upper)
    )
    line = [" "] * low + ["─"] * (high - low + 1)
    line[low], line[high] = "├", "┤"
    line[at] = "○" if row.rank is None else "●"
    return "".join(line)
