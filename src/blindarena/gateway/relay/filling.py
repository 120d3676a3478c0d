"""Put in the fields that OpenAI's document requires and engines leave out.

Source: the OpenAPI document of OpenAI, schemas CreateChatCompletionResponse,
CreateChatCompletionStreamResponse, CreateCompletionResponse and CreateEmbeddingResponse.
"""

from dataclasses import dataclass
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

_OBJECT: dict[tuple[Endpoint, bool], bytes] = {
    ("chat", False): b'"chat.completion"',
    ("chat", True): b'"chat.completion.chunk"',
    ("completions", False): b'"text_completion"',
    ("completions", True): b'"text_completion"',
    ("embeddings", False): b'"list"',
}
_MESSAGE: Fields = {
    "role": msgspec.Raw(b'"assistant"'),
    "content": NULL,
    "refusal": NULL,
}


class NotAReplyError(ValueError):
    """The JSON is no reply of the endpoint; the text says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """What a reply to one call lacks at most.

    Attributes:
        top: fields around the choices, with what to put in where one is missing.
        choice: fields of a choice, but its index.
        parts: the name of the list: "choices", or "data" of embeddings.
        message: it holds messages, whose fields are filled too.
    """

    top: Fields
    choice: Fields
    parts: str
    message: bool

    def missing(self, reply: Fields) -> bool:
        """Say whether a reply lacks any of it."""
        if any(name not in reply for name in self.top):
            return True
        for part in _decode_objects(reply[self.parts]):
            if "index" not in part or any(name not in part for name in self.choice):
                return True
            if self.message:
                message = _decode_object(part["message"])
                if any(name not in message for name in _MESSAGE):
                    return True
        return False

    def fill(self, reply: Fields) -> bytes:
        """Return the reply with what it lacks; what is there stays as it is, in its order."""
        parts = _decode_objects(reply[self.parts])
        for index, part in enumerate(parts):
            part.setdefault("index", msgspec.Raw(b"%d" % index))
            for name, value in self.choice.items():
                part.setdefault(name, value)
            if self.message:
                message = _decode_object(part["message"])
                for name, value in _MESSAGE.items():
                    message.setdefault(name, value)
                part["message"] = msgspec.Raw(_encode(message))
        whole = reply | {self.parts: msgspec.Raw(_encode(parts))}
        for name, value in self.top.items():
            whole.setdefault(name, value)
        return _encode(whole)


def template_of(call: Call, *, created: int, stream: bool) -> Template:
    """Return what the reply to a call must have.

    Args:
        call: of the endpoint chat, completions or embeddings.
        created: the time in seconds since 1970, UTC.
        stream: of one event of a stream.
    """
    kind = msgspec.Raw(_OBJECT[call.endpoint, stream])
    # What the upstream calls its model is left as it says it: it may name the snapshot that
    # answered. Where it says nothing, the client's own name stands.
    model = msgspec.Raw(_encode(call.model))
    if call.endpoint == "embeddings":
        item = {"object": msgspec.Raw(b'"embedding"')}
        return Template({"object": kind, "model": model}, item, "data", message=False)
    name = "chatcmpl" if call.endpoint == "chat" else "cmpl"
    top = {
        "id": msgspec.Raw(b'"%s-%s"' % (name.encode(), call.request_id.encode())),
        "object": kind,
        "created": msgspec.Raw(b"%d" % created),
        "model": model,
    }
    if stream:
        choice = {"finish_reason": NULL}
        if call.endpoint == "completions":
            choice["logprobs"] = NULL
    else:
        choice = {"finish_reason": msgspec.Raw(b'"stop"'), "logprobs": NULL}
    return Template(top, choice, "choices", message=call.endpoint == "chat" and not stream)


def read_object(data: bytes) -> Fields:
    """Read a JSON object.

    Raises:
        NotAReplyError: it is none, or not UTF-8.
    """
    try:
        return _decode_object(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotAReplyError(f"not a JSON object: {error}") from error


def as_events(reply: Fields, template: Template, *, want_usage: bool) -> bytes:
    """Write a reply that was not streamed as the events of a stream.

    Args:
        reply: it has its list of choices.
        template: of an event of the stream.
        want_usage: the reader asked for an event with the usage.
    """
    around = {name: value for name, value in reply.items() if name not in ("usage", "choices")}
    around["object"] = template.top["object"]
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
