"""Read a Gemini generateContent reply, streamed or whole, into pieces."""

from typing import Final

import msgspec

from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.sse import SSEEvent
from blindarena.gateway.translate.pieces import (
    Ended,
    Piece,
    Reason,
    Text,
    Thinking,
    ToolArguments,
    ToolStart,
    Used,
)

_REASONS: Final[dict[str, Reason]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "ESCALATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
}
"""All others, as MALFORMED_FUNCTION_CALL and OTHER, mean that the answer broke off."""


class _FunctionCall(msgspec.Struct, gc=False):
    name: str
    id: str | None = None
    args: msgspec.Raw = msgspec.Raw(b"{}")


class _Part(msgspec.Struct, gc=False, rename="camel"):
    text: str = ""
    thought: bool = False
    thought_signature: str | None = None
    function_call: _FunctionCall | None = None


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None
    index: int = 0


class _Feedback(msgspec.Struct, gc=False, rename="camel"):
    block_reason: str | None = None


class _Usage(msgspec.Struct, gc=False, rename="camel"):
    prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0
    cached_content_token_count: int = 0
    tool_use_prompt_token_count: int = 0


class _Error(msgspec.Struct, gc=False):
    code: int = 500
    message: str = ""
    status: str = ""


class _Response(msgspec.Struct, gc=False, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Response).decode


class GeminiReader:
    """Reads one reply.

    Args:
        deployment: for the text of errors.
        id: the reply's; it makes the ids of calls that have none.
    """

    def __init__(self, *, deployment: str, id: str) -> None:
        self._deployment = deployment
        self._id = id
        self._calls = 0
        self._ended: Ended | None = None  # it may come with every event of a stream

    def event(self, event: SSEEvent) -> list[Piece]:
        """Read one event of a stream."""
        return self._read(event.data)

    def whole(self, body: bytes) -> list[Piece]:
        """Read a reply that was not streamed."""
        return self._read(body) + self.end()

    def end(self) -> list[Piece]:
        """Return why it ended."""
        return [] if self._ended is None else [self._ended]

    def _read(self, data: bytes) -> list[Piece]:
        reply = _decode(data)
        if reply.error is not None:
            raise self._failed(reply.error)
        pieces: list[Piece] = []
        for candidate in reply.candidates or ():
            if candidate.index == 0:
                self._candidate(candidate, pieces)
        if reply.prompt_feedback is not None and reply.prompt_feedback.block_reason:
            self._ended = Ended("content_filter")
        if reply.usage_metadata is not None:
            pieces.append(_used(reply.usage_metadata))
        return pieces

    def _candidate(self, candidate: _Candidate, pieces: list[Piece]) -> None:
        for part in (candidate.content.parts if candidate.content else None) or ():
            if part.function_call is not None:
                self._call(part.function_call, part.thought_signature, pieces)
            elif part.text:
                pieces.append(Thinking(part.text) if part.thought else Text(part.text))
        word = candidate.finish_reason
        if word is None or word == "FINISH_REASON_UNSPECIFIED":
            return
        reason = _REASONS.get(word)
        if reason is None:
            raise self._error("server", f"it ended with {word!r}", None)
        self._ended = Ended("tool_calls" if reason == "stop" and self._calls else reason)

    def _call(self, call: _FunctionCall, signature: str | None, pieces: list[Piece]) -> None:
        """Read a call, which comes whole."""
        index = self._calls
        self._calls += 1
        id = call.id or f"call_{self._id}_{index}"
        pieces.append(ToolStart(index, id, call.name, signature or ""))
        arguments = bytes(call.args)
        pieces.append(ToolArguments(index, "{}" if arguments == b"null" else arguments.decode()))

    def _failed(self, error: _Error) -> ProviderError:
        what = f"{error.status}: {error.message[:300]}"
        match error.code:
            case 429:
                return self._error("rate_limit", what, 429)
            case 401 | 403:
                return self._error("auth", what, error.code)
            case code if 400 <= code < 500:
                return self._error("bad_request", what, code)
        return self._error("server", what, error.code)

    def _error(self, fault: ProviderFault, what: str, status: int | None) -> ProviderError:
        return ProviderError(
            f"{self._deployment}: the upstream reports {what}",
            fault=fault,
            deployment=self._deployment,
            status=status,
            retryable=fault in ("server", "rate_limit"),
        )


def _used(usage: _Usage) -> Used:
    """Return the counts as others count: thoughts are part of the completion."""
    return Used(
        prompt=usage.prompt_token_count + usage.tool_use_prompt_token_count,
        completion=usage.candidates_token_count + usage.thoughts_token_count,
        cached=usage.cached_content_token_count,
        reasoning=usage.thoughts_token_count,
    )
