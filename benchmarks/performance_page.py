"""Write docs/performance.md from what the scripts of this folder measured.

    python benchmarks/performance_page.py          write the page
    python benchmarks/performance_page.py --check  write nothing; exit 1 where it is not current

How something is measured is its script's docstring; figures, machine and date are of
`results/NAME.json`. Whether a budget is met is computed, never written by hand.
"""

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rows import RESULTS, Row, shown, table

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
FIRST = (
    "install",
    "startup",
    "demo",
    "bundle",
    "page",
    "first_token",
    "streams",
    "votes",
    "board",
    "judge",
    "gateway",
    "ranking",
)
QUIET = 0.3
HEAD = """# Performance

Written by `make bench`: do not edit. Each section has its script in `benchmarks/`, which can be
run alone, prints its table and asserts nothing. Budgets are goals set before anything was
measured; what misses one is shown as such.
"""


def page(folder: Path) -> str:
    """Return the whole page."""
    names = sorted(file.stem for file in folder.glob("*.json"))
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return "\n".join([HEAD, *(section(name, folder) for name in names)])


def section(name: str, folder: Path) -> str:
    """Return one script's section."""
    record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    rows = [Row(r["what"], r["value"], r["unit"], r["budget"]) for r in record["rows"]]
    title, how = described(HERE / f"bench_{name}.py")
    parts = [f"## {title}", how, table(rows).rstrip(), *record.get("notes", ()), where(record)]
    sentences = [f"- {sentence(row)}" for row in rows if row.budget is not None]
    return "\n\n".join([*parts, "\n".join(sentences)] if sentences else parts) + "\n"


def described(script: Path) -> tuple[str, str]:
    """Return what a script's docstring says: its first line without "Measure", and the rest."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or script.stem
    first, _, rest = text.partition("\n\n")
    usage, _, how = rest.partition("\n\n")
    title = first.removeprefix("Measure ").rstrip(".")
    return title[:1].upper() + title[1:], f"`{usage.strip()}`\n\n{how}"


def sentence(row: Row) -> str:
    """Say in words whether a row meets its budget, and by how much."""
    assert row.budget is not None
    bound = float(row.budget.split()[1])
    unit = f" {row.unit}" if row.unit else ""
    said = f"{row.what}: {shown(row.value)}{unit} measured, budget {row.budget}{unit}:"
    if not bound or not row.value:
        return f"{said} {'met' if row.met else '**falls short**'}."
    ratio = row.value / bound if row.budget.startswith("<=") else bound / row.value
    if row.met:
        return f"{said} met, with {100 * (1 - ratio):.0f} % to spare."
    return f"{said} **falls short** by a factor of {ratio:.2g}."


def where(record: Mapping[str, Any]) -> str:
    """Say where and when it was measured, and whether something disturbed it."""
    versions: Sequence[str] = [f"{name} {v}" for name, v in record.get("versions", {}).items()]
    text = f"Measured {record['measured_at'][:10]} on {record['machine']}"
    text += f" ({', '.join(versions)})." if versions else "."
    others = record.get("cores_taken_by_other_programs")
    if others is not None and others > QUIET:
        text += (
            f" **The machine was not quiet**: other programs took {others:g} of its cores"
            " meanwhile, so times are too long; CPU times hold."
        )
    return text


def main(args: list[str]) -> int:
    """Write or check the page; return the exit code."""
    new = page(RESULTS)
    if args == ["--check"]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == new
        if not same:
            print("docs/performance.md is old: run `make bench`", file=sys.stderr)
        return int(not same)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
