"""What else a server says, in the form of its lines about requests."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

from blindarena.bootstrap.telemetry import log_format
from blindarena.settings.gateway import Gateway


def set_up_logging(settings: Gateway) -> None:
    """Send warnings and errors of every part of the server to standard error, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format(settings) == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class JsonLines(logging.Formatter):
    """One JSON object a record, an exception's trace within it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        facts: dict[str, Any] = {
            "at": _time(record),
            "event": "log",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            facts["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return msgspec.json.encode(facts).decode()


class TextLines(logging.Formatter):
    """Time, level and message, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line = f"{_time(record)} {record.levelname.lower()} {record.getMessage()}"
        if record.exc_info:
            line += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return line


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
