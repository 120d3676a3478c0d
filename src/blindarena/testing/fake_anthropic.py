"""What the fake upstream says in Anthropic's Messages format.

Shapes: "Streaming messages" and "Errors" of Anthropic's API reference.
"""

import json
from typing import Final

from blindarena.testing.upstream_behaviour import Behaviour

Fields = dict[str, object]
_STOP: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_ERRORS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_BROKEN: Final = ("reset", "truncated", "hang", "malformed_sse", "error_event")


def whole_reply(behaviour: Behaviour, canary: str) -> bytes:
    """Return the JSON of an answer that is not streamed."""
    blocks: list[Fields] = []
    if behaviour.reasoning:
        thought: Fields = {"type": "thinking", "thinking": behaviour.reasoning, "signature": canary}
        blocks.append(thought)
    if behaviour.text and behaviour.fault != "empty":
        blocks.append({"type": "text", "text": behaviour.text})
    for number, (name, arguments) in enumerate(behaviour.tool_calls):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": name}
        blocks.append(use | {"input": json.loads(arguments)})
    reply = _message(behaviour, canary) | _ending(behaviour) | {"content": blocks}
    usage = {"output_tokens": _count(behaviour)}
    reply["usage"] = _usage() | usage
    return json.dumps(reply, ensure_ascii=False).encode()


def stream_events(behaviour: Behaviour, canary: str) -> tuple[bytes, ...]:
    """Return the events of a streamed answer, faults in the middle included."""
    events = [_event("message_start", message=_message(behaviour, canary)), _event("ping")]
    index = 0
    if behaviour.reasoning:
        block: Fields = {"type": "thinking", "thinking": "", "signature": ""}
        deltas = [{"type": "thinking_delta", "thinking": sign} for sign in behaviour.reasoning]
        deltas.append({"type": "signature_delta", "signature": canary})
        events += _block(index, block, deltas)
        index += 1
    pieces = [] if behaviour.fault == "empty" else behaviour.pieces
    texts = [{"type": "text_delta", "text": piece} for piece in pieces]
    if behaviour.fault in _BROKEN:
        events += _block(index, {"type": "text", "text": ""}, texts[: behaviour.after])[:-1]
        if behaviour.fault == "malformed_sse":
            events.append(f'event: content_block_delta\ndata: {{"type": {canary}\n\n'.encode())
        if behaviour.fault == "error_event":
            error = {"type": "overloaded_error", "message": f"{canary}: Overloaded"}
            events.append(_event("error", error=error))
        return tuple(events)
    if texts:
        events += _block(index, {"type": "text", "text": ""}, texts)
        index += 1
    for number, (name, arguments) in enumerate(behaviour.tool_calls):
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
        size = behaviour.chunk_size
        bits = [arguments[at : at + size] for at in range(0, len(arguments), size)]
        deltas = [{"type": "input_json_delta", "partial_json": bit} for bit in ["", *bits]]
        events += _block(index, block, deltas)
        index += 1
    usage = {"output_tokens": _count(behaviour)}
    events.append(_event("message_delta", delta=_ending(behaviour), usage=usage))
    if behaviour.done:
        events.append(_event("message_stop"))
    return tuple(events)


def error_body(status: int, canary: str) -> Fields:
    """Return an error as Anthropic words it, naming the upstream."""
    error = {"type": _ERRORS.get(status, "api_error"), "message": f"{canary}: refused"}
    return {"type": "error", "error": error, "request_id": f"req_{canary}"}


def _message(behaviour: Behaviour, canary: str) -> Fields:
    return {
        "id": f"msg_{canary}",
        "type": "message",
        "role": "assistant",
        "model": f"{canary}-model",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage() | {"output_tokens": 1},
    }


def _usage() -> Fields:
    """Return a prompt of 12 tokens, 4 of them read from a cache and 3 written to it."""
    return {"input_tokens": 5, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 3}


def _ending(behaviour: Behaviour) -> Fields:
    ending: Fields = {"stop_reason": _STOP[behaviour.finish_reason], "stop_sequence": None}
    if behaviour.refusal:
        details = {"type": "refusal", "category": None, "explanation": behaviour.refusal}
        return ending | {"stop_reason": "refusal", "stop_details": details}
    if behaviour.tool_calls:
        ending["stop_reason"] = "tool_use"
    return ending


def _block(index: int, block: Fields, deltas: list[dict[str, str]]) -> list[bytes]:
    return [
        _event("content_block_start", index=index, content_block=block),
        *(_event("content_block_delta", index=index, delta=delta) for delta in deltas),
        _event("content_block_stop", index=index),
    ]


def _event(kind: str, **fields: object) -> bytes:
    data = json.dumps({"type": kind} | fields, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


def _count(behaviour: Behaviour) -> int:
    """Return the tokens of the answer: one for each event with text or reasoning."""
    return len(behaviour.pieces) + len(behaviour.reasoning)
