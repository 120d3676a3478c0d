"""FastChat's numbers as `blindarena judge show --compat fastchat` prints them."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_fastchat(told: dict[str, list[dict[str, Any]]]) -> None:
    """Print the tables of show_result, one below the other."""
    console = Console(highlight=False)
    for single in told.get("single", []):
        for name, key in (("First turn", "first_turn"), ("Second turn", "second_turn")):
            _print(
                console,
                f"{name}, judge {single['judge']}",
                ("model", "score"),
                ((model, f"{score:.6f}") for model, score in single[key].items()),
            )
        _print(
            console,
            f"Average, judge {single['judge']}",
            ("model", "score"),
            ((model, f"{score:.6f}") for model, score in single["average"].items()),
        )
    for pairs in told.get("pairwise", []):
        head = ("model", "win", "loss", "tie", "win_rate", "loss_rate", "win_rate_adjusted")
        rows = ([_cell(row[name]) for name in head] for row in pairs["rows"])
        _print(console, f"Pairs, judge {pairs['judge']}", head, rows)


def _cell(value: object) -> str:
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _print(
    console: Console, title: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    found = list(rows)
    if not found:
        return
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left")
    for row in found:
        table.add_row(*row)
    console.print(title, style="bold", markup=False)
    console.print(table)
    console.print()
