"""OpenAI's chat-completions request, as far as we read it.

Source: OpenAI's published OpenAPI document and the types of the PyPI package `openai`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from blindarena.gateway.translate.refusing import invalid, readable, unsupported


class ImageURL(msgspec.Struct, gc=False):
    """An address on the web, or a data URI."""

    url: str


class File(msgspec.Struct, gc=False):
    """A file in a message: its bytes as a data URI, or an id at OpenAI."""

    file_data: str | None = None
    filename: str | None = None


class Part(msgspec.Struct, gc=False):
    """One content part of any type."""

    type: str
    text: str = ""
    refusal: str = ""
    image_url: ImageURL | None = None
    file: File | None = None


class Function(msgspec.Struct, gc=False):
    """A call's function; `arguments` is JSON in a string."""

    name: str = ""
    arguments: str = ""


class Google(msgspec.Struct, gc=False):
    """What a Gemini model wants back with a call."""

    thought_signature: str | None = None


class Extra(msgspec.Struct, gc=False):
    """What OpenAI's format has no field for."""

    google: Google | None = None


class Call(msgspec.Struct, gc=False):
    """One call of a tool in an earlier answer."""

    id: str
    type: str = "function"
    function: Function = msgspec.field(default_factory=Function)
    extra_content: Extra | None = None


class Turn(msgspec.Struct, gc=False):
    """One message."""

    role: str
    content: str | list[Part] | None = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: str = ""
    name: str | None = None


class FunctionTool(msgspec.Struct, gc=False):
    """What a tool is."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class Tool(msgspec.Struct, gc=False):
    """A tool; only functions can be said in other formats."""

    type: str = "function"
    function: FunctionTool | None = None


class _Named(msgspec.Struct, gc=False):
    name: str = ""


class Chosen(msgspec.Struct, gc=False):
    """The one tool that must be called."""

    type: str
    function: _Named | None = None


class Schema(msgspec.Struct, gc=False):
    """The JSON schema that the answer must fit."""

    name: str = "answer"
    schema: msgspec.Raw = msgspec.Raw()


class ResponseFormat(msgspec.Struct, gc=False):
    """What the answer must look like."""

    type: str
    json_schema: Schema | None = None


class ChatBody(msgspec.Struct, gc=False):
    """The body; a field that is not here is a knob that other formats lack, and is dropped."""

    messages: list[Turn]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stop: str | list[str] | None = None
    tools: list[Tool] | None = None
    tool_choice: str | Chosen | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    modalities: list[str] | None = None
    audio: Any = None
    functions: list[Any] | None = None
    web_search_options: Any = None

    @property
    def cap(self) -> int | None:
        """The cap on the answer's length, by its new name or its old one."""
        return self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens

    @property
    def stops(self) -> list[str]:
        """Stop sequences."""
        return [self.stop] if isinstance(self.stop, str) else self.stop or []


_decode = msgspec.json.Decoder(ChatBody).decode


def read_chat(fields: Mapping[str, msgspec.Raw], *, upstream: str) -> ChatBody:
    """Read a request that will be said in another format.

    Args:
        fields: of the body.
        upstream: what it will be sent to, for errors.

    Raises:
        GatewayError: 400: a field is wrong, or asks for what no other format can say.
    """
    with readable():
        body = _decode(msgspec.json.encode(fields))
    if not body.messages:
        raise invalid("messages", "there are none")
    if body.n is not None and body.n != 1:
        raise unsupported("n", f"{body.n}: {upstream} gives one answer per request; send n = 1")
    if body.logprobs or body.top_logprobs:
        raise unsupported("logprobs", f"{upstream} tells no log probabilities; leave it out")
    if body.audio or "audio" in (body.modalities or ()):
        raise unsupported("modalities", f"{upstream} answers in text only")
    if body.functions:
        raise unsupported("functions", "the old form of tools; send them as `tools`")
    if body.web_search_options is not None:
        raise unsupported("web_search_options", f"{upstream} does not search the web here")
    return body


def text_of(content: str | list[Part] | None, where: str) -> str:
    """Return the text of a content that may hold text only."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    for at, part in enumerate(content):
        if part.type not in ("text", "refusal"):
            raise unsupported(f"{where}.content[{at}]", f"a part {part.type!r} in such a message")
    return "".join(part.text or part.refusal for part in content)
