"""The values of a JSON file one by one, without holding all of it."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from blindarena.errors import ImportFileError
from blindarena.pipeline.importing.rows import BadRows, shown

CHUNK = 1 << 18
_HELD = ("data", "observations", "traces")
"""Keys under which one object holds all rows: an answer of an API, or one downloaded trace."""
Row = dict[str, Any]


def json_lines(file: TextIO, bad: BadRows) -> Iterator[tuple[int, Row]]:
    """Yield line number and object of a file with one object per line; blank lines are no rows."""
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            bad.bad(number, "not JSON", f"{shown(line.strip())}: not JSON ({error}); mend the line")
            continue
        yield from _object(number, value, bad)


def json_entries(where: str, file: TextIO, bad: BadRows) -> Iterator[tuple[int, Row]]:
    """Yield number and object of a list, of values one after the other, or of one that holds them.

    Raises:
        ImportFileError: it is not JSON from some entry on: nothing behind it can be read.
    """
    values = _Values(where, file)
    if values.next_sign() == "[":
        for number, value in enumerate(values.entries(), start=1):
            yield from _object(number, value, bad)
        return
    first = values.value(1)
    held = _held(first) if isinstance(first, dict) and not values.next_sign() else None
    if held is not None:
        for number, value in enumerate(held, start=1):
            yield from _object(number, value, bad)
        return
    yield from _object(1, first, bad)
    number = 1
    while values.next_sign():
        number += 1
        yield from _object(number, values.value(number), bad)


def _held(value: Row) -> list[Any] | None:
    if "messages" in value or "prompt" in value:
        return None
    return next((value[key] for key in _HELD if isinstance(value.get(key), list)), None)


def _object(number: int, value: object, bad: BadRows) -> Iterator[tuple[int, Row]]:
    if isinstance(value, dict):
        yield number, value
    else:
        bad.bad(number, "not an object", f"{shown(value)} is no object; write {{...}}")


class _Values:
    """Reads on only as far as the next value needs."""

    def __init__(self, where: str, file: TextIO) -> None:
        self._where = where
        self._file = file
        self._decoder = json.JSONDecoder()
        self._text, self._at, self._ended = "", 0, False

    def next_sign(self) -> str:
        """Return the next sign that is not blank, without taking it; "" is the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._grow(CHUNK)

    def entries(self) -> Iterator[Any]:
        """Yield the entries of the list that begins here."""
        self._at += 1
        number = 0
        while self.next_sign() != "]":
            number += 1
            yield self.value(number)
            sign = self.next_sign()
            if sign == ",":
                self._at += 1
                self.next_sign()
            elif sign != "]":
                raise self._broken(number, "a comma or ] is missing behind it")

    def value(self, number: int) -> Any:
        """Take the value that begins here."""
        step = CHUNK
        while True:
            self.next_sign()
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._ended or isinstance(error, RecursionError):
                    raise self._broken(number, str(error)) from error
            else:
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._grow(step)
            step *= 2

    def _grow(self, step: int) -> None:
        more = self._file.read(step)
        self._ended = not more
        self._text, self._at = self._text[self._at :] + more, 0

    def _broken(self, number: int, problem: str) -> ImportFileError:
        here = shown(self._text[self._at : self._at + 60])
        return ImportFileError(
            f"{self._where}: entry {number}: not JSON at {here} ({problem}); "
            "export the file again, or give one object per line (.jsonl)"
        )
