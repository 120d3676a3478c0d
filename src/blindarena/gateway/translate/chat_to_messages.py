"""An OpenAI chat request as an Anthropic Messages request."""

from typing import Any, Final

import msgspec

from blindarena.gateway.translate.chat_format import (
    Call,
    ChatBody,
    Chosen,
    Part,
    ResponseFormat,
    Tool,
    Turn,
    text_of,
)
from blindarena.gateway.translate.images import data_uri
from blindarena.gateway.translate.refusing import given, invalid, unsupported

Fields = dict[str, Any]
NO_PARAMETERS: Final = {"type": "object", "properties": {}}
_MAX_TEMPERATURE: Final = 1.0
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def messages_body(body: ChatBody, *, model: str, cap: int, stream: bool) -> bytes:
    """Encode the request.

    Args:
        body: read with `read_chat`.
        model: the upstream's name of the model.
        cap: on the answer, where the body names none; this format has no default.
        stream: ask for events.

    Raises:
        GatewayError: 400: something that this format cannot say.
    """
    systems, turns = _turns(body.messages)
    out: Fields = {"model": model, "max_tokens": body.cap or cap, "messages": turns}
    if systems:
        out["system"] = "\n\n".join(systems)
    if body.temperature is not None:  # OpenAI's scale ends at 2
        out["temperature"] = min(body.temperature, _MAX_TEMPERATURE)
    if body.top_p is not None:
        out["top_p"] = body.top_p
    if body.top_k is not None:
        out["top_k"] = body.top_k
    if body.stops:
        out["stop_sequences"] = body.stops
    if body.tools:
        out["tools"] = [_tool(tool, f"tools[{at}]") for at, tool in enumerate(body.tools)]
        choice = _choice(body.tool_choice, parallel=body.parallel_tool_calls)
        if choice:
            out["tool_choice"] = choice
    if body.response_format is not None:
        out |= _format(body.response_format)
    if stream:
        out["stream"] = True
    return msgspec.json.encode(out)


def _turns(messages: list[Turn]) -> tuple[list[str], list[Fields]]:
    """Return system prompts, and turns that alternate: neighbours of one role become one."""
    systems: list[str] = []
    turns: list[Fields] = []
    for at, turn in enumerate(messages):
        where = f"messages[{at}]"
        match turn.role:
            case "system" | "developer":
                systems.append(text_of(turn.content, where))
                continue
            case "user":
                role, blocks = "user", _blocks(turn.content, where)
            case "tool":
                role, blocks = "user", [_result(turn, where)]
            case "assistant":
                role, blocks = "assistant", _said(turn, where)
            case other:
                expected = "expected system, developer, user, assistant or tool"
                raise invalid(f"{where}.role", f"{other!r}: {expected}")
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return systems, turns


def _blocks(content: str | list[Part] | None, where: str) -> list[Fields]:
    """Return content blocks; empty text is left out, which this format refuses."""
    if content is None or isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    blocks = [_block(part, f"{where}.content[{at}]") for at, part in enumerate(content)]
    return [block for block in blocks if block.get("text") != ""]


def _block(part: Part, where: str) -> Fields:
    if part.type == "text":
        return {"type": "text", "text": part.text}
    if part.type == "image_url" and part.image_url is not None:
        url = part.image_url.url
        if found := data_uri(url):
            source = {"type": "base64", "media_type": found[0], "data": found[1]}
        elif url.startswith("https://"):
            source = {"type": "url", "url": url}
        else:
            raise invalid(f"{where}.image_url.url", "expected a data URI or https://...")
        return {"type": "image", "source": source}
    if part.type == "file" and part.file is not None:
        found = data_uri(part.file.file_data or "")
        if found is None or found[0] != "application/pdf":
            raise unsupported(f"{where}.file", "send a PDF as a data URI in file_data")
        source = {"type": "base64", "media_type": found[0], "data": found[1]}
        title = {"title": part.file.filename} if part.file.filename else {}
        return {"type": "document", "source": source} | title
    raise unsupported(where, f"a part {part.type!r} cannot be sent to this model")


def _result(turn: Turn, where: str) -> Fields:
    if not turn.tool_call_id:
        raise invalid(f"{where}.tool_call_id", "is missing")
    result: Fields = {"type": "tool_result", "tool_use_id": turn.tool_call_id}
    if isinstance(turn.content, list):
        result["content"] = _blocks(turn.content, where)
    elif turn.content:
        result["content"] = turn.content
    return result


def _said(turn: Turn, where: str) -> list[Fields]:
    text = text_of(turn.content, where) or turn.refusal or ""
    blocks: list[Fields] = [{"type": "text", "text": text}] if text else []
    for at, call in enumerate(turn.tool_calls or ()):
        arguments = arguments_of(call, f"{where}.tool_calls[{at}]")
        name = call.function.name
        blocks.append({"type": "tool_use", "id": call.id, "name": name, "input": arguments})
    return blocks


def arguments_of(call: Call, where: str) -> msgspec.Raw:
    """Return the arguments of an earlier call as a JSON object."""
    if call.type != "function":
        raise unsupported(where, f"a call of type {call.type!r}: only functions can be called")
    text = call.function.arguments.strip() or "{}"
    try:
        _decode_object(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        place = f"{where}.function.arguments"
        raise invalid(place, f"expected a JSON object: {error}") from error
    return msgspec.Raw(text.encode())


def _tool(tool: Tool, where: str) -> Fields:
    function = tool.function
    if tool.type != "function" or function is None:
        raise unsupported(where, f"a tool of type {tool.type!r}: only functions can be called")
    out: Fields = {
        "name": function.name,
        "input_schema": function.parameters if given(function.parameters) else NO_PARAMETERS,
    }
    if function.description is not None:
        out["description"] = function.description
    if function.strict:
        out["strict"] = True
    return out


def _choice(choice: str | Chosen | None, *, parallel: bool | None) -> Fields:
    single = {"disable_parallel_tool_use": True} if parallel is False else {}
    match choice:
        case None | "auto":
            return {"type": "auto"} | single if choice or single else {}
        case "none":
            return {"type": "none"}
        case "required":
            return {"type": "any"} | single
        case Chosen(type="function", function=function) if function is not None:
            return {"type": "tool", "name": function.name} | single
        case Chosen(type=other):
            raise unsupported("tool_choice.type", f"{other!r}: expected function")
    raise invalid("tool_choice", f"{choice!r}: expected auto, none, required or a function")


def _format(form: ResponseFormat) -> Fields:
    match form.type:
        case "text":
            return {}
        case "json_schema" if form.json_schema is not None and given(form.json_schema.schema):
            schema = {"type": "json_schema", "schema": form.json_schema.schema}
            return {"output_config": {"format": schema}}
        case "json_object":
            what = '"json_object": this model needs a schema; send type "json_schema"'
            raise unsupported("response_format.type", what)
    raise invalid("response_format", f"{form.type!r}: expected text or json_schema with a schema")
