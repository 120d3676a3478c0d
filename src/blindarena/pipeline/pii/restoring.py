"""Values back into an answer that arrives in pieces."""

import re

from blindarena.pipeline.pii.placeholders import Placeholders

# The beginning of a placeholder at the end of a piece.
_UNFINISHED = re.compile(r"\\?(?:\[(?:[A-Za-z]{1,20}(?:\\?(?:_[0-9]{0,6}\\?)?)?)?)?\Z")
_LONGEST = 34


class RestoringStream:
    """Restores a stream; what could be the start of a placeholder waits for the next piece.

    Args:
        state: the conversation's placeholders.
    """

    def __init__(self, state: Placeholders) -> None:
        self._state = state
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece and return what can be shown; it may be ""."""
        text = self._held + piece
        tail = max(len(text) - _LONGEST, 0)
        unfinished = _UNFINISHED.search(text, tail)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return self._state.restore(text[:cut])

    def end(self) -> str:
        """Return what is still held back."""
        text, self._held = self._held, ""
        return self._state.restore(text)
