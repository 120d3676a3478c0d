"""What an engine's process says to its supervisor: one marked line on standard output each."""

import json
from dataclasses import dataclass

_MARK = "blindarena-engine "
EXIT_FATAL = 3
"""Exit status of a child that has said why it cannot serve."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The model is loaded; `url` is the server's root, with the port it was given."""

    url: str


@dataclass(frozen=True, slots=True)
class Fatal:
    """The child cannot serve; `detail` is one line for the owner."""

    detail: str


def to_line(event: Listening | Fatal) -> str:
    """Write an event as one line, without its end."""
    body = {"url": event.url} if isinstance(event, Listening) else {"fatal": event.detail}
    return _MARK + json.dumps(body)


def from_line(line: str) -> Listening | Fatal | None:
    """Read a line of output; None where it is not marked as an event."""
    if not line.startswith(_MARK):
        return None
    try:
        body = json.loads(line[len(_MARK) :])
        return Listening(str(body["url"])) if "url" in body else Fatal(str(body["fatal"]))
    except (ValueError, KeyError, TypeError):
        return None
