"""Write docs/commands.md from what each command says under --help.

python scripts/gen_cli_docs.py
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from blindarena.cli import app

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """\
# Commands

Generated from `--help` by `make docs`. A command that is given something wrong says so in one line
and ends with exit code 2; where the machine or a server is at fault, the code is 1.
"""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something, with the words a person types for it."""
    for name, sub in getattr(command, "commands", {}).items():
        if sub.hidden:
            continue
        if hasattr(sub, "commands"):
            yield from leaves(sub, (*path, name))
        else:
            yield (*path, name), sub


def help_of(path: tuple[str, ...]) -> str:
    """Return what `blindarena PATH --help` prints."""
    done = CliRunner().invoke(
        app,
        [*path, "--help"],
        prog_name="blindarena",
        env={"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )
    if done.exit_code:
        raise RuntimeError(f"`blindarena {' '.join(path)} --help` failed: {done.output}")
    return re.sub(r" +$", "", done.output.strip(), flags=re.MULTILINE)


def page() -> str:
    """Return docs/commands.md."""
    parts = [INTRODUCTION]
    for path, _ in leaves(typer.main.get_command(app)):
        parts.append(f"## `blindarena {' '.join(path)}`\n\n```text\n{help_of(path)}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page; return the exit code."""
    (ROOT / "docs" / "commands.md").write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
