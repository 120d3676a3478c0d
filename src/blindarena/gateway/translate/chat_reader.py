"""Read a reply in OpenAI's chat-completions format into pieces."""

from typing import Final

import msgspec

from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.providers.openai_wire import FAILED_FINISH, Delta
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

_NOTHING: Final = (b"", b"null", b"[]", b"{}")
_REASONS: dict[str, Reason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
}


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(Delta, gc=False):
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct, gc=False):
    index: int = 0
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class _Details(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None


_decode_chunk = msgspec.json.Decoder(_Chunk).decode
_decode_usage = msgspec.json.Decoder(_Usage).decode
_decode_text = msgspec.json.Decoder(str).decode


class ChatReader:
    """Reads the first choice of a reply, streamed or whole.

    Args:
        deployment: for the text of errors.
        id: the reply's; it makes the ids of calls that have none.
    """

    def __init__(self, *, deployment: str, id: str = "0") -> None:
        self._deployment = deployment
        self._id = id
        self._calls: dict[int, str] = {}

    def event(self, event: SSEEvent) -> list[Piece]:
        """Read one event of a stream."""
        if event.data == b"[DONE]" or not event.data:
            return []
        return self._read(event.data, failed=event.type == "error")

    def whole(self, body: bytes) -> list[Piece]:
        """Read a reply that was not streamed."""
        return self._read(body, failed=False)

    def end(self) -> list[Piece]:
        """Return nothing: all has been said."""
        return []

    def _read(self, data: bytes, *, failed: bool) -> list[Piece]:
        chunk = _decode_chunk(data)
        if failed or bytes(chunk.error) not in _NOTHING:
            raise self._error("malformed", data.decode("utf-8", "replace")[:300])
        pieces: list[Piece] = []
        for choice in chunk.choices or ():
            if choice.index == 0:
                self._choice(choice, pieces)
        if bytes(chunk.usage) not in _NOTHING:
            pieces.append(_used(_decode_usage(chunk.usage)))
        return pieces

    def _choice(self, choice: _Choice, pieces: list[Piece]) -> None:
        delta = choice.delta or choice.message
        if delta is not None:
            for raw in (delta.reasoning_content, delta.reasoning):
                if thought := _text(raw):
                    pieces.append(Thinking(thought))
                    break  # some hosts send both, with the same text
            if text := delta.text:
                pieces.append(Text(text))
            if refusal := _text(delta.refusal):
                pieces.append(Refusal(refusal))
            for place, call in enumerate(delta.tool_calls or ()):
                self._call(call, place, pieces)
        if choice.finish_reason:
            if choice.finish_reason in FAILED_FINISH:
                raise self._error("server", f"it ended with {choice.finish_reason!r}")
            reason = _REASONS.get(choice.finish_reason, "stop")
            if self._calls and reason == "stop":  # what some engines say after calling a tool
                reason = "tool_calls"
            pieces.append(Ended(reason))

    def _call(self, call: _Call, place: int, pieces: list[Piece]) -> None:
        index = place if call.index is None else call.index
        function = call.function or _Function()
        if index not in self._calls:
            self._calls[index] = call.id or f"call_{self._id}_{index}"
            pieces.append(ToolStart(index, self._calls[index], function.name or ""))
        if function.arguments:
            pieces.append(ToolArguments(index, function.arguments))

    def _error(self, fault: ProviderFault, what: str) -> ProviderError:
        text = f"{self._deployment}: the upstream reports: {what}"
        return ProviderError(text, fault=fault, deployment=self._deployment)


def _text(raw: msgspec.Raw) -> str:
    """Return a field's text; "" for none, and for what is no text."""
    data = bytes(raw)
    return _decode_text(data) if data.startswith(b'"') else ""


def _used(usage: _Usage) -> Used:
    before, after = usage.prompt_tokens_details, usage.completion_tokens_details
    return Used(
        prompt=usage.prompt_tokens,
        completion=usage.completion_tokens,
        cached=(before.cached_tokens or 0) if before is not None else 0,
        reasoning=after.reasoning_tokens if after is not None else None,
    )
