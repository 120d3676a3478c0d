"""What the command line names: which evaluation, of whom, and which part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from blindarena.analysis.comparison.evaluations import Kind
from blindarena.errors import ConfigError, InputError

ARENA: Final = "arena"
Score = Literal["rating", "win-rate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One evaluation as named: `[NAME=][KIND:]WHERE[#PART]`.

    Attributes:
        name: in the report; None takes the file's or the judge's.
        kind: as stated; None as the source tells.
        where: a path, or an arena's slug.
        arena: whether `where` is a slug.
        part: a pattern of raters' names for votes, a column of scores for a table.
    """

    name: str | None
    kind: Kind | None
    where: str
    arena: bool
    part: str | None


def parse(text: str) -> Asked:
    """Read one.

    Raises:
        ConfigError: nothing is named.
    """
    name: str | None = None
    rest = text
    before, equals, after = text.partition("=")
    plain = not set(before) & set("/\\:#")
    if equals and plain and not Path(text).exists():
        name, rest = before.strip(), after
    start, colon, after = rest.partition(":")
    kind: Kind | None = None
    arena = False
    if colon and start in get_args(Kind):
        kind, rest = next(known for known in get_args(Kind) if known == start), after
    elif colon and start == ARENA:
        arena, rest = True, after
    part: str | None = None
    if "#" in rest and not Path(rest).exists():
        rest, _, part = rest.rpartition("#")
    if not rest or name == "" or part == "":
        raise ConfigError(
            f"{text!r}: write [NAME=][people:|judge:|benchmark:]PATH[#PART] or [NAME=]arena:SLUG"
        )
    return Asked(name=name, kind=kind, where=rest, arena=arena, part=part)


def aliases_of(given: Sequence[str], file: Path | None) -> dict[str, str]:
    """Return the alias map: names that stand for others.

    Args:
        given: `this=that` each.
        file: JSON `{"this": "that"}`, or a line `this=that` or `this,that` each; # begins a
            comment.

    Raises:
        ConfigError: an option cannot be read.
        InputError: the file cannot be read, or two lines disagree.
    """
    found: dict[str, str] = {}
    for one, other, where in (*_of_file(file), *_of_options(given)):
        if found.get(one, other) != other:
            raise InputError(f"{where}: {one!r} is {found[one]!r} already and cannot be {other!r}")
        found[one] = other
    # A name that is itself renamed would leave the result to the order of the lines.
    for one, other in found.items():
        if other in found and found[other] != other:
            raise InputError(
                f"the aliases {one}={other} and {other}={found[other]} form a chain; name the "
                "last one in both"
            )
    return found


def _of_options(given: Sequence[str]) -> list[tuple[str, str, str]]:
    rows = []
    for text in given:
        one, equals, other = (part.strip() for part in text.partition("="))
        if not (one and equals and other):
            raise ConfigError(f"--alias {text!r}: write THIS=THAT")
        rows.append((one, other, "--alias"))
    return rows


def _of_file(file: Path | None) -> list[tuple[str, str, str]]:
    if file is None:
        return []
    import json

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(f"--aliases {file}: cannot be read ({error})") from error
    if text.lstrip().startswith("{"):
        try:
            table: Mapping[object, object] = json.loads(text)
        except ValueError as error:
            raise InputError(f"--aliases {file}: {error}") from error
        if not all(isinstance(other, str) and other for other in table.values()):
            raise InputError(f"--aliases {file}: every value must be a name")
        return [(str(one), str(other), str(file)) for one, other in table.items()]
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.split("#", 1)[0].strip()
        if not content:
            continue
        mark = "=" if "=" in content else ","
        one, found, other = (part.strip() for part in content.partition(mark))
        if not (one and found and other):
            raise InputError(f"{file}:{number}: {content!r}; write THIS=THAT")
        rows.append((one, other, f"{file}:{number}"))
    return rows
