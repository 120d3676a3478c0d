"""Read an Anthropic message, streamed or whole, into pieces."""

from typing import Final

import msgspec

from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.sse import SSEEvent
from blindarena.gateway.translate.pieces import (
    Ended,
    Piece,
    Reason,
    Refusal,
    Text,
    Thinking,
    ToolArguments,
    ToolStart,
    Used,
)

_REASONS: Final[dict[str, Reason]] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_FAULTS: Final[dict[str, tuple[ProviderFault, int]]] = {
    "invalid_request_error": ("bad_request", 400),
    "authentication_error": ("auth", 401),
    "permission_error": ("auth", 403),
    "not_found_error": ("bad_request", 404),
    "rate_limit_error": ("rate_limit", 429),
    "timeout_error": ("timeout", 504),
    "overloaded_error": ("server", 529),
}
"""Source: https://docs.anthropic.com/en/api/errors"""


class Usage(msgspec.Struct, gc=False):
    """Tokens; `input_tokens` leaves out those from and to the cache."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _StopDetails(msgspec.Struct, gc=False):
    explanation: str | None = None


class _Block(msgspec.Struct, gc=False):
    type: str
    text: str = ""
    thinking: str = ""
    signature: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")


class _Message(msgspec.Struct, gc=False):
    content: list[_Block] = []
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: _StopDetails | None = None
    usage: Usage | None = None


class _Delta(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: _StopDetails | None = None


class _Error(msgspec.Struct, gc=False):
    type: str = "api_error"
    message: str = ""


class _Event(msgspec.Struct, gc=False):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: Usage | None = None
    error: _Error | None = None


class _Whole(_Message, gc=False):
    type: str = ""
    error: _Error | None = None


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_whole = msgspec.json.Decoder(_Whole).decode


class MessagesReader:
    """Reads one reply.

    Args:
        deployment: for the text of errors.
    """

    def __init__(self, *, deployment: str) -> None:
        self._deployment = deployment
        self._calls: dict[int, int] = {}  # a block's index to the number of the call
        self._silent: set[int] = set()  # calls of which no argument has come
        self._usage = Usage()

    def event(self, event: SSEEvent) -> list[Piece]:
        """Read one event of a stream."""
        read = _decode_event(event.data)
        match read.type:
            case "content_block_delta" if read.delta is not None:
                return self._delta(read.index, read.delta)
            case "content_block_start" if read.content_block is not None:
                return self._start(read.index, read.content_block)
            case "content_block_stop" if read.index in self._silent:
                return [ToolArguments(self._calls[read.index], "{}")]
            case "message_start" if read.message is not None:
                return self._used(read.message.usage)
            case "message_delta" if read.delta is not None:
                used = self._used(read.usage)
                delta = read.delta
                ended = _ended(delta.stop_reason, delta.stop_sequence, delta.stop_details)
                return [*used, *ended]
            case "error":
                raise self._failed(read.error or _Error())
        return []

    def whole(self, body: bytes) -> list[Piece]:
        """Read a reply that was not streamed."""
        message = _decode_whole(body)
        if message.error is not None:
            raise self._failed(message.error)
        pieces: list[Piece] = []
        for index, block in enumerate(message.content):
            pieces += self._start(index, block)
            if index in self._silent:
                pieces.append(ToolArguments(self._calls[index], "{}"))
        pieces += self._used(message.usage)
        return pieces + _ended(message.stop_reason, message.stop_sequence, message.stop_details)

    def end(self) -> list[Piece]:
        """Return nothing: all has been said."""
        return []

    def _start(self, index: int, block: _Block) -> list[Piece]:
        match block.type:
            case "text" if block.text:
                return [Text(block.text)]
            case "thinking" if block.thinking or block.signature:
                return [Thinking(block.thinking, block.signature)]
            case "tool_use":
                call = self._calls[index] = len(self._calls)
                start = ToolStart(call, block.id, block.name)
                if bytes(block.input) not in (b"{}", b"null"):
                    return [start, ToolArguments(call, bytes(block.input).decode())]
                self._silent.add(index)
                return [start]
        return []

    def _delta(self, index: int, delta: _Delta) -> list[Piece]:
        match delta.type:
            case "text_delta" if delta.text:
                return [Text(delta.text)]
            case "input_json_delta" if delta.partial_json and index in self._calls:
                self._silent.discard(index)
                return [ToolArguments(self._calls[index], delta.partial_json)]
            case "thinking_delta" if delta.thinking:
                return [Thinking(delta.thinking)]
            case "signature_delta" if delta.signature:
                return [Thinking("", delta.signature)]
        return []

    def _used(self, usage: Usage | None) -> list[Piece]:
        """Take the counts that came; each is the sum so far."""
        if usage is None:
            return []
        for name in usage.__struct_fields__:
            if (count := getattr(usage, name)) is not None:
                setattr(self._usage, name, count)
        return [total(self._usage)]

    def _failed(self, error: _Error) -> ProviderError:
        fault, status = _FAULTS.get(error.type, ("server", 500))
        return ProviderError(
            f"{self._deployment}: the upstream reports {error.type}: {error.message[:300]}",
            fault=fault,
            deployment=self._deployment,
            status=status,
            retryable=status not in (400, 401, 403),
        )


def total(usage: Usage) -> Used:
    """Return the counts as others count: the prompt's include those from and to the cache."""
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Used(
        prompt=(usage.input_tokens or 0) + read + written,
        completion=usage.output_tokens or 0,
        cached=read,
        written=written,
    )


def _ended(reason: str | None, sequence: str | None, details: _StopDetails | None) -> list[Piece]:
    if reason is None:
        return []
    ended = Ended(_REASONS.get(reason, "stop"), sequence)
    if reason == "refusal" and details is not None and details.explanation:
        return [Refusal(details.explanation), ended]
    return [ended]
