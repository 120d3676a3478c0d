"""Anthropic's Messages request, as far as we read it.

Source: the API reference at docs.anthropic.com and the types of the PyPI package `anthropic`.
"""

from typing import Any

import msgspec


class Source(msgspec.Struct, gc=False):
    """Where the bytes of an image or a document are."""

    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""


class Block(msgspec.Struct, gc=False):
    """One content block of any type; which fields count depends on it.

    Attributes:
        source: of "image" and "document".
        input: of "tool_use".
        content: of "tool_result".
    """

    type: str
    text: str = ""
    source: msgspec.Raw = msgspec.Raw()
    title: str | None = None
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")
    tool_use_id: str = ""
    content: msgspec.Raw = msgspec.Raw()


class Turn(msgspec.Struct, gc=False):
    """One message."""

    role: str
    content: str | list[Block]


class Tool(msgspec.Struct, gc=False):
    """A tool; `type` other than "custom" is one that Anthropic runs itself."""

    name: str
    type: str | None = None
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class ToolChoice(msgspec.Struct, gc=False):
    """Whether and which tool must be called."""

    type: str
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class Format(msgspec.Struct, gc=False):
    """The JSON schema that the answer must fit."""

    type: str
    schema: msgspec.Raw


class OutputConfig(msgspec.Struct, gc=False):
    """Structured output; `effort` is not read."""

    format: Format | None = None


class MessagesBody(msgspec.Struct, gc=False):
    """The body; a field that is not here has no counterpart and is dropped."""

    messages: list[Turn]
    max_tokens: int | None = None
    system: str | list[Block] | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    output_config: OutputConfig | None = None
    container: Any = None
    mcp_servers: list[Any] | None = None


decode_messages = msgspec.json.Decoder(MessagesBody).decode
decode_blocks = msgspec.json.Decoder(str | list[Block]).decode
decode_source = msgspec.json.Decoder(Source).decode
