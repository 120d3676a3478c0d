"""A file for rows of usage that the database does not take at the moment."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from blindarena.domain.usage import UsageRow

log = logging.getLogger("blindarena.gateway")

_PREFIX = "usage-waiting-"
_READING = ".reading"


class UsageFile:
    """Lines of JSON that are only appended, one file for each run of a process.

    Args:
        folder: where the server keeps its data.
        run: names this run.
    """

    def __init__(self, folder: Path, run: UUID) -> None:
        self._folder = folder
        self._path = folder / f"{_PREFIX}{run}.jsonl"

    def append(self, rows: Sequence[UsageRow]) -> None:
        """Write rows; they are on the disk when it returns.

        Raises:
            OSError: the disk does not take them.
        """
        data = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while data:
                data = data[os.write(file, data) :]
            os.fsync(file)
        finally:
            os.close(file)

    def waiting(self) -> list[Path]:
        """Return the files with rows, of this run and of earlier ones."""
        return sorted(self._folder.glob(f"{_PREFIX}*.jsonl*"))

    def claim(self, path: Path) -> Path | None:
        """Take a file to read, so that nobody appends to it; None where it is gone."""
        if path.suffix == _READING:
            return path  # of a reader that was stopped
        mine = path.with_name(path.name + _READING)
        if mine.exists():
            return mine
        try:
            path.rename(mine)
        except FileNotFoundError:
            return None
        return mine

    def read(self, path: Path) -> tuple[list[UsageRow], int]:
        """Return the rows of a claimed file and its size in bytes.

        A line that was cut off, as the process was killed, is told and left out.
        """
        rows = []
        data = path.read_bytes()
        for number, line in enumerate(data.splitlines(), start=1):
            try:
                rows.append(msgspec.json.decode(line, type=UsageRow))
            except msgspec.DecodeError as error:
                log.error("%s, line %d is no row of usage: %s", path, number, error)
        return rows, len(data)

    def remove(self, path: Path, size: int) -> bool:
        """Delete a file that was read, unless somebody who had it open made it longer."""
        if path.stat().st_size > size:
            return False
        path.unlink(missing_ok=True)
        return True
