"""A comparison as JSON, as Markdown, and on a terminal."""

from typing import TYPE_CHECKING, TextIO

import msgspec

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.leaderboard.comparing.answers import answers_of
from blindarena.leaderboard.comparing.method import HOW
from blindarena.leaderboard.comparing.sections import notes_of, parts_of
from blindarena.printing.section import Section

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {"broken": "bold red", "weak": "bold yellow", "unknown": "bold", "fine": "bold green"}


def json_of(found: Comparison) -> str:
    """Return all figures, with the answers first."""
    answers = [msgspec.to_builtins(one) for one in answers_of(found)]
    whole = {"answers": answers, **msgspec.to_builtins(found, str_keys=True)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1).decode() + "\n"


def markdown_of(found: Comparison) -> str:
    """Return the report as Markdown: the answers first."""
    lines = ["# How far the evaluations agree", ""]
    for answer in answers_of(found):
        lines += [f"**{_plain(answer.sentence)}**", ""]
        lines += [*(f"- {_plain(one)}" for one in answer.findings), ""]
    lines += [*(f"- Note: {_plain(note)}" for note in notes_of(found)), ""]
    for part in parts_of(found):
        lines += [f"## {part.title}", ""]
        for section in part.sections:
            lines += [f"### {_plain(section.title)}", ""]
            lines += [_plain(section.caption), ""] if section.caption else []
            lines += [*_table(section), ""]
    lines += ["## Methods and limits", "", *(f"- {_plain(one)}" for one in HOW)]
    return "\n".join(lines).rstrip() + "\n"


def print_comparison(found: Comparison, *, file: TextIO | None = None) -> None:
    """Print the report on a terminal; in a file it is as wide as it needs to be."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = 200
    for answer in answers_of(found):
        console.print(escape(answer.sentence), style=STYLES[answer.standing], soft_wrap=True)
        for one in answer.findings:
            console.print(f"- {escape(one)}", soft_wrap=True)
        console.print()
    for note in notes_of(found):
        console.print(f"Note: {escape(note)}", style="yellow", soft_wrap=True)
    for part in parts_of(found):
        console.print(f"\n{part.title}", style="bold underline")
        for section in part.sections:
            _print(console, section)


def _print(console: "Console", section: Section) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    console.print(f"\n{escape(section.title)}", style="bold")
    if section.caption:
        console.print(escape(section.caption), style="dim", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(section.head):
        table.add_column(escape(name), justify="left" if number < section.words else "right")
    for row in section.rows:
        table.add_row(*map(escape, row))
    console.print(table)


def _table(section: Section) -> list[str]:
    marks = ["---" if number < section.words else "---:" for number in range(len(section.head))]
    rows = [section.head, marks, *section.rows]
    first, second, *rest = (list(row) for row in rows)
    lines = [[_plain(cell) for cell in first], second, *([_plain(c) for c in row] for row in rest)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _plain(text: str) -> str:
    """Return text without what Markdown reads as more than text."""
    for mark in "\\|`*_<[":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
