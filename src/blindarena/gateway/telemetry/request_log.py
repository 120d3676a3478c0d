"""One line for each request, written beside the requests: JSON for machines, text for people.

A line has no text of prompt or answer, no word of an upstream's (which may quote a prompt), and of
a key its id only.
"""

import re
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

import msgspec

from blindarena.domain.usage import UsageRow

LogFormat = Literal["json", "text"]
BOUND: Final = 10_000
_PAUSE_S: Final = 0.2
_PATIENCE_S: Final = 3.0
_PLAIN = re.compile(r"[!#-<>-\[\]-~]+")  # ASCII that needs no quotes
_encode = msgspec.json.Encoder().encode


class Refusal(msgspec.Struct, gc=False):
    """A request that was not let in."""

    at: float
    request_id: str
    endpoint: str
    status: int
    fault: str
    seconds: float


Record = UsageRow | Refusal


class RequestLog:
    """Writes lines in a thread of its own, so that a reader that has stopped holds up nobody.

    Args:
        out: where to; each batch is one write.
        format: of a line.
        errors_only: only requests that failed.
        bound: most records that wait; of more the oldest are dropped and counted.
    """

    def __init__(
        self, out: TextIO, *, format: LogFormat, errors_only: bool, bound: int = BOUND
    ) -> None:
        self._out = out
        self._line = json_line if format == "json" else text_line
        self._errors_only = errors_only
        self._bound = bound
        self._records: deque[Record] = deque()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def add(self, record: Record) -> None:
        """Keep a record to be written; never waits, never fails."""
        if self._errors_only and record.status < 400 and record.fault is None:
            return
        records = self._records
        if len(records) >= self._bound:
            records.popleft()
            self.dropped += 1
        records.append(record)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Write what waits; it is given three seconds. Nothing may be added afterwards."""
        if self._thread is not None:
            self._over.set()
            self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        over = False
        while not over:
            # Waking this thread for each record would cost each request a switch between threads.
            over = self._over.wait(_PAUSE_S)
            if lines := [self._line(self._records.popleft()) for _ in range(len(self._records))]:
                self._write(lines)

    def _write(self, lines: Sequence[str]) -> None:
        try:
            self._out.write("".join(lines))
            self._out.flush()
        except (OSError, ValueError):  # nobody reads it any more
            self.dropped += len(lines)


def json_line(record: Record) -> str:
    """Write a record as one JSON object and a line's end."""
    line = _encode(_facts(record)).decode()
    return f"{line}\n"


def text_line(record: Record) -> str:
    """Write a record for people; what a client made up cannot break the line."""
    facts = _facts(record)
    words = [f"{facts.pop('at')} {facts.pop('status')} {facts.pop('endpoint')}"]
    for name, value in facts.items():
        if value is not None and value is not False and name != "event":
            plain = str(value)
            safe = plain if _PLAIN.fullmatch(plain) else ascii(plain)
            words.append(f"{name}={safe}")
    return " ".join(words) + "\n"


def _facts(record: Record) -> dict[str, object]:
    if isinstance(record, Refusal):
        return {
            "at": _time(record.at),
            "event": "refused",
            "request_id": record.request_id,
            "endpoint": record.endpoint,
            "status": record.status,
            "fault": record.fault,
            "seconds": round(record.seconds, 6),
        }
    return {
        "at": record.at.isoformat(timespec="milliseconds"),
        "event": "request",
        "request_id": record.request_id,
        "key_id": None if record.key_id is None else str(record.key_id),
        "endpoint": record.endpoint,
        "model": record.model,
        "deployment": record.deployment,
        "stream": record.stream,
        "status": record.status,
        "fault": record.fault,
        "prompt_tokens": record.prompt_tokens,
        "completion_tokens": record.completion_tokens,
        "cached_tokens": record.cached_tokens or None,
        "cost_usd": record.cost_usd,
        "ttft_s": None if record.ttft_s is None else round(record.ttft_s, 6),
        "seconds": round(record.seconds, 6),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
