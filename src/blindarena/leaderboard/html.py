"""A board as one HTML file: no script, no font, no picture from elsewhere, both themes."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from blindarena.leaderboard.costs import MEASURES
from blindarena.leaderboard.explained import explained
from blindarena.leaderboard.sections import sections_of
from blindarena.leaderboard.svg import axis_svg, front_svg, interval_svg, rank_set_svg, scale_of
from blindarena.leaderboard.text_tables import (
    HELD_OUT_HEAD,
    cells_of,
    held_out_cells,
    notes_of,
    verdict_of,
)
from blindarena.leaderboard.win_matrix import matrix_html
from blindarena.printing.sheets import style_of

if TYPE_CHECKING:
    from blindarena.leaderboard.result import Leaderboard

_HEAD = ("Rank", "Rank set", "", "Model", "Rating", "95 % interval", "Votes", "Win rate")


def html_of(board: "Leaderboard") -> str:
    """Return the page: the board, its win matrix, categories, method and limits."""
    style = style_of("tokens", "board")
    body = [
        f"<h1>Leaderboard</h1>{_facts(board)}",
        _verdict(board),
        _table(board),
        _notes(board),
        f"<h2>Who beats whom</h2>{matrix_html(board.pairs)}",
        _fronts(board),
        _sections(board),
        _categories(board),
        "<h2>Method and limits</h2>",
        *(f"<p>{escape(text)}</p>" for text in explained(board.options)),
        _made(board),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>Leaderboard · BlindArena</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _facts(board: "Leaderboard") -> str:
    return (
        f'<p class="cap">{board.n:,} votes · {escape(board.method)} · {escape(board.interval)} · '
        f"{board.computed_at:%Y-%m-%d %H:%M} UTC · data {board.data_hash[:16]}</p>"
    )


def _verdict(board: "Leaderboard") -> str:
    if board.decision is None:
        return ""
    return f'<p class="verdict">{escape(board.decision.sentence)}</p>'


def _table(board: "Leaderboard") -> str:
    """Return the rows with intervals and rank sets drawn in them, the numbers beside."""
    ticks = scale_of(board.rows)
    ranked = sum(row.rank is not None for row in board.rows)
    lines = []
    for row in board.rows:
        rank, ranks, name, rating, interval, votes, share = map(escape, cells_of(row))
        kind = ' class="pre"' if row.rank is None else ""
        lines.append(
            f'<tr{kind}><td class="r">{rank}</td><td class="r">{ranks}</td>'
            f'<td class="ranks">{rank_set_svg(row, ranked)}</td><th scope="row">{name}</th>'
            f'<td class="r">{rating}</td><td class="r">{interval}</td>'
            f"<td>{interval_svg(row, ticks)}</td>"
            f'<td class="r">{votes}</td><td class="r">{share}</td></tr>'
        )
    right = ("Rank", "Rank set", "Rating", "95 % interval", "Votes", "Win rate")
    heads = []
    for name in _HEAD:
        kind = ' class="r"' if name in right else ""
        heads.append(f'<th scope="col"{kind}>{name or "Ranks left open"}</th>')
    heads.insert(6, f'<th scope="col">Interval{axis_svg(ticks)}</th>')
    return (
        '<div class="wide" tabindex="0"><table class="board"><thead>'
        f"<tr>{''.join(heads)}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _notes(board: "Leaderboard") -> str:
    notes = notes_of(board)
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>" if notes else ""


def _fronts(board: "Leaderboard") -> str:
    """Return rating against cost and speed, as plots with their tables."""
    parts = []
    for front in board.fronts:
        unit = MEASURES[front.measure]
        unknown = f" Unknown: {escape(', '.join(front.unknown))}." if front.unknown else ""
        parts.append(
            f"<h2>Rating against {unit}</h2>"
            '<p class="cap">A filled dot is on the front: nobody is better in both. The share says '
            "how often that is so when the errors of ratings and costs are drawn again."
            f'{unknown}</p><div class="wide" tabindex="0">{front_svg(front)}</div>'
            + _plain_table(
                ("Model", "Rating", unit, "On the front", "Share of draws"),
                (
                    (
                        row.contestant,
                        f"{row.rating:.0f}",
                        f"{row.cost:.4g}",
                        "yes" if row.on_front else "no",
                        f"{row.probability:.0%}",
                    )
                    for row in front.rows
                ),
            )
        )
    return "".join(parts)


def _sections(board: "Leaderboard") -> str:
    """Return what the board tells beside its rows."""
    parts = []
    for one in sections_of(board):
        parts.append(f'<h2>{escape(one.title)}</h2><p class="cap said">{escape(one.caption)}</p>')
        if one.rows:
            parts.append(_plain_table(one.head, one.rows, words=one.words))
    return "".join(parts)


def _categories(board: "Leaderboard") -> str:
    column = escape(board.options.by or "")
    parts = []
    if board.held_out:
        parts.append(
            f"<h2>{column}: one ranking or many</h2><p>{escape(verdict_of(board))}</p>"
            + _plain_table(HELD_OUT_HEAD, (held_out_cells(one) for one in board.held_out))
        )
    for one in board.boards:
        table = _table(one) if one.shown else ""
        parts.append(f"<h2>{column}: {escape(one.category)}</h2>{_facts(one)}{table}{_notes(one)}")
    return "".join(parts)


def _plain_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int | None = None
) -> str:
    """Return a table; from the column `words` on there are numbers, which stand at the right."""

    def kind(column: int) -> str:
        return ' class="r"' if words is not None and column >= words else ""

    heads = "".join(f'<th scope="col"{kind(i)}>{escape(name)}</th>' for i, name in enumerate(head))
    lines = "".join(
        f"<tr>{''.join(f'<td{kind(i)}>{escape(cell)}</td>' for i, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table class="board plain"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _made(board: "Leaderboard") -> str:
    """Return what it takes to compute the board again."""
    facts = {
        "Data hash": board.data_hash,
        "Files": ", ".join(board.files) or "a table in memory",
        "Seed": "none used" if board.seed is None else str(board.seed),
        "Tolerance": "none" if board.tolerance is None else f"{board.tolerance:g} nats",
        "Iterations": f"{board.iterations:,}",
        **board.versions,
    }
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in facts.items()
    )
    return (
        f'<h2>To compute it again</h2><div class="wide" tabindex="0"><table>{lines}</table></div>'
    )
