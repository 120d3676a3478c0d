"""Write pieces as an OpenAI chat completion, or as the chunks of one."""

from collections.abc import Sequence

import msgspec

from blindarena.gateway.translate.pieces import (
    Ended,
    Piece,
    Refusal,
    Text,
    Thinking,
    ToolArguments,
    ToolStart,
    Used,
)

_encode = msgspec.json.Encoder().encode
Fields = dict[str, object]


class ChatWriter:
    """Writes one reply with one choice.

    Args:
        id: the reply's, without "chatcmpl-".
        model: as the client named it.
        created: when, in seconds since 1970.
        want_usage: end a stream with a chunk that holds usage.
    """

    def __init__(self, *, id: str, model: str, created: int, want_usage: bool = False) -> None:
        self._head: Fields = {
            "id": f"chatcmpl-{id}",
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
        }
        self._want_usage = want_usage
        self._begun = False
        self._used: Used | None = None

    def piece(self, piece: Piece) -> bytes:
        """Return the chunks that say this, perhaps none."""
        match piece:
            case Used():
                self._used = piece
                return b""
            case Ended(reason=reason):
                return self._first() + self._chunk({}, reason)
            case Text(text=text):
                delta: Fields = {"content": text}
            case Refusal(text=text):
                delta = {"refusal": text}
            case Thinking(text=text):
                if not text:
                    return b""
                delta = {"reasoning_content": text}
            case ToolStart(index=index):
                delta = {"tool_calls": [{"index": index} | _call(piece, "")]}
            case ToolArguments(index=index, text=text):
                delta = {"tool_calls": [{"index": index, "function": {"arguments": text}}]}
        return self._first() + self._chunk(delta, None)

    def end(self) -> bytes:
        """Return usage where it is wanted, and [DONE]."""
        out = self._first()
        if self._want_usage and self._used is not None:
            last: Fields = {"choices": [], "usage": _usage(self._used)}
            out += b"data: %b\n\n" % _encode(self._head | last)
        return out + b"data: [DONE]\n\n"

    def whole(self, pieces: Sequence[Piece]) -> bytes:
        """Return a chat completion in one body of JSON."""
        texts: dict[type[Piece], str] = {}
        calls: dict[int, tuple[ToolStart, list[str]]] = {}
        reason = "stop"
        for piece in pieces:
            match piece:
                case Text(text=text) | Refusal(text=text) | Thinking(text=text):
                    texts[type(piece)] = texts.get(type(piece), "") + text
                case ToolStart():
                    calls[piece.index] = (piece, [])
                case ToolArguments():
                    calls[piece.index][1].append(piece.text)
                case Used():
                    self._used = piece
                case Ended():
                    reason = piece.reason
        message: Fields = {
            "role": "assistant",
            "content": texts.get(Text, None if calls or Refusal in texts else ""),
            "refusal": texts.get(Refusal),
            "annotations": [],
        }
        if texts.get(Thinking):
            message["reasoning_content"] = texts[Thinking]
        if calls:
            message["tool_calls"] = [
                _call(start, "".join(bits) or "{}") for start, bits in calls.values()
            ]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        reply = self._head | {"object": "chat.completion", "choices": [choice]}
        if self._used is not None:
            reply["usage"] = _usage(self._used)
        return _encode(reply)

    def _first(self) -> bytes:
        """Return the chunk that names the role, once."""
        if self._begun:
            return b""
        self._begun = True
        return self._chunk({"role": "assistant", "content": "", "refusal": None}, None)

    def _chunk(self, delta: Fields, reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = self._head | {"choices": [choice]}
        if self._want_usage:
            chunk["usage"] = None
        return b"data: %b\n\n" % _encode(chunk)


def _call(start: ToolStart, arguments: str) -> Fields:
    """Return a call; a signature stands where Google's own OpenAI-format door puts it."""
    function = {"name": start.name, "arguments": arguments}
    call: Fields = {"id": start.id, "type": "function", "function": function}
    if start.signature:
        call["extra_content"] = {"google": {"thought_signature": start.signature}}
    return call


def _usage(used: Used) -> Fields:
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.prompt + used.completion,
        "prompt_tokens_details": {"cached_tokens": used.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": used.reasoning or 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
