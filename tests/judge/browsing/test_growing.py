"""A file that grows is read on from where it was left; one that was changed is read anew."""

from pathlib import Path

import msgspec
import pytest

from blindarena.errors import InputError
from blindarena.judge.browsing.growing import GrowingFile


class Line(msgspec.Struct, frozen=True):
    key: str
    value: int = 0
    error: str | None = None


def growing(path: Path) -> GrowingFile[Line]:
    return GrowingFile(path, kind=Line, key=lambda one: one.key, done=lambda one: one.error is None)


def values(file: GrowingFile[Line]) -> dict[str, int]:
    return {key: one.value for key, one in file.records.items()}


def test_only_whole_lines_count_and_what_is_added_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    file = growing(path)
    assert not file.refresh()
    path.write_bytes(b'{"key":"a","value":1}\n{"key":"b","va')
    assert file.refresh()
    assert values(file) == {"a": 1}
    with path.open("ab") as more:
        more.write(b'lue":2}\n\n{"key":"a","value":3}\n{"key":"b","error":"down"}\n')
    assert file.refresh()
    assert values(file) == {"a": 3, "b": 2}, "an error does not go before what is settled"
    assert not file.refresh()
    path.unlink()
    assert file.refresh()
    assert values(file) == {}


def test_another_file_in_its_place_is_read_from_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"key":"a","value":1}\n')
    file = growing(path)
    file.refresh()
    path.write_bytes(b'{"key":"c","value":5}\n{"key":"d","value":6}\n')  # the same inode, longer
    file.refresh()
    assert values(file) == {"c": 5, "d": 6}
    path.write_bytes(b'{"key":"e","value":7}\n')
    file.refresh()
    assert values(file) == {"e": 7}


def test_a_wrong_line_is_named_and_mending_it_helps(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"key":"a"}\n')
    file = growing(path)
    file.refresh()
    with path.open("ab") as more:
        more.write(b"{oops}\n")
    for _ in range(2):
        with pytest.raises(InputError, match=r"a\.jsonl:2: not a record.*mend or delete"):
            file.refresh()
    path.write_bytes(b'{"key":"a"}\n{"key":"b"}\n')
    file.refresh()
    assert set(file.records) == {"a", "b"}
