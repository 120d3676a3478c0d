"""Keys of a TOML text are found on their lines."""

import tomllib
from typing import Any

import pytest

from blindarena.settings.lines import Location, key_lines, line_of

TEXT = '''# a comment with [brackets] and "quotes
title = "x"   # and = here
list = [
  "a = 1",    # ] not the end
  ["b"],
]
text = """
fake = 1
[fake]
ends in quotes: ""\"""
literal = \'\'\'
[[fake]]
\'\'\'
inline = { a = 1, b = [1,
2] }
a.b."c.d" = 1

[ server ]
port = 1

[deployments."my model".key]
env = "A"
[[contestants]]
name = "one"
stop = ["[", "x\\"]"]
[[contestants]]
name = "two"

[[contestants.tools]]
t = 1
[[contestants.tools]]
t = 2
[contestants.more]
m = 1
'''


def leaves(value: Any, location: Location = ()) -> dict[Location, Any]:
    if isinstance(value, dict) and value:
        return {k: v for key, at in value.items() for k, v in leaves(at, (*location, key)).items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return {k: v for i, at in enumerate(value) for k, v in leaves(at, (*location, i)).items()}
    return {location: value}


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("title",), 2),
        (("list",), 3),
        (("text",), 7),
        (("literal",), 11),
        (("inline",), 14),
        (("a", "b"), 16),
        (("server", "port"), 19),
        (("deployments", "my model", "key", "env"), 22),
        (("contestants", 0, "name"), 24),
        (("contestants", 0, "stop"), 25),
        (("contestants", 1, "name"), 27),
        (("contestants", 1, "tools", 0, "t"), 30),
        (("contestants", 1, "tools", 1, "t"), 32),
        (("contestants", 1, "more", "m"), 34),
    ],
)
def test_every_key_is_on_its_line(location: Location, line: int) -> None:
    assert key_lines(TEXT)[location] == line


def test_what_is_found_is_what_the_parser_finds() -> None:
    parsed = leaves(tomllib.loads(TEXT))
    found = key_lines(TEXT)
    inside = {location for location in parsed if location[0] == "inline"}

    assert {at for at in parsed if at not in inside and at[0] != "a"} <= set(found)
    assert not any("fake" in location for location in found)


def test_the_nearest_thing_around_a_key_has_a_line() -> None:
    lines = key_lines(TEXT)

    assert line_of(lines, ("list", 1, 0)) == 3
    assert line_of(lines, ("inline", "b")) == 14
    assert line_of(lines, ("contestants", 1, "missing")) == 26
    assert line_of(lines, ("missing",)) is None
    assert line_of({}, ()) is None


def test_windows_line_ends() -> None:
    assert key_lines("a = 1\r\n[t]\r\nb = 2\r\n") == {("a",): 1, ("t",): 2, ("t", "b"): 3}
