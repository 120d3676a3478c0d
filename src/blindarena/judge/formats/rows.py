"""Rows of JSON files, each with where it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from blindarena.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A JSON object of a file.

    Attributes:
        where: file and line, or file and number of the item, for errors.
        value: its keys and values.
    """

    where: str
    value: dict[str, Any]

    def read(self, kind: type[T], what: str) -> T:
        """Return the row as a type of ours.

        Raises:
            InputError: it is none: file, line, and which field is wrong.
        """
        try:
            return msgspec.convert(self.value, kind, strict=False)
        except msgspec.ValidationError as error:
            raise InputError(f"{self.where}: not {what}: {error}") from error


def rows_of(path: Path) -> Iterator[FileRow]:
    """Yield the objects of a file of JSON lines, or of one JSON list.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object.
    """
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if data.lstrip()[:1] == b"[":
        yield from _items(path, data)
        return
    decoder = msgspec.json.Decoder(dict[str, Any])
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            yield FileRow(where, decoder.decode(line))
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise InputError(f"{where}: not a JSON object: {error}") from error


def _items(path: Path, data: bytes) -> Iterator[FileRow]:
    try:
        found = msgspec.json.decode(data, type=list[dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InputError(f"{path}: not a list of JSON objects: {error}") from error
    for number, value in enumerate(found, 1):
        yield FileRow(f"{path}: item {number}", value)


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write JSON lines and return how many; none makes no file."""
    lines = [msgspec.json.encode(row) + b"\n" for row in rows]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines))
    return len(lines)


def number_or_text(name: str) -> int | str:
    """Return a question's id as FastChat writes it: digits as a number."""
    return int(name) if name.isdecimal() and str(int(name)) == name else name
