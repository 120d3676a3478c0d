"""What an engine writes: the last lines in memory, all in a file that cannot grow for ever."""

import logging
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

LINES = 500
LINE_LENGTH = 4096
FILE_BYTES = 5_000_000


class _QuietFile(RotatingFileHandler):
    """Drop a line that cannot be written, instead of a traceback on the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Do nothing: the line is in the ring buffer."""


class EngineLog:
    """A ring buffer, and a file with one older file beside it.

    Args:
        path: the file; None keeps the log in memory only. A file that cannot be written is left
            out, said in the log itself: a full disk must not stop an engine.
    """

    def __init__(self, path: Path | None) -> None:
        self._lines: deque[str] = deque(maxlen=LINES)
        self._file: RotatingFileHandler | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _QuietFile(
                path, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            self.add(f"log file {path} cannot be written: {error.strerror}")

    def add(self, line: str) -> None:
        """Append one line, cut where it is very long."""
        line = line[:LINE_LENGTH]
        self._lines.append(line)
        if self._file is not None:
            self._file.emit(logging.makeLogRecord({"msg": line}))

    def tail(self, count: int = LINES) -> list[str]:
        """Return the last lines, oldest first."""
        return list(self._lines)[-count:] if count > 0 else []

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
