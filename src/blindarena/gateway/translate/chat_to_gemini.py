"""An OpenAI chat request as a Gemini generateContent request.

Source: the discovery document of generativelanguage.googleapis.com, v1beta.
"""

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
from blindarena.gateway.translate.chat_to_messages import arguments_of
from blindarena.gateway.translate.images import data_uri
from blindarena.gateway.translate.refusing import given, invalid, unsupported

Fields = dict[str, Any]
UNSIGNED: Final = "skip_thought_signature_validator"
"""What Google documents for a call whose signature was lost; without, Gemini 3 refuses it."""
_NUMBERS: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def gemini_body(body: ChatBody, *, cap: int | None = None, sign: bool = True) -> bytes:
    """Encode the request; model and streaming are said in the address.

    Args:
        body: read with `read_chat`.
        cap: on the answer, where the body names none.
        sign: the model wants a signature at each call of a tool (Gemini 3 and later).

    Raises:
        GatewayError: 400: something that this format cannot say.
    """
    systems, contents = _contents(body.messages, sign=sign)
    out: Fields = {"contents": contents}
    if systems:
        out["systemInstruction"] = {"parts": [{"text": "\n\n".join(systems)}]}
    if body.tools:
        declared = [_declared(tool, f"tools[{at}]") for at, tool in enumerate(body.tools)]
        out["tools"] = [{"functionDeclarations": declared}]
        if body.tool_choice is not None:
            out["toolConfig"] = {"functionCallingConfig": _choice(body.tool_choice)}
    config: Fields = {}
    if limit := body.cap or cap:
        config["maxOutputTokens"] = limit
    for name, theirs in _NUMBERS.items():
        if (value := getattr(body, name)) is not None:
            config[theirs] = value
    if body.stops:
        config["stopSequences"] = body.stops
    if body.response_format is not None:
        config |= _format(body.response_format)
    if config:
        out["generationConfig"] = config
    return msgspec.json.encode(out)


def _contents(messages: list[Turn], *, sign: bool) -> tuple[list[str], list[Fields]]:
    """Return system prompts, and contents that alternate: neighbours of one role become one."""
    systems: list[str] = []
    contents: list[Fields] = []
    names: dict[str, str] = {}  # of the calls so far, by id
    for at, turn in enumerate(messages):
        where = f"messages[{at}]"
        match turn.role:
            case "system" | "developer":
                systems.append(text_of(turn.content, where))
                continue
            case "user":
                role, parts = "user", _parts(turn.content, where)
            case "tool":
                role, parts = "user", [_response(turn, names, where)]
            case "assistant":
                names |= {call.id: call.function.name for call in turn.tool_calls or ()}
                role, parts = "model", _said(turn, where, sign=sign)
            case other:
                expected = "expected system, developer, user, assistant or tool"
                raise invalid(f"{where}.role", f"{other!r}: {expected}")
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        elif parts:
            contents.append({"role": role, "parts": parts})
    return systems, contents


def _parts(content: str | list[Part] | None, where: str) -> list[Fields]:
    if content is None or isinstance(content, str):
        return [{"text": content}] if content else []
    return [_part(part, f"{where}.content[{at}]") for at, part in enumerate(content)]


def _part(part: Part, where: str) -> Fields:
    if part.type == "text":
        return {"text": part.text}
    if part.type == "image_url" and part.image_url is not None:
        found = data_uri(part.image_url.url)
    elif part.type == "file" and part.file is not None:
        found = data_uri(part.file.file_data or "")
    else:
        raise unsupported(where, f"a part {part.type!r} cannot be sent to this model")
    if found is None:
        raise unsupported(where, "this model fetches nothing: send the bytes as a data URI")
    return {"inlineData": {"mimeType": found[0], "data": found[1]}}


def _response(turn: Turn, names: dict[str, str], where: str) -> Fields:
    """Return a tool's result; one that is no JSON object is put into one."""
    name = names.get(turn.tool_call_id)
    if name is None:
        place = f"{where}.tool_call_id"
        raise invalid(place, f"{turn.tool_call_id!r}: no earlier message calls a tool so")
    text = text_of(turn.content, where)
    try:
        _decode_object(text)
        result: object = msgspec.Raw(text.encode())
    except (msgspec.MsgspecError, RecursionError):
        result = {"result": text}
    return {"functionResponse": {"id": turn.tool_call_id, "name": name, "response": result}}


def _said(turn: Turn, where: str, *, sign: bool) -> list[Fields]:
    text = text_of(turn.content, where) or turn.refusal or ""
    parts: list[Fields] = [{"text": text}] if text else []
    for at, call in enumerate(turn.tool_calls or ()):
        arguments = arguments_of(call, f"{where}.tool_calls[{at}]")
        asked = {"id": call.id, "name": call.function.name, "args": arguments}
        part: Fields = {"functionCall": asked}
        # Of calls side by side only the first carries a signature.
        signature = _signature(call) or (UNSIGNED if sign and at == 0 else None)
        parts.append(part | {"thoughtSignature": signature} if signature else part)
    return parts


def _signature(call: Call) -> str | None:
    """Return what Google's own OpenAI-format door puts beside a call, if the client kept it."""
    extra = call.extra_content
    return extra.google.thought_signature if extra is not None and extra.google else None


def _declared(tool: Tool, where: str) -> Fields:
    function = tool.function
    if tool.type != "function" or function is None:
        raise unsupported(where, f"a tool of type {tool.type!r}: only functions can be called")
    out: Fields = {"name": function.name}
    if function.description is not None:
        out["description"] = function.description
    if given(function.parameters):
        out["parametersJsonSchema"] = function.parameters
    return out


def _choice(choice: str | Chosen) -> Fields:
    match choice:
        case "auto":
            return {"mode": "AUTO"}
        case "none":
            return {"mode": "NONE"}
        case "required":
            return {"mode": "ANY"}
        case Chosen(type="function", function=function) if function is not None:
            return {"mode": "ANY", "allowedFunctionNames": [function.name]}
        case Chosen(type=other):
            raise unsupported("tool_choice.type", f"{other!r}: expected function")
    raise invalid("tool_choice", f"{choice!r}: expected auto, none, required or a function")


def _format(form: ResponseFormat) -> Fields:
    match form.type:
        case "text":
            return {}
        case "json_object":
            return {"responseMimeType": "application/json"}
        case "json_schema" if form.json_schema is not None and given(form.json_schema.schema):
            schema = form.json_schema.schema
            return {"responseMimeType": "application/json", "responseJsonSchema": schema}
    expected = "expected text, json_object or json_schema with a schema"
    raise invalid("response_format", f"{form.type!r}: {expected}")
