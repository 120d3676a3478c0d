"""What looking for personal data needs from outside; `bootstrap` provides it from `pipeline`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from blindarena.domain.arenas import Arena

Values = Mapping[str, str]
"""By placeholder the value behind it: personal data, never logged and never stored."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is in a text; only `text` and `values` hold any of it, and `repr` shows neither.

    Attributes:
        text: with placeholders in the place of what was found.
        values: the placeholders of the conversation with the new ones.
        counts: how many of each kind were found.
        summary: the same in words, such as "2 names and 1 phone number".
    """

    text: str = field(repr=False)
    values: Values = field(repr=False)
    counts: Mapping[str, int]
    summary: str


class Restorer(Protocol):
    """Puts values back into one answer that arrives in pieces."""

    def feed(self, piece: str) -> str:
        """Take a piece and return what can be shown; it may be ""."""
        ...

    def end(self) -> str:
        """Return what is still held back."""
        ...


class PersonalData(Protocol):
    """Finds personal data in texts; nothing is sent anywhere."""

    def look(self, arena: Arena, text: str, *, values: Values) -> Looked:
        """Find the personal data of a text, as this arena understands it.

        Args:
            arena: for its own numbers.
            text: what was written.
            values: the placeholders of the conversation until now.
        """
        ...

    def restore(self, text: str, *, values: Values) -> str:
        """Return a text with the values in place of their placeholders."""
        ...

    def restorer(self, *, values: Values) -> Restorer:
        """Return what does so for an answer in pieces."""
        ...

    def placeholders(self, text: str) -> list[str]:
        """Return the placeholders that stand in a text."""
        ...
