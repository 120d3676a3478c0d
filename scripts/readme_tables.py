"""Fill the README's tables from what the scripts in benchmarks/ measured.

    python scripts/readme_tables.py          write README.md
    python scripts/readme_tables.py --check  write nothing; exit 1 where it is not current

`<!-- table: NAME -->` and `<!-- end -->` enclose what `benchmarks/results/NAME.md` holds.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)


class MissingTableError(Exception):
    """The README names a table that no benchmark wrote."""


def filled(text: str, results: Path) -> str:
    """Return the text with every marked table as measured.

    Raises:
        MissingTableError: a marked table has no file.
    """

    def table(match: re.Match[str]) -> str:
        file = results / f"{match[2]}.md"
        if not file.is_file():
            raise MissingTableError(f"README.md wants the table {match[2]!r}: no {file.name}")
        rows = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
        return match[1] + "\n".join(rows) + "\n" + match[3]

    return MARKED.sub(table, text)


def main(args: list[str]) -> int:
    """Write or check README.md; return the exit code."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    try:
        new = filled(text, RESULTS)
    except MissingTableError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if args == ["--check"]:
        if new != text:
            print("README.md has old tables: run `make docs`", file=sys.stderr)
        return int(new != text)
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
