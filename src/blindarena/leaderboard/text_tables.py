"""A board as CSV and as Markdown."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from blindarena.domain.csv_cells import csv_cell
from blindarena.leaderboard.frames import NAMES
from blindarena.leaderboard.sections import sections_of
from blindarena.ranking.first_position import FIRST_POSITION

if TYPE_CHECKING:
    from blindarena.leaderboard.board import Row
    from blindarena.leaderboard.result import HeldOut, Leaderboard

HEAD = ("Rank", "Rank set", "Model", "Rating", "95 % interval", "Votes", "Win rate")
_UTILITY = ("utility_usd", "utility_lower", "utility_upper", "utility_rank")
_FACTS = ("method", "interval", "n", "seed", "data_hash", "computed_at")


def csv_of(board: "Leaderboard") -> str:
    """Return the rows with a header; every line repeats how the board was made.

    Where a value of 100 Elo points was stated, utility and its interval come last. Unknown values
    are empty. A text that a spreadsheet would run as a formula gets a leading apostrophe.

    Source: OWASP, CSV Injection.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    worth = _UTILITY if board.utility is not None else ()
    writer.writerow([*NAMES, *_FACTS, *worth])
    for one in (board, *board.boards):
        facts = [csv_cell(getattr(one, name)) for name in _FACTS[:-1]]
        for row in one.rows:
            values = [csv_cell(one.category), *(csv_cell(getattr(row, name)) for name in NAMES[1:])]
            beside = _utility_cells(one, row.contestant) if worth else ()
            writer.writerow([*values, *facts, one.computed_at.isoformat(), *beside])
    return text.getvalue()


def _utility_cells(board: "Leaderboard", contestant: str) -> tuple[object, ...]:
    """Return a model's utility in the order of _UTILITY; empty where it is unknown."""
    rows = () if board.utility is None else board.utility.rows
    for row in rows:
        if row.contestant == contestant:
            return row.value, row.lower, row.upper, row.rank
    return ("",) * len(_UTILITY)


def markdown_of(board: "Leaderboard") -> str:
    """Return the board, its notes and its categories as Markdown."""
    parts = [_section(board, "# Leaderboard")]
    for one in sections_of(board):
        parts.append(f"## {_escaped(one.title)}\n\n{_escaped(one.caption)}\n")
        parts += [_table(one.head, one.rows)] if one.rows else []
    if board.held_out:
        parts.append(f"## {board.options.by}: one ranking or many\n\n{verdict_of(board)}\n")
        parts.append(_table(HELD_OUT_HEAD, (held_out_cells(held) for held in board.held_out)))
    parts += [
        _section(part, f"## {board.options.by}: {_escaped(part.category)}") for part in board.boards
    ]
    return "\n".join(parts)


def _section(board: "Leaderboard", heading: str) -> str:
    lines = [heading, "", _facts_of(board), ""]
    if board.decision is not None:
        lines += [f"**{_escaped(board.decision.sentence)}**", ""]
    if board.shown:
        lines.append(_table(HEAD, (cells_of(row) for row in board.rows)))
    lines += [f"- {_escaped(note)}" for note in notes_of(board)]
    return "\n".join(lines) + "\n"


def _facts_of(board: "Leaderboard") -> str:
    return (
        f"{board.method}. Interval: {board.interval}. {board.n:,} votes, data "
        f"{board.data_hash[:16]}, {board.computed_at:%Y-%m-%d %H:%M} UTC."
    )


def notes_of(board: "Leaderboard") -> tuple[str, ...]:
    """Return the notes of a board, with what was excluded and what style is worth."""
    excluded = tuple(
        f"Left out: {number:,} rows ({reason})." for reason, number in board.excluded.items()
    )
    style = tuple(
        f"{_what_is_worth(one.name)} is worth {one.value:+.1f} Elo "
        f"({one.lower:+.1f} to {one.upper:+.1f})."
        for one in board.coefficients
    )
    return (*board.notes, *style, *(excluded if not board.category else ()))


def _what_is_worth(name: str) -> str:
    if name == FIRST_POSITION:
        return "Being side a, the one shown first,"
    return f"Style: one standard deviation of {name}"


def cells_of(row: "Row") -> tuple[str, ...]:
    """Return a row as texts in the order of HEAD; a preliminary one says what it lacks."""
    rank = "-" if row.rank is None else str(row.rank)
    low, high = row.rank_low, row.rank_high
    ranks = "-" if low is None or high is None else f"{low}" if low == high else f"{low}-{high}"
    if row.rating is None:
        rating, interval = "-", "-"
    else:
        known = row.lower is not None and row.upper is not None
        interval = f"{row.lower:.0f} to {row.upper:.0f}" if known else "unknown"
        rating = f"{row.rating:.0f}"
    votes = f"{row.votes:,}" + (f", needs {row.needs_votes:,}" if row.preliminary else "")
    share = "-" if row.win_rate is None else f"{row.win_rate:.1%}"
    return rank, ranks, row.contestant, rating, interval, votes, share


HELD_OUT_HEAD = ("Category", "Held-out votes", "One board", "Own board", "Own board is better by")


def held_out_cells(one: "HeldOut") -> tuple[str, ...]:
    """Return a comparison as texts in the order of HELD_OUT_HEAD."""
    return (
        one.category or "all together",
        f"{one.votes:,}",
        f"{one.one_board:.4f}",
        f"{one.category_board:.4f}",
        f"{one.gain:+.4f} ({one.lower:+.4f} to {one.upper:+.4f})",
    )


def verdict_of(board: "Leaderboard") -> str:
    """Say whether the categories need boards of their own."""
    return verdict_of_loss(board.held_out)


def verdict_of_loss(held_out: "Sequence[HeldOut]") -> str:
    """Say whether categories need boards of their own; all of them together come first."""
    whole, *each = held_out
    winning = [one.category for one in each if one.wins]
    losses = (
        f"mean log loss of {whole.votes:,} held-out votes: one board {whole.one_board:.4f}, own "
        f"boards {whole.category_board:.4f} nats"
    )
    if whole.wins:
        return f"Boards of their own predict votes better ({losses})."
    if winning:
        return (
            f"One ranking suffices for most: boards of their own predict votes better in "
            f"{', '.join(winning)} only ({losses})."
        )
    return f"One ranking suffices: boards of their own predict votes no better ({losses})."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_escaped(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    for mark in "\\|`*_<[":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
