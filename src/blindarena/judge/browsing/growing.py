"""Files of records that another process may be writing: only what was added is read again."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from blindarena.errors import InputError

_MARK: Final = 64
"""Bytes before the place read to that must still be the same, else the file is another."""
R = TypeVar("R")


class GrowingFile(Generic[R]):
    """Records of one file by key; of two with one key the later counts, unless it failed.

    Args:
        path: the JSONL file; it need not be there yet.
        kind: the type of a record.
        key: what makes a record the same call.
        done: whether a record settles its key; an error does not.

    Attributes:
        records: by key, in the order of their first line.
        changed_at: when the file was written last, in seconds since 1970; None without a file.
    """

    def __init__(
        self, path: Path, *, kind: type[R], key: Callable[[R], str], done: Callable[[R], bool]
    ) -> None:
        self.path = path
        self.records: dict[str, R] = {}
        self.changed_at: float | None = None
        self._decoder = msgspec.json.Decoder(kind)
        self._key = key
        self._done = done
        self._seen: tuple[int, int, int] | None = None
        self._forget()

    def refresh(self) -> bool:
        """Read what was added since the last time; return whether anything changed.

        Half a line at the end is left for the next time.

        Raises:
            InputError: a line cannot be read: file, line and why.
        """
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                seen = (about.st_ino, about.st_size, about.st_mtime_ns)
                if seen == self._seen:
                    return False
                grown = about.st_size > self._offset and seen[0] == (self._seen or seen)[0]
                file.seek(self._offset - len(self._mark))
                if not grown or file.read(len(self._mark)) != self._mark:
                    self._forget()
                    file.seek(0)
                self._take(file.read())
        except FileNotFoundError:
            gone = bool(self.records)
            self._forget()
            self._seen, self.changed_at = None, None
            return gone
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror}") from error
        self._seen, self.changed_at = seen, about.st_mtime
        return True

    def _forget(self) -> None:
        self.records.clear()
        self._offset = self._lines = 0
        self._mark = b""

    def _take(self, data: bytes) -> None:
        whole = data[: data.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), self._lines + 1):
            if not line.strip():
                continue
            try:
                record = self._decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeError) as error:
                self._forget()
                self._seen = None
                raise InputError(
                    f"{self.path}:{number}: not a record of this run: {error}; "
                    "mend or delete the line"
                ) from error
            key = self._key(record)
            before = self.records.get(key)
            if before is None or self._done(record) or not self._done(before):
                self.records[key] = record
        self._offset += len(whole)
        self._lines += whole.count(b"\n")
        self._mark = (self._mark + whole)[-_MARK:]
