"""The line on which each key of a TOML text stands; the parser does not tell."""

import re
from collections.abc import Mapping

Location = tuple[str | int, ...]
_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?")
_ASSIGNED = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_TOKEN = re.compile(
    r"""
    \"\"\"(?:[^\\]|\\.)*?\"{3,5}   # a multi-line string, which may end in quotes of its own
    | '''.*?'{3,5}
    | "(?:[^"\\\n]|\\.)*"
    | '[^'\n]*'
    | \#[^\n]*
    | [\[\]{}\n]
    """,
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> Mapping[Location, int]:
    """Return the line, from 1, of each table and key of a valid TOML text.

    A member of an array of tables has its number, from 0, in its location. What stands inside
    inline tables and arrays has no line of its own: ask `line_of` for the nearest.
    """
    found: dict[Location, int] = {}
    members: dict[Location, int] = {}
    table: Location = ()
    position = 0
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        if header := _HEADER.match(text, position):
            table = _table(_parts(header[2]), members, is_member=header[1] == "[[")
            found.setdefault(table, line)
        elif assigned := _ASSIGNED.match(text, position):
            keys = _parts(assigned[1])
            for depth in range(1, len(keys) + 1):
                found.setdefault((*table, *keys[:depth]), line)
            position = assigned.end()
        position = _after_value(text, position)
    return found


def line_of(lines: Mapping[Location, int], location: Location) -> int | None:
    """Return the line of a key, or of the nearest thing around it that has one."""
    while location:
        if location in lines:
            return lines[location]
        location = location[:-1]
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _table(keys: tuple[str, ...], members: dict[Location, int], *, is_member: bool) -> Location:
    """Return where a header leads: into the latest member of each array of tables on the way."""
    place: Location = ()
    for depth, key in enumerate(keys, start=1):
        place = (*place, key)
        if is_member and depth == len(keys):
            members[place] = members.get(place, -1) + 1
        if place in members:
            place = (*place, members[place])
    return place


def _after_value(text: str, position: int) -> int:
    """Return where the next statement begins."""
    depth = 0
    for token in _TOKEN.finditer(text, position):
        first = token[0]
        if first in ("[", "{"):
            depth += 1
        elif first in ("]", "}"):
            depth -= 1
        elif first == "\n" and depth <= 0:
            return token.end()
    return len(text)
