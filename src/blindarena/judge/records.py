"""Files of records to which lines are only ever added, and that survive a kill.

A line is written with one call of the operating system and is complete before anything is said
to be done, so a killed process loses no line that it acknowledged; at worst the file ends in half
a line, which is cut off when it is opened again. Disks are told to keep the lines (`fsync`) every
`SYNC_EVERY` of them and at the end: a power failure costs at most so many calls.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from blindarena.errors import InputError

SYNC_EVERY: Final = 50
R = TypeVar("R")


class Journal(Generic[R]):
    """One file of records of one type, by key; of two with one key the later counts.

    Args:
        path: the JSONL file; it is made when the first record comes.
        kind: the dataclass of a record.
        key: what makes a record the same call.
        done: whether a record settles its key; an error does not.
        mend: cut off half a line at the end; False leaves the file as it is, for who only reads
            what another process may be writing.

    Attributes:
        cut: bytes of half a line that were cut off when the file was opened.

    Raises:
        InputError: a line that is not the last cannot be read: file, line and why.
    """

    def __init__(
        self,
        path: Path,
        *,
        kind: type[R],
        key: Callable[[R], str],
        done: Callable[[R], bool],
        mend: bool = True,
    ) -> None:
        self.path = path
        self.cut = 0
        self.records: dict[str, R] = {}
        self._key = key
        self._done = done
        self._file: int | None = None
        self._unsynced = 0
        self._mend = mend
        if path.exists():
            self._read(msgspec.json.Decoder(kind))

    def has(self, key: str) -> bool:
        """Say whether the call of this key need not be made again."""
        record = self.records.get(key)
        return record is not None and self._done(record)

    def add(self, record: R) -> None:
        """Write a record at the end of the file; it is there when this returns."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        line = memoryview(msgspec.json.encode(record) + b"\n")
        while line:
            line = line[os.write(self._file, line) :]
        self._keep(record)
        self._unsynced += 1
        if self._unsynced >= SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Make the disk keep what was written."""
        if self._file is not None and self._unsynced:
            os.fsync(self._file)
            self._unsynced = 0

    def close(self) -> None:
        """Sync and close; the journal may still be read."""
        self.sync()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep(self, record: R) -> None:
        key = self._key(record)
        before = self.records.get(key)
        if before is None or self._done(record) or not self._done(before):
            self.records[key] = record

    def _read(self, decoder: "msgspec.json.Decoder[R]") -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data) and self._mend:
            self.cut = len(data) - whole
            os.truncate(self.path, whole)
        for number, line in enumerate(data[:whole].splitlines(), 1):
            if not line.strip():
                continue
            try:
                self._keep(decoder.decode(line))
            except (msgspec.MsgspecError, UnicodeError) as error:
                raise InputError(
                    f"{self.path}:{number}: not a record of this run: {error}; "
                    "mend or delete the line"
                ) from error
