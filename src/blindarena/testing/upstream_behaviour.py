"""What the fake upstream does for a model, and the bytes that it then sends."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from blindarena.domain.chat import Image, ImageType

Fault = Literal[
    "reset_before",  # the connection is reset in place of a reply
    "reset",  # ... in the middle of the stream
    "truncated",  # the stream ends cleanly, but without finish reason and [DONE]
    "hang_before",  # no reply at all
    "hang",  # ... nothing more in the middle of the stream, but comments that keep it alive
    "malformed_sse",  # a line of noise in place of JSON
    "invalid_json",  # status 200, content type JSON, no JSON
    "error_event",  # an error object in the stream
    "html",  # status 200 and a web page
    "empty",  # a stream that is right but has no text
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "rate_limited",
    "server_error",
    "overloaded",
    "redirect",
]
STATUS: dict[Fault, int] = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "rate_limited": 429,
    "server_error": 500,
    "overloaded": 529,
    "redirect": 307,
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one model of the fake upstream answers.

    Attributes:
        text: the answer.
        chunk_size: characters in one event.
        delay_s: seconds between two events; 0 sends all at once.
        first_delay_s: seconds before the first event.
        fault: what goes wrong.
        after: events with text that are sent before a fault in the middle.
        retry_after: the header of a 429, as it is sent.
        reasoning: sent as `reasoning_content` before the text, one event per character.
        refusal: sent as `refusal` in place of the text, as a model does that declines.
        finish_reason: of the last choice.
        usage: "asked" sends it where `stream_options` asks for it; "always", "never".
        done: [DONE] is sent at the end.
        streams: False answers a request for a stream with one JSON body.
        tool_calls: (name, arguments as JSON) of functions that it wants called after its text.
        after_tools: its text, with no call, once results of functions are among the messages, and
            where none are offered.
        usage_in: the usage comes in an event of its own, in the last choice's, or in each.
        bare: leaves out what engines leave out: ids, times, and fields that are null.
    """

    text: str = "Hello from the fake upstream, which is not a model."
    chunk_size: int = 8
    delay_s: float = 0.0
    first_delay_s: float = 0.0
    fault: Fault | None = None
    after: int = 2
    retry_after: str | None = "7"
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str = "stop"
    usage: Literal["asked", "always", "never"] = "asked"
    done: bool = True
    streams: bool = True
    tool_calls: tuple[tuple[str, str], ...] = ()
    after_tools: str = ""
    usage_in: Literal["event", "last", "each"] = "event"
    bare: bool = False

    @property
    def pieces(self) -> list[str]:
        """The text as it is cut into events."""
        size = self.chunk_size
        return [self.text[i : i + size] for i in range(0, len(self.text), size)]


def envelope(canary: str, kind: str) -> dict[str, object]:
    """Return the fields around the choices; each names the upstream, as real ones do."""
    return {
        "id": f"chatcmpl-{canary}",
        "object": kind,
        "created": 1767225600,
        "model": f"{canary}-model",
        "system_fingerprint": f"fp_{canary}",
        "provider": canary,
    }


def usage_of(behaviour: Behaviour) -> dict[str, object]:
    """Return the usage that this upstream reports: one token per event, and a prompt of 12."""
    count = len(behaviour.pieces) + len(behaviour.reasoning)
    return {
        "prompt_tokens": 12,
        "completion_tokens": count,
        "total_tokens": 12 + count,
        "prompt_tokens_details": {"cached_tokens": 0},
    }


def whole_reply(
    behaviour: Behaviour, canary: str, *, answers: int = 1, logprobs: bool = False
) -> bytes:
    """Return the JSON of an answer that is not streamed.

    Args:
        behaviour: of the model.
        canary: names the upstream.
        answers: how many choices.
        logprobs: each token with its probability.
    """
    message: dict[str, object] = {"role": "assistant", "content": _text(behaviour)}
    if behaviour.tool_calls:
        message["tool_calls"] = _calls(behaviour)
    choice: dict[str, object] = {"message": message, "finish_reason": _finish(behaviour)}
    if logprobs:
        choice["logprobs"] = {"content": [_logprob(piece) for piece in behaviour.pieces]}
    choices = [{"index": index} | choice for index in range(answers)]
    reply = _around(behaviour, canary, "chat.completion") | {"choices": choices}
    if behaviour.usage != "never":
        reply |= {"usage": usage_of(behaviour)}
    return json.dumps(reply, ensure_ascii=False).encode()


@lru_cache(maxsize=256)
def stream_events(
    behaviour: Behaviour, canary: str, *, usage: bool, answers: int = 1
) -> tuple[bytes, ...]:
    """Return the events of a streamed answer, faults in the middle included."""
    around = _around(behaviour, canary, "chat.completion.chunk")

    def event(
        delta: Mapping[str, object] | None, finish: str | None = None, index: int = 0
    ) -> bytes:
        choice: dict[str, object] = {"index": index, "delta": delta}
        if finish is not None or not behaviour.bare:
            choice["finish_reason"] = finish
        choices = [] if delta is None else [choice]
        alone = delta is None
        extra: dict[str, object] = {}
        if usage and behaviour.usage_in == "event":
            extra = {"usage": usage_of(behaviour)} if alone else {"usage": None}
        elif usage and (finish is not None or behaviour.usage_in == "each"):
            extra = {"usage": usage_of(behaviour)}
        return sse(json.dumps(around | {"choices": choices} | extra, ensure_ascii=False))

    faulty = behaviour.fault in ("reset", "truncated", "hang", "malformed_sse", "error_event")
    texts = [] if behaviour.fault == "empty" or behaviour.refusal else behaviour.pieces
    events = [event({"role": "assistant", "content": ""}, index=i) for i in range(answers)]
    events += [event({"reasoning_content": sign}) for sign in behaviour.reasoning]
    events += [event({"content": text}, index=i) for text in texts for i in range(answers)]
    events += [event({"refusal": behaviour.refusal})] if behaviour.refusal else []
    if faulty:
        events = events[: 1 + len(behaviour.reasoning) + behaviour.after]
        if behaviour.fault == "malformed_sse":
            events.append(sse(f'{{"choices": [{canary}'))
        if behaviour.fault == "error_event":
            events.append(sse(json.dumps(error_body(500, canary))))
        return tuple(events)
    for number, call in enumerate(_calls(behaviour)):
        events.append(event({"tool_calls": [{"index": number} | call]}))
    events += [event({}, _finish(behaviour), index=i) for i in range(answers)]
    if usage and behaviour.usage_in == "event":
        events.append(event(None))
    if behaviour.done:
        events.append(sse("[DONE]"))
    return tuple(events)


def whole_completion(behaviour: Behaviour, canary: str) -> bytes:
    """Return the JSON of a legacy completion."""
    choice = {"index": 0, "text": _text(behaviour), "finish_reason": _finish(behaviour)}
    reply = _around(behaviour, canary, "text_completion") | {"choices": [choice]}
    if behaviour.usage != "never":
        reply |= {"usage": usage_of(behaviour)}
    return json.dumps(reply, ensure_ascii=False).encode()


def completion_events(behaviour: Behaviour, canary: str, *, usage: bool) -> tuple[bytes, ...]:
    """Return the events of a streamed legacy completion."""
    around = _around(behaviour, canary, "text_completion")
    parts = [(text, None) for text in behaviour.pieces] + [("", _finish(behaviour))]
    choices = [[{"index": 0, "text": text, "finish_reason": end}] for text, end in parts]
    events = [around | {"choices": each} for each in choices]
    if usage:
        events.append(around | {"choices": [], "usage": usage_of(behaviour)})
    return (*(sse(json.dumps(event)) for event in events), sse("[DONE]"))


def whole_embeddings(canary: str, inputs: int) -> bytes:
    """Return as many vectors of three numbers as texts were sent."""
    rows = [{"object": "embedding", "index": i, "embedding": [0.1, i, -1.0]} for i in range(inputs)]
    usage = {"prompt_tokens": 4 * inputs, "total_tokens": 4 * inputs}
    reply = {"object": "list", "data": rows, "model": f"{canary}-model", "usage": usage}
    return json.dumps(reply).encode()


def _around(behaviour: Behaviour, canary: str, kind: str) -> dict[str, object]:
    return {} if behaviour.bare else envelope(canary, kind)


def _text(behaviour: Behaviour) -> str:
    return "" if behaviour.fault == "empty" else behaviour.text


def _finish(behaviour: Behaviour) -> str:
    return "tool_calls" if behaviour.tool_calls else behaviour.finish_reason


def _calls(behaviour: Behaviour) -> list[dict[str, object]]:
    return [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for i, (name, arguments) in enumerate(behaviour.tool_calls)
    ]


def _logprob(piece: str) -> dict[str, object]:
    return {"token": piece, "logprob": -0.5, "bytes": None, "top_logprobs": []}


def error_body(status: int, canary: str) -> dict[str, object]:
    """Return an error as OpenAI words it, naming the upstream."""
    return {"error": {"message": f"{canary}: refused", "type": canary, "code": status}}


def sse(data: str) -> bytes:
    """Return one event."""
    return f"data: {data}\n\n".encode()


def images_in(body: Mapping[str, object]) -> list[Image]:
    """Decode the pictures in the messages of a request, in order."""
    found = []
    for message in cast("list[dict[str, Any]]", body.get("messages", [])):
        parts = message["content"] if isinstance(message["content"], list) else []
        for part in parts:
            if part["type"] == "image_url":
                kind, data = part["image_url"]["url"].removeprefix("data:").split(";base64,")
                found.append(Image(cast("ImageType", kind), b64decode(data, validate=True)))
    return found
