"""Write pieces as an Anthropic message, or as the events of one."""

from collections.abc import Sequence
from typing import Final

import msgspec

from blindarena.errors import ProviderError
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

_STOP: Final[dict[Reason, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_REFUSED: Final = {"type": "refusal", "category": None, "explanation": None}
_NULLS: Final = dict.fromkeys(("cache_creation", "inference_geo", "service_tier"))
"""What Anthropic's document requires of a message's usage, and nobody else tells."""
_encode = msgspec.json.Encoder().encode
Fields = dict[str, object]


class MessagesWriter:
    """Writes one reply; a block ends where a piece of another block begins.

    Args:
        id: the reply's, without "msg_".
        model: as the client named it.
        deployment: for the text of errors.
    """

    def __init__(self, *, id: str, model: str, deployment: str = "") -> None:
        self._id = f"msg_{id}"
        self._model = model
        self._deployment = deployment
        self._begun = False
        self._block = -1  # the index of the block that is open, or was last
        self._open: object = None  # "text", "thinking", or the index of a tool's call
        self._ended = Ended("stop")
        self._used = Used(0, 0)
        self._refused = False

    def piece(self, piece: Piece) -> bytes:
        """Return the events that say this, perhaps none."""
        out = b"" if self._begun else self._start()
        match piece:
            case Text(text=text) | Refusal(text=text):
                self._refused |= isinstance(piece, Refusal)
                out += self._switch("text", {"type": "text", "text": "", "citations": None})
                out += self._delta({"type": "text_delta", "text": text})
            case Thinking(text=text, signature=signature):
                out += self._switch(
                    "thinking", {"type": "thinking", "thinking": "", "signature": ""}
                )
                if text:
                    out += self._delta({"type": "thinking_delta", "thinking": text})
                if signature:
                    out += self._delta({"type": "signature_delta", "signature": signature})
            case ToolStart(index=index, id=id, name=name):
                out += self._switch(index, _tool_use(id, name))
            case ToolArguments(index=index, text=text):
                if self._open != index:
                    raise self._error("arguments of a tool's call after that call had ended")
                out += self._delta({"type": "input_json_delta", "partial_json": text})
            case Ended():
                self._ended = _joined(self._ended, piece)
            case Used():
                self._used = piece
        return out

    def end(self) -> bytes:
        """Return the events after the last piece: how it ended, and usage."""
        out = b"" if self._begun else self._start()
        out += self._close()
        usage = _usage(self._used)
        out += _event("message_delta", {"delta": self._ending(), "usage": usage})
        return out + _event("message_stop", {})

    def whole(self, pieces: Sequence[Piece]) -> bytes:
        """Return a message in one body of JSON."""
        blocks: list[Fields] = []
        texts: list[str] = []  # of the block that is last
        kind: object = None
        for piece in pieces:
            match piece:
                case Ended():
                    self._ended = _joined(self._ended, piece)
                    continue
                case Used():
                    self._used = piece
                    continue
                case ToolStart(index=index, id=id, name=name):
                    _fill(blocks, texts)
                    kind = index
                    blocks.append(_tool_use(id, name))
                case ToolArguments(index=index, text=text):
                    if kind != index:
                        raise self._error("arguments of a tool's call after that call had ended")
                    texts.append(text)
                case Text(text=text) | Refusal(text=text):
                    self._refused |= isinstance(piece, Refusal)
                    if kind != "text":
                        _fill(blocks, texts)
                        kind = "text"
                        blocks.append({"type": "text", "text": "", "citations": None})
                    texts.append(text)
                case Thinking(text=text, signature=signature):
                    if kind != "thinking":
                        _fill(blocks, texts)
                        kind = "thinking"
                        blocks.append({"type": "thinking", "thinking": "", "signature": ""})
                    texts.append(text)
                    blocks[-1]["signature"] = signature or blocks[-1]["signature"]
        try:
            _fill(blocks, texts)
        except msgspec.MsgspecError as error:
            raise self._error("a tool's arguments that are no JSON object") from error
        return _encode(self._message(blocks) | self._ending())

    def _message(self, blocks: list[Fields]) -> Fields:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": blocks,
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "container": None,
            "usage": _usage(self._used) | _NULLS,
        }

    def _start(self) -> bytes:
        self._begun = True
        return _event("message_start", {"message": self._message([])}) + _event("ping", {})

    def _switch(self, kind: object, block: Fields) -> bytes:
        """End the open block and begin another, unless it is the same."""
        if kind == self._open and self._open is not None:
            return b""
        out = self._close()
        self._block += 1
        self._open = kind
        start = {"index": self._block, "content_block": block}
        return out + _event("content_block_start", start)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        return _event("content_block_stop", {"index": self._block})

    def _delta(self, delta: Fields) -> bytes:
        return _event("content_block_delta", {"index": self._block, "delta": delta})

    def _ending(self) -> Fields:
        ended = self._ended
        reason = "refusal" if self._refused else _STOP[ended.reason]
        if ended.stop_sequence is not None and reason == "end_turn":
            reason = "stop_sequence"
        details = _REFUSED if reason == "refusal" else None
        ending: Fields = {"stop_reason": reason, "stop_sequence": ended.stop_sequence}
        return ending | {"stop_details": details, "container": None}

    def _error(self, what: str) -> ProviderError:
        text = f"{self._deployment}: the model sent {what}"
        return ProviderError(text, fault="malformed", deployment=self._deployment)


def _joined(before: Ended, now: Ended) -> Ended:
    return Ended(now.reason, now.stop_sequence or before.stop_sequence)


def _fill(blocks: list[Fields], texts: list[str]) -> None:
    """Put the collected text into the last block."""
    if not blocks:
        return
    text = "".join(texts)
    texts.clear()
    last = blocks[-1]
    if last["type"] == "tool_use":
        last["input"] = msgspec.json.decode(text or "{}", type=dict[str, object])
    else:
        last[str(last["type"])] = text


def _usage(used: Used) -> Fields:
    return {
        "input_tokens": max(0, used.prompt - used.cached - used.written),
        "cache_creation_input_tokens": used.written,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.completion,
        "output_tokens_details": None,
        "server_tool_use": None,
    }


def _tool_use(id: str, name: str) -> Fields:
    caller = {"type": "direct"}
    return {"type": "tool_use", "id": id, "name": name, "input": {}, "caller": caller}


def _event(type: str, fields: Fields) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (type.encode(), _encode({"type": type} | fields))
