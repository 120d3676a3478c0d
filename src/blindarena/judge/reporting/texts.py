"""A judge report as Markdown, as JSON, and on a terminal."""

from typing import TYPE_CHECKING, TextIO

import msgspec

from blindarena.judge.reporting.sections import parts_of
from blindarena.judge.reporting.words import PROTOCOLS, STANDINGS
from blindarena.judge.scoring.findings import Verdict
from blindarena.judge.scoring.summary import RunScores
from blindarena.printing.section import Section

if TYPE_CHECKING:
    from rich.console import Console


def json_of(scores: RunScores) -> str:
    """Return all figures, with the verdicts on the judges first."""
    verdicts = [msgspec.to_builtins(one) for one in scores.verdicts]
    whole = {"verdicts": verdicts, **msgspec.to_builtins(scores, str_keys=True)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1).decode() + "\n"


def markdown_of(scores: RunScores) -> str:
    """Return the report as Markdown: what to think of the judges first."""
    lines = [f"# Judge report: {_plain(scores.name)}", "", facts_of(scores), ""]
    for verdict in scores.verdicts:
        lines += [f"**{head_of(verdict)}. {_plain(verdict.sentence)}**", ""]
        lines += [f"- {_plain(one.sentence)}" for one in verdict.findings]
        lines.append("")
    for part in parts_of(scores):
        lines += [f"## {part.title}", ""]
        for section in part.sections:
            lines += [f"### {_plain(section.title)}", ""]
            said = f"{section.caption} {section.note}".strip()
            lines += [_plain(said), ""] if said else []
            lines += [*_table(section), ""] if section.rows else []
    return "\n".join(lines).rstrip() + "\n"


def print_report(scores: RunScores, *, file: TextIO | None = None) -> None:
    """Print the report on a terminal; in a file it is as wide as it needs to be."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(escape(facts_of(scores)), style="dim", soft_wrap=True)
    styles = {"broken": "bold red", "weak": "bold yellow", "unknown": "bold", "fine": "bold green"}
    for verdict in scores.verdicts:
        console.print()
        text = f"{head_of(verdict)}. {verdict.sentence}"
        console.print(escape(text), style=styles[verdict.standing], soft_wrap=True)
        for one in verdict.findings:
            console.print(f"- {escape(one.sentence)}", soft_wrap=True)
    for part in parts_of(scores):
        console.print(f"\n{part.title}", style="bold underline")
        for section in part.sections:
            _print(console, section.title, section)


def head_of(verdict: Verdict) -> str:
    """Return the standing of a judge, and with what it judged, in a few words."""
    asked = {str(name): title for name, title in PROTOCOLS.items()}[verdict.protocol].lower()
    return f"{STANDINGS[verdict.standing]} ({verdict.judge}, {asked})"


def facts_of(scores: RunScores) -> str:
    """Return what was judged, in one line."""
    return (
        f"{scores.set_name}: {_many(scores.questions, 'question')}; "
        f"{_many(len(scores.contestants), 'contestant')}; judged by "
        f"{', '.join(scores.judges) or 'nobody yet'}; prompts "
        f"{', '.join(scores.prompts) or 'none'}"
    )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print(console: "Console", title: str, section: Section) -> None:
    from rich.markup import escape
    from rich.table import Table

    console.print(f"\n{escape(title)}", style="bold", soft_wrap=True)
    if section.note:
        console.print(escape(section.note), soft_wrap=True)
    if not section.rows:
        return
    table = Table(box=None, pad_edge=False, title_justify="left")
    for i, name in enumerate(section.head):
        justify = "left" if i < section.words else "right"
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in section.rows:
        table.add_row(*map(escape, row))
    console.print(table)


def _table(section: Section) -> list[str]:
    marks = ["---" if i < section.words else "---:" for i in range(len(section.head))]
    rows = [section.head, tuple(marks), *section.rows]
    return [f"| {' | '.join(map(_plain, row))} |" for row in rows]


def _plain(text: str) -> str:
    """Return a text in which nothing is Markdown or markup."""
    for sign in "\\|*_<>`[]":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else f"&{'lg'[sign == '>']}t;")
    return text.replace("\n", " ")
