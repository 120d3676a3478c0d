"""An Anthropic Messages request as OpenAI chat-completions fields."""

from collections.abc import Mapping
from typing import Final

import msgspec

from blindarena.gateway.translate.messages_format import (
    Block,
    MessagesBody,
    Tool,
    ToolChoice,
    Turn,
    decode_blocks,
    decode_messages,
    decode_source,
)
from blindarena.gateway.translate.refusing import given, invalid, readable, unsupported

_FORGOTTEN: Final = frozenset({"thinking", "redacted_thinking"})
"""Blocks of earlier reasoning: only the model that signed them can use them."""
Part = dict[str, object]


def chat_fields(
    fields: Mapping[str, msgspec.Raw], *, stream: bool, top_k: bool = False
) -> dict[str, msgspec.Raw]:
    """Return the request's fields in OpenAI's format; the model's name is left as it is.

    Args:
        fields: of the Messages request.
        stream: ask for a stream, with usage at its end.
        top_k: the upstream knows `top_k`, which OpenAI's own format lacks.

    Raises:
        GatewayError: 400: a field is wrong, or asks for something that the format lacks.
    """
    with readable():
        body: MessagesBody = decode_messages(msgspec.json.encode(fields))
        out = _fields(body)
    if top_k and body.top_k is not None:
        out["top_k"] = body.top_k
    if stream:
        out |= {"stream": True, "stream_options": {"include_usage": True}}
    encoded = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in out.items()}
    return {"model": fields["model"]} | encoded if "model" in fields else encoded


def _fields(body: MessagesBody) -> dict[str, object]:
    if body.container:
        raise unsupported("container", "this model has no containers")
    if body.mcp_servers:
        raise unsupported("mcp_servers", "this model cannot call MCP servers")
    messages: list[Part] = []
    if body.system:
        messages.append({"role": "system", "content": _system(body.system)})
    for place, turn in enumerate(body.messages):
        messages += _turn(turn, f"messages[{place}]")
    out: dict[str, object] = {"messages": messages}
    for name in ("max_tokens", "temperature", "top_p"):
        if (value := getattr(body, name)) is not None:
            out[name] = value
    if body.stop_sequences:
        out["stop"] = body.stop_sequences
    if body.tools:
        out["tools"] = [_tool(tool, f"tools[{at}]") for at, tool in enumerate(body.tools)]
        if body.tool_choice is not None:
            out |= _tool_choice(body.tool_choice)
    if body.output_config is not None and body.output_config.format is not None:
        schema = {"name": "answer", "schema": body.output_config.format.schema, "strict": True}
        out["response_format"] = {"type": "json_schema", "json_schema": schema}
    return out


def _system(system: str | list[Block]) -> str:
    if isinstance(system, str):
        return system
    return "\n\n".join(block.text for block in system if block.type == "text")


def _turn(turn: Turn, where: str) -> list[Part]:
    match turn.role:
        case "user":
            return _user(turn.content, where)
        case "assistant":
            return [_assistant(turn.content, where)]
        case "system":
            return [{"role": "system", "content": _system(turn.content)}]
    raise invalid(f"{where}.role", f"{turn.role!r}: expected user, assistant or system")


def _user(content: str | list[Block], where: str) -> list[Part]:
    """Return tool results as messages of their own, which must come first, then the rest."""
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    results: list[Part] = []
    parts: list[Part] = []
    for at, block in enumerate(content):
        place = f"{where}.content[{at}]"
        if block.type == "tool_result":
            text, pictures = _result(block, place)
            results.append({"role": "tool", "tool_call_id": block.tool_use_id, "content": text})
            parts += pictures
        else:
            parts.append(_part(block, place))
    if len(parts) == 1 and parts[0]["type"] == "text":
        return [*results, {"role": "user", "content": parts[0]["text"]}]
    return [*results, {"role": "user", "content": parts}] if parts else results


def _assistant(content: str | list[Block], where: str) -> Part:
    if isinstance(content, str):
        return {"role": "assistant", "content": content}
    texts: list[str] = []
    calls: list[Part] = []
    for at, block in enumerate(content):
        if block.type == "text":
            texts.append(block.text)
        elif block.type == "tool_use":
            function = {"name": block.name, "arguments": bytes(block.input).decode()}
            calls.append({"id": block.id, "type": "function", "function": function})
        elif block.type not in _FORGOTTEN:
            raise unsupported(
                f"{where}.content[{at}]", f"a block {block.type!r} cannot be sent to this model"
            )
    message: Part = {"role": "assistant", "content": "".join(texts) if texts else None}
    return message | {"tool_calls": calls} if calls else message


def _result(block: Block, where: str) -> tuple[str, list[Part]]:
    """Return a tool result's text, and its pictures: a tool message can hold text only."""
    if not given(block.content):
        return "", []
    content = decode_blocks(block.content)
    if isinstance(content, str):
        return content, []
    parts = [_part(inner, f"{where}.content[{at}]") for at, inner in enumerate(content)]
    texts = [str(part["text"]) for part in parts if part["type"] == "text"]
    return "\n".join(texts), [part for part in parts if part["type"] != "text"]


def _part(block: Block, where: str) -> Part:
    if block.type == "text":
        return {"type": "text", "text": block.text}
    if block.type not in ("image", "document") or not given(block.source):
        raise unsupported(where, f"a block {block.type!r} cannot be sent to this model")
    source = decode_source(block.source)
    data = f"data:{source.media_type};base64,{source.data}"
    match block.type, source.type:
        case "image", "base64":
            return {"type": "image_url", "image_url": {"url": data}}
        case "image", "url":
            return {"type": "image_url", "image_url": {"url": source.url}}
        case "document", "text":
            return {"type": "text", "text": source.data}
        case "document", "base64":
            name = block.title or "document.pdf"
            return {"type": "file", "file": {"filename": name, "file_data": data}}
    raise unsupported(
        f"{where}.source", f"a source {source.type!r} of a {block.type} cannot be sent here"
    )


def _tool(tool: Tool, where: str) -> Part:
    if tool.type not in (None, "custom"):
        raise unsupported(where, f"{tool.type!r} is a tool that only Anthropic's own models run")
    function: Part = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    empty = {"type": "object", "properties": {}}
    function["parameters"] = tool.input_schema if given(tool.input_schema) else empty
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _tool_choice(choice: ToolChoice) -> Part:
    out: Part = {}
    match choice.type:
        case "auto" | "none":
            out["tool_choice"] = choice.type
        case "any":
            out["tool_choice"] = "required"
        case "tool":
            out["tool_choice"] = {"type": "function", "function": {"name": choice.name}}
        case other:
            raise invalid("tool_choice.type", f"{other!r}: expected auto, any, tool or none")
    if choice.disable_parallel_tool_use:
        out["parallel_tool_calls"] = False
    return out
