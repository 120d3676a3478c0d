"""Rows that wait on disk: memory holds only where each begins."""

import tempfile
from array import array
from types import TracebackType
from typing import Self

import msgspec

from blindarena.pipeline.importing.rows import Record

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


class Spool:
    """Screened rows in an anonymous temporary file, which is gone with this object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="blindarena-")  # noqa: SIM115 - closed below
        self._starts = array("Q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, record: Record) -> int:
        """Append a row; return its number."""
        data = _ENCODER.encode(record)
        self._file.seek(self._starts[-1])
        self._file.write(data)
        self._starts.append(self._starts[-1] + len(data))
        return len(self) - 1

    def __getitem__(self, number: int) -> Record:
        start, end = self._starts[number], self._starts[number + 1]
        self._file.seek(start)
        return _DECODER.decode(self._file.read(end - start))

    def close(self) -> None:
        """Give the disk space back; again is no error."""
        self._file.close()
