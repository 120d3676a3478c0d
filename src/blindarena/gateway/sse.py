"""Server-sent events, parsed incrementally from bytes."""

from typing import NamedTuple

BOM = b"\xef\xbb\xbf"


class SSEEvent(NamedTuple):
    """One event; `data` stays bytes, so that JSON is decoded once and from UTF-8."""

    type: str
    data: bytes


class SSEOverflowError(ValueError):
    """One event is longer than the parser was told to keep."""


class SSEParser:
    r"""Turns chunks of a byte stream, cut anywhere, into events.

    Follows "Interpreting an event stream" of the WHATWG HTML standard: lines end in LF, CR or CRLF,
    a leading byte-order mark and comments are dropped, several data lines are joined with LF.
    The fields `id` and `retry` are read over: nobody reconnects to a chat completion.

    Args:
        max_event_bytes: most bytes that may be kept for one unfinished event.
    """

    def __init__(self, *, max_event_bytes: int = 2**20) -> None:
        self._max = max_event_bytes
        self._partial: list[bytes] = []  # a line whose end has not come yet
        self._partial_size = 0
        self._data: list[bytes] = []
        self._data_size = 0
        self._type = ""
        self._after_cr = False  # the last byte seen was CR: a LF now belongs to it
        self._at_start = True

    def feed(self, chunk: bytes) -> list[SSEEvent]:
        """Return the events that this chunk completes, in order.

        Raises:
            SSEOverflowError: one event grew past `max_event_bytes`.
        """
        if not chunk:
            return []
        if self._after_cr:
            self._after_cr = False
            if chunk[0] == 10:
                chunk = chunk[1:]
        if self._partial or self._at_start:
            joined = self._join(chunk)
            if joined is None:
                return []
            chunk = joined
        events: list[SSEEvent] = []
        if b"\r" in chunk or self._data or self._type:
            rest = self._cut_lines(chunk, events)
        else:
            # Nearly every event of a chat completion is one data line and one blank line.
            *blocks, rest = chunk.split(b"\n\n")
            for block in blocks:
                if block.startswith(b"data: ") and b"\n" not in block:
                    events.append(SSEEvent("message", block[6:]))
                else:
                    self._lines(block.split(b"\n"), events)
                    self._dispatch(events)
            if b"\n" in rest:
                rest = self._cut_lines(rest, events)
        if rest:
            self._keep(rest)
        return events

    def finish(self) -> list[SSEEvent]:
        """Return the last event of a stream that ended without its blank line, if there is one.

        The standard drops such an event; some servers end like that after `data: [DONE]`.
        """
        events: list[SSEEvent] = []
        if self._partial:
            line = b"".join(self._partial).removeprefix(BOM if self._at_start else b"")
            self._partial.clear()
            self._lines([line], events)
        self._dispatch(events)
        return events

    def _join(self, chunk: bytes) -> bytes | None:
        """Put the unfinished line before the chunk; None while there is no line end at all."""
        if b"\n" not in chunk and b"\r" not in chunk:
            self._keep(chunk)
            return None
        whole = b"".join((*self._partial, chunk))
        self._partial.clear()
        self._partial_size = 0
        if self._at_start:
            self._at_start = False
            whole = whole.removeprefix(BOM)
        return whole

    def _keep(self, piece: bytes) -> None:
        self._partial.append(piece)
        self._partial_size += len(piece)
        self._check_size()

    def _check_size(self) -> None:
        if self._partial_size + self._data_size > self._max:
            raise SSEOverflowError(f"one event is longer than {self._max} bytes")

    def _cut_lines(self, chunk: bytes, events: list[SSEEvent]) -> bytes:
        """Read the complete lines of a chunk and return what follows them."""
        self._after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = chunk.split(b"\n")
        self._lines(lines, events)
        return rest

    def _lines(self, lines: list[bytes], events: list[SSEEvent]) -> None:
        for line in lines:
            if not line:
                self._dispatch(events)
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                self._data.append(value)
                self._data_size += len(value) + 1
                self._check_size()
            elif field == b"event":
                self._type = value.decode("utf-8", "replace")

    def _dispatch(self, events: list[SSEEvent]) -> None:
        if self._data:
            events.append(SSEEvent(self._type or "message", b"\n".join(self._data)))
            self._data = []
            self._data_size = 0
        self._type = ""
