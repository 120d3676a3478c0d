"""OpenAI's chat-completions format: what we send and the few fields that we read."""

from base64 import b64encode
from typing import Final

import msgspec

from blindarena.domain.chat import ChatRequest, FinishReason, Message, Usage
from blindarena.gateway.catalog import Quirks

_NOTHING: Final = (b"", b"null", b'""', b"[]", b"{}")
_FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
}
FAILED_FINISH: Final = frozenset({"error", "network_error", "insufficient_system_resource"})
"""Finish reasons of some hosts that mean the answer broke off."""


class _Part(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None


class Delta(msgspec.Struct, gc=False):
    """A piece of a message; content is parts where a host sends its reasoning among them.

    `refusal` is what the model says in place of an answer that it declines to give.
    """

    content: str | list[_Part] | None = None
    refusal: msgspec.Raw = msgspec.Raw()
    reasoning_content: msgspec.Raw = msgspec.Raw()
    reasoning: msgspec.Raw = msgspec.Raw()

    @property
    def text(self) -> str:
        """The visible text; reasoning is not."""
        content = self.content
        if isinstance(content, str):
            return content
        return "".join(part.text or "" for part in content or () if part.type == "text")

    @property
    def refuses(self) -> bool:
        """Say whether the model declines to answer, in words that are no answer."""
        return bytes(self.refusal) not in _NOTHING

    @property
    def thinks(self) -> bool:
        """Say whether the model is at work without showing text."""
        if bytes(self.reasoning_content) not in _NOTHING or bytes(self.reasoning) not in _NOTHING:
            return True
        return isinstance(self.content, list) and bool(self.content)


class Choice(msgspec.Struct, gc=False):
    """One alternative; we ask for one, with index 0."""

    index: int = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class _TailOfGroq(msgspec.Struct, gc=False):
    usage: msgspec.Raw = msgspec.Raw()


class Chunk(msgspec.Struct, gc=False):
    """One event of a stream, or a whole reply; `usage` and `error` are read only when needed."""

    choices: list[Choice] | None = None
    usage: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    x_groq: _TailOfGroq | None = None

    @property
    def failed(self) -> bool:
        """Say whether it reports an error in place of an answer."""
        return bytes(self.error) not in _NOTHING


class _Details(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _Details | None = None


decode_chunk = msgspec.json.Decoder(Chunk).decode
_decode_usage = msgspec.json.Decoder(_Usage).decode


def to_wire(request: ChatRequest, *, model: str, quirks: Quirks) -> bytes:
    """Encode the body of a streaming request; a parameter that is None is left out."""
    parameters = request.parameters
    body: dict[str, object] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        quirks.max_tokens_field: parameters.max_tokens,
    }
    if quirks.stream_options:
        body["stream_options"] = {"include_usage": True}
    if parameters.temperature is not None:
        body["temperature"] = parameters.temperature
    if parameters.top_p is not None:
        body["top_p"] = parameters.top_p
    if parameters.seed is not None and quirks.seed_field is not None:
        body[quirks.seed_field] = parameters.seed
    if parameters.stop:
        body["stop"] = parameters.stop
    if request.response_schema is not None:
        schema = msgspec.Raw(request.response_schema.encode())
        named = {"name": "answer", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return msgspec.json.encode(body)


def _message(message: Message) -> dict[str, object]:
    """Give a message's content as a string; as parts, the text first, where it has pictures."""
    if not message.images:
        return {"role": message.role, "content": message.content}
    parts: list[dict[str, object]] = []
    if message.content:
        parts.append({"type": "text", "text": message.content})
    for image in message.images:
        # Megabytes that need no escaping: as raw JSON they are not looked through once more.
        url = b'"data:%b;base64,%b"' % (image.media_type.encode(), b64encode(image.data))
        parts.append({"type": "image_url", "image_url": {"url": msgspec.Raw(url)}})
    return {"role": message.role, "content": parts}


def usage_of(chunk: Chunk) -> tuple[Usage, int] | None:
    """Read usage and cached prompt tokens; None where there is none, or none that can be read."""
    raw = bytes(chunk.usage)
    if raw in _NOTHING and chunk.x_groq is not None:
        raw = bytes(chunk.x_groq.usage)
    if raw in _NOTHING:
        return None
    try:
        usage = _decode_usage(raw)
    except msgspec.MsgspecError:
        return None
    if usage.prompt_tokens < 0 or usage.completion_tokens < 0:
        return None
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details is not None else 0
    return Usage(usage.prompt_tokens, usage.completion_tokens, reported=True), max(0, cached)


def finish_reason_of(word: str | None) -> FinishReason:
    """Translate an upstream's word; whatever else ended the text is a "stop"."""
    return _FINISH.get(word or "", "stop")
