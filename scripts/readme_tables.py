"""Fill the README's tables from what the scripts in benchmarks/ measured.

    python scripts/readme_tables.py

`<!-- table: NAME -->` and `<!-- end -->` enclose the table of `benchmarks/results/NAME.md`; the
name `budgets` stands for every measured number, of all results, that has a budget.
"""

import re
import sys
from itertools import dropwhile, takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)


class MissingTableError(Exception):
    """The README names a table that no benchmark wrote."""


def budgets(results: Path) -> list[str]:
    """Return the lines of one table: what has a budget, and which script measured it."""
    lines = ["| what | measured | budget | met | script |", "| --- | --- | --- | --- | --- |"]
    for file in sorted(results.glob("*.md")):
        rows = [row for row in _rows(file)[2:] if row.split("|")[3].strip()]
        lines += [f"{row} `bench_{file.stem}.py` |" for row in rows]
    return lines


def filled(text: str, results: Path) -> str:
    """Return the text with every marked table as measured.

    Raises:
        MissingTableError: a marked table has no file.
    """

    def table(match: re.Match[str]) -> str:
        file = results / f"{match[2]}.md"
        if match[2] != "budgets" and not file.is_file():
            raise MissingTableError(f"README.md wants the table {match[2]!r}: no {file.name}")
        lines = budgets(results) if match[2] == "budgets" else _rows(file)
        return match[1] + "\n".join(lines) + "\n" + match[3]

    return MARKED.sub(table, text)


def _rows(file: Path) -> list[str]:
    """Return the lines of a file's first table."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return list(takewhile(_is_row, dropwhile(lambda line: not _is_row(line), lines)))


def _is_row(line: str) -> bool:
    return line[:1] == "|"


def main() -> int:
    """Write README.md; return the exit code."""
    readme = ROOT / "README.md"
    try:
        text = filled(readme.read_text(encoding="utf-8"), RESULTS)
    except MissingTableError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    readme.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
