"""What a reply consists of, whatever its format: the pieces that readers give and writers take."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from blindarena.domain.chat import Usage
from blindarena.gateway.calls import ReplyUsage
from blindarena.gateway.sse import SSEEvent

Reason = Literal["stop", "length", "tool_calls", "content_filter"]
"""Why a reply ended, in OpenAI's words."""

_LETTERS_PER_TOKEN = 4


class Text(msgspec.Struct, frozen=True, gc=False):
    """A bit of the visible answer."""

    text: str


class Thinking(msgspec.Struct, frozen=True, gc=False):
    """A bit of the model's reasoning; `signature` is Anthropic's proof of it, at its end."""

    text: str
    signature: str = ""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A bit of what the model says in place of an answer that it declines to give."""

    text: str


class ToolStart(msgspec.Struct, frozen=True, gc=False):
    """A call of a tool begins; `index` counts the calls of this reply from 0.

    `signature` is Gemini's proof of the reasoning before it.
    """

    index: int
    id: str
    name: str
    signature: str = ""


class ToolArguments(msgspec.Struct, frozen=True, gc=False):
    """A bit of the JSON text of a call's arguments."""

    index: int
    text: str


class Used(msgspec.Struct, frozen=True, gc=False):
    """Tokens so far; the last one counts.

    Attributes:
        prompt: all of the prompt's, those from and to a cache included.
        completion: all of the answer's, reasoning included.
        cached: of the prompt's, those read from a cache.
        written: of the prompt's, those written to a cache.
        reasoning: of the answer's, those that were reasoning; None where nobody says.
    """

    prompt: int
    completion: int
    cached: int = 0
    written: int = 0
    reasoning: int | None = None

    def reply_usage(self) -> ReplyUsage:
        """Return what the gateway keeps of it."""
        return ReplyUsage(self.prompt, self.completion, self.cached)

    def so_far(self, letters: int) -> ReplyUsage:
        """Return it for a reply that has not ended: vendors count its answer at the end only.

        Args:
            letters: of the answer, as far as it has come.
        """
        written = max(self.completion, -(-letters // _LETTERS_PER_TOKEN))
        return ReplyUsage(self.prompt, written, self.cached, reported=False)

    def usage(self) -> Usage:
        """Return what an answer in the arena keeps of it."""
        return Usage(self.prompt, self.completion, reported=True)


class Ended(msgspec.Struct, frozen=True, gc=False):
    """The answer is whole; usage may follow. `stop_sequence` is the one that ended it."""

    reason: Reason
    stop_sequence: str | None = None


Piece = Text | Thinking | Refusal | ToolStart | ToolArguments | Used | Ended


class Reader(Protocol):
    """Reads one reply of one format.

    Its methods raise `msgspec.MsgspecError` for what is not this format, and ProviderError for an
    error that the upstream reports in place of an answer.
    """

    def event(self, event: SSEEvent) -> Sequence[Piece]:
        """Read one event of a stream."""
        ...

    def whole(self, body: bytes) -> Sequence[Piece]:
        """Read a reply that was not streamed."""
        ...

    def end(self) -> Sequence[Piece]:
        """Return what was held back until the end of a stream."""
        ...


class Writer(Protocol):
    """Writes one reply of one format."""

    def piece(self, piece: Piece) -> bytes:
        """Return the events that say this, perhaps none."""
        ...

    def end(self) -> bytes:
        """Return the events after the last piece."""
        ...

    def whole(self, pieces: Sequence[Piece]) -> bytes:
        """Return a reply in one body of JSON."""
        ...
