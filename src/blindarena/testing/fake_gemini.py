"""What the fake upstream says in Gemini's generateContent format.

Shapes: schemas GenerateContentResponse and Status of the API's discovery document, v1beta.
"""

import json
from typing import Final

from blindarena.testing.upstream_behaviour import Behaviour, sse

Fields = dict[str, object]
_STOP: Final = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
}
_ERRORS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
_BROKEN: Final = ("reset", "truncated", "hang", "malformed_sse", "error_event")


def whole_reply(behaviour: Behaviour, canary: str) -> bytes:
    """Return the JSON of an answer that is not streamed."""
    if behaviour.refusal:
        return json.dumps(_blocked(canary)).encode()
    parts: list[Fields] = []
    if behaviour.reasoning:
        parts.append({"text": behaviour.reasoning, "thought": True})
    if behaviour.text and behaviour.fault != "empty":
        parts.append({"text": behaviour.text})
    return json.dumps(
        _response(behaviour, canary, parts + _calls(behaviour), last=True), ensure_ascii=False
    ).encode()


def stream_events(behaviour: Behaviour, canary: str) -> tuple[bytes, ...]:
    """Return the events of a streamed answer, faults in the middle included."""
    if behaviour.refusal:
        return (sse(json.dumps(_blocked(canary))),)
    pieces = [] if behaviour.fault == "empty" else behaviour.pieces
    parts: list[Fields] = [{"text": sign, "thought": True} for sign in behaviour.reasoning]
    texts: list[Fields] = [{"text": piece} for piece in pieces]
    if behaviour.fault in _BROKEN:
        events = [_event(behaviour, canary, part) for part in parts + texts[: behaviour.after]]
        if behaviour.fault == "malformed_sse":
            events.append(sse(f'{{"candidates": [{canary}'))
        if behaviour.fault == "error_event":
            events.append(sse(json.dumps(error_body(503, canary))))
        return tuple(events)
    parts += texts + _calls(behaviour)
    last: Fields = parts.pop() if parts else {"text": ""}
    return (
        *(_event(behaviour, canary, part) for part in parts),
        _event(behaviour, canary, last, last=True),
    )


def error_body(status: int, canary: str) -> Fields:
    """Return an error as Google words it, naming the upstream."""
    error: Fields = {
        "code": status,
        "message": f"{canary}: refused",
        "status": _ERRORS.get(status, "INTERNAL"),
    }
    if status == 429:
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        error["details"] = [{"@type": kind, "retryDelay": "17s"}]
    return {"error": error}


def _event(behaviour: Behaviour, canary: str, part: Fields, *, last: bool = False) -> bytes:
    response = _response(behaviour, canary, [part], last=last)
    return sse(json.dumps(response, ensure_ascii=False))


def _response(behaviour: Behaviour, canary: str, parts: list[Fields], *, last: bool) -> Fields:
    candidate: Fields = {"content": {"role": "model", "parts": parts}, "index": 0}
    if last:
        candidate["finishReason"] = _STOP[behaviour.finish_reason]
    thoughts = len(behaviour.reasoning)
    usage: Fields = {"promptTokenCount": 12, "cachedContentTokenCount": 4}
    usage |= {"candidatesTokenCount": _count(behaviour) - thoughts, "thoughtsTokenCount": thoughts}
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": f"{canary}-model",
        "responseId": canary,
    }


def _calls(behaviour: Behaviour) -> list[Fields]:
    """Return the calls; only the first carries a signature, as in the vendor's parallel calls."""
    calls: list[Fields] = []
    for number, (name, arguments) in enumerate(behaviour.tool_calls):
        part: Fields = {"functionCall": {"name": name, "args": json.loads(arguments)}}
        calls.append(part | {"thoughtSignature": "c2lnbmVk"} if number == 0 else part)
    return calls


def _blocked(canary: str) -> Fields:
    return {
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 12},
        "modelVersion": f"{canary}-model",
    }


def _count(behaviour: Behaviour) -> int:
    """Return the tokens of the answer: one for each event with text or reasoning."""
    return len(behaviour.pieces) + len(behaviour.reasoning)
