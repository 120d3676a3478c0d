"""Put in the fields that OpenAI's document requires and engines leave out.

Source: the OpenAPI document of OpenAI, schemas CreateChatCompletionResponse,
CreateChatCompletionStreamResponse, CreateCompletionResponse and CreateEmbeddingResponse.
"""

import time
from collections.abc import Callable
from typing import Final

import msgspec

from blindarena.domain.usage import Endpoint
from blindarena.gateway.calls import Call

Fields = dict[str, msgspec.Raw]

NULL: Final = msgspec.Raw(b"null")
NOTHING: Final = (b"null", b"{}", b'""')
_decode_object = msgspec.json.Decoder(Fields).decode
_decode_objects = msgspec.json.Decoder(list[Fields]).decode
_encode = msgspec.json.Encoder().encode

_OBJECT: Final[dict[tuple[Endpoint, bool], msgspec.Raw]] = {
    ("chat", False): msgspec.Raw(b'"chat.completion"'),
    ("chat", True): msgspec.Raw(b'"chat.completion.chunk"'),
    ("completions", False): msgspec.Raw(b'"text_completion"'),
    ("completions", True): msgspec.Raw(b'"text_completion"'),
    ("embeddings", False): msgspec.Raw(b'"list"'),
}
_TOP: Final = frozenset(("id", "object", "created", "model"))
_TOP_OF_EMBEDDINGS: Final = frozenset(("object", "model"))
_STOP = msgspec.Raw(b'"stop"')
_CHOICE: Final[dict[tuple[Endpoint, bool], Fields]] = {
    ("chat", False): {"finish_reason": _STOP, "logprobs": NULL},
    ("chat", True): {"finish_reason": NULL},
    ("completions", False): {"finish_reason": _STOP, "logprobs": NULL},
    ("completions", True): {"finish_reason": NULL, "logprobs": NULL},
    ("embeddings", False): {"object": msgspec.Raw(b'"embedding"')},
}
_MESSAGE: Fields = {
    "role": msgspec.Raw(b'"assistant"'),
    "content": NULL,
    "refusal": NULL,
}


class NotAReplyError(ValueError):
    """The JSON is no reply of the endpoint; the text says why."""


class Template:
    """What a reply to one call lacks at most.

    What the upstream calls its model is left as it says it: it may name the snapshot that
    answered. Where it says nothing, the client's own name stands.

    Args:
        call: of the endpoint chat, completions or embeddings.
        stream: the reply is one event of a stream.
        now: the time in seconds since 1970, UTC.

    Attributes:
        parts: the name of the list: "choices", or "data" of embeddings.
    """

    __slots__ = ("_call", "_choice", "_created", "_message", "_stream", "_top", "parts")

    def __init__(self, call: Call, *, stream: bool, now: Callable[[], float] = time.time) -> None:
        embeds = call.endpoint == "embeddings"
        self.parts = "data" if embeds else "choices"
        self._call = call
        self._stream = stream
        self._created = int(now())
        self._top = _TOP_OF_EMBEDDINGS if embeds else _TOP
        self._choice = _CHOICE[call.endpoint, stream]
        self._message = call.endpoint == "chat" and not stream

    def missing(self, reply: Fields) -> bool:
        """Say whether a reply lacks any of it."""
        if not reply.keys() >= self._top:
            return True
        for part in _decode_objects(reply[self.parts]):
            if "index" not in part or not part.keys() >= self._choice.keys():
                return True
            if self._message and not _decode_object(part["message"]).keys() >= _MESSAGE.keys():
                return True
        return False

    def fill(self, reply: Fields) -> bytes:
        """Return the reply with what it lacks; what is there stays as it is, in its order."""
        parts = _decode_objects(reply[self.parts])
        for index, part in enumerate(parts):
            part.setdefault("index", msgspec.Raw(b"%d" % index))
            _add(part, self._choice)
            if self._message:
                message = _decode_object(part["message"])
                _add(message, _MESSAGE)
                part["message"] = msgspec.Raw(_encode(message))
        whole = reply | {self.parts: msgspec.Raw(_encode(parts))}
        if not whole.keys() >= self._top:
            _add(whole, self._around())
        return _encode(whole)

    def kind(self) -> msgspec.Raw:
        """Return what the field `object` says."""
        return _OBJECT[self._call.endpoint, self._stream]

    def _around(self) -> Fields:
        model = msgspec.Raw(_encode(self._call.model))
        if self.parts == "data":
            return {"object": self.kind(), "model": model}
        name = b"chatcmpl" if self._call.endpoint == "chat" else b"cmpl"
        return {
            "id": msgspec.Raw(b'"%s-%s"' % (name, self._call.request_id.encode())),
            "object": self.kind(),
            "created": msgspec.Raw(b"%d" % self._created),
            "model": model,
        }


def _add(fields: Fields, missing: Fields) -> None:
    for name, value in missing.items():
        fields.setdefault(name, value)


def read_object(data: bytes) -> Fields:
    """Read a JSON object.

    Raises:
        NotAReplyError: it is none, or not UTF-8.
    """
    try:
        return _decode_object(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotAReplyError(f"not a JSON object: {error}") from error


def as_events(reply: Fields, template: Template, *, want_usage: bool) -> bytes:
    """Write a reply that was not streamed as the events of a stream.

    Args:
        reply: it has its list of choices.
        template: of an event of the stream.
        want_usage: the reader asked for an event with the usage.
    """
    around = {name: value for name, value in reply.items() if name not in ("usage", "choices")}
    around["object"] = template.kind()
    choices = _decode_objects(reply["choices"])
    for choice in choices:
        if "message" in choice:
            message = _decode_object(choice.pop("message"))
            if "tool_calls" in message and bytes(message["tool_calls"]) != b"null":
                calls = _decode_objects(message["tool_calls"])
                numbered = [{"index": msgspec.Raw(b"%d" % i)} | c for i, c in enumerate(calls)]
                message["tool_calls"] = msgspec.Raw(_encode(numbered))
            choice["delta"] = msgspec.Raw(_encode(message))
    whole = template.fill(around | {"choices": msgspec.Raw(_encode(choices))})
    events = b"data: %b\n\n" % whole
    if want_usage and "usage" in reply:
        last = template.fill(around | {"choices": msgspec.Raw(b"[]"), "usage": reply["usage"]})
        events += b"data: %b\n\n" % last
    return events + b"data: [DONE]\n\n"
