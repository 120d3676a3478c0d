"""Prompts from conversations: OpenAI's messages, FastChat's logs, Langfuse's exports.

A conversation gives its first message and the first reply, since later ones depend on a reply.

Sources: OpenAI, fine-tuning and batch files; FastChat, serve/monitor; Langfuse, "Blob storage
export field reference" and "Export data from UI", read in November 2026.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from blindarena.pipeline.importing.rows import BadRows, Record, Unreadable

Shape = Literal["chat", "fastchat", "langfuse"]
Row = Mapping[str, Any]
_USER = frozenset({"user", "human"})
_ASSISTANT = frozenset({"assistant", "ai", "model"})
_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
_QUESTION_KEYS = ("prompt", "question", "query", "input", "message", "text", "content")
_LANGFUSE = frozenset(
    {"output", "trace_id", "traceId", "observations", "session_id", "sessionId", "latency",
     "start_time", "startTime", "timestamp", "totalCost", "total_cost"}
)  # fmt: skip
_MODEL_KEYS = ("provided_model_name", "providedModelName", "model", "internalModel")


def shape_of(row: Row) -> Shape | None:
    """Tell which kind of conversation a row is; None is a row of plain columns."""
    if "messages" in row or (isinstance(body := row.get("body"), dict) and "messages" in body):
        return "chat"
    if isinstance(row.get("state"), dict) or isinstance(row.get("states"), list):
        return "fastchat"
    if "input" in row and "prompt" not in row and _LANGFUSE & row.keys():
        return "langfuse"
    return None


def records_of(
    shape: Shape, rows: Iterable[tuple[int, Row]], bad: BadRows, *, path: str | None = None
) -> Iterator[Record]:
    """Yield what the conversations ask, each conversation once.

    `path` says where the prompt is instead, such as `input.question`.
    """
    seen: set[str] = set()
    for number, row in rows:
        try:
            if shape == "chat":
                found = _chat(number, row, path)
            elif shape == "fastchat":
                found = _fastchat(number, row, path)
            else:
                found = _langfuse(number, row, path)
        except Unreadable as error:
            bad.bad(number, error.reason, str(error))
            continue
        if isinstance(found, str):
            bad.leave_out(found)
        elif shape == "fastchat" and found.id and found.id in seen:
            bad.leave_out("a later line of the same conversation")
        else:
            seen.add(found.id)
            yield found


def at_path(row: Row, path: str) -> object:
    """Return what stands at `a.b.c`, also inside text that is JSON; None where nothing does."""
    if path in row:
        return row[path]
    value: object = row
    for name in path.split("."):
        value = _decoded(value)
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text_of(value: object, column: str) -> str:
    """Return the text of a cell, a message's content or one of its usual wrappings.

    Raises:
        Unreadable: it holds an image, or no text that can be told.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, list):
        return _parts(value, column)
    if isinstance(value, Mapping):
        for key in ("content", *_QUESTION_KEYS):
            if isinstance(value.get(key), str | list):
                return text_of(value[key], column)
        texts = [one for one in value.values() if isinstance(one, str)]
        if len(texts) == 1:
            return texts[0]
    raise Unreadable(
        "no text", column, value, f"say where the text is with --map prompt={column}.NAME"
    )


def _chat(number: int, row: Row, path: str | None) -> Record | str:
    body = row["body"] if "messages" not in row else row
    prompt, reply = _first_exchange(body["messages"], "messages")
    if path is not None:
        prompt = text_of(at_path(row, path), path)
    model = _word(body.get("model") or row.get("model"))
    return _record(number, row, prompt, {model: reply} if reply else {})


def _fastchat(number: int, row: Row, path: str | None) -> Record | str:
    states = row.get("states") or [row.get("state")]
    prompt, answers = "", {}
    for state in states:
        if not isinstance(state, dict) or not isinstance(state.get("messages"), list):
            raise Unreadable("malformed line", "state", state, "write the conversation's state")
        messages = state["messages"][state.get("offset") or 0 :]
        if not messages:
            return "a line without a message"
        texts = [_fastchat_text(message) for message in messages[:2]]
        prompt = prompt or texts[0]
        if len(texts) > 1 and texts[1].strip():
            answers[_word(state.get("model_name") or row.get("model"))] = texts[1]
    if path is not None:
        prompt = text_of(at_path(row, path), path)
    ids = [_word(state.get("conv_id")) for state in states if isinstance(state, dict)]
    return _record(number, {**row, "id": "+".join(filter(None, ids))}, prompt, answers)


def _fastchat_text(message: object) -> str:
    if isinstance(message, list) and len(message) > 1:
        if isinstance(message[1], str):
            return message[1]
        if message[1] is None:
            return ""
        raise Unreadable("an image", "state", message[1], "images are not taken; remove the line")
    raise Unreadable("malformed line", "state", message, "write [role, text]")


def _langfuse(number: int, row: Row, path: str | None) -> Record | str:
    kind = _word(row.get("type")).upper()
    if kind and kind not in ("GENERATION", "TRACE"):
        return f"an observation of type {kind}"
    given, output = _decoded(row.get("input")), row.get("output")
    if isinstance(given, Mapping) and isinstance(given.get("messages"), list):
        given = given["messages"]
    if path is not None:
        prompt, reply = text_of(at_path(row, path), path), _reply(output)
    elif isinstance(given, list) and given and all(isinstance(m, Mapping) for m in given):
        prompt, reply = _first_exchange(given, "input")
        users = sum(_role(message) in _USER for message in given)
        reply = reply or (_reply(output) if users == 1 else "")
    else:
        prompt, reply = text_of(given, "input"), _reply(output)
    if not prompt.strip():
        return "a trace without input"
    model = next((_word(row[key]) for key in _MODEL_KEYS if row.get(key)), "output")
    return _record(number, {**row, "title": ""}, prompt, {model: reply} if reply.strip() else {})


def _reply(output: object) -> str:
    """Return the text of a model's output; what has none is no answer."""
    output = _decoded(output)
    if isinstance(output, Mapping) and isinstance(output.get("choices"), list):
        output = next(iter(output["choices"]), None)
    if isinstance(output, Mapping) and isinstance(output.get("message"), Mapping):
        output = output["message"]
    if isinstance(output, list) and output and isinstance(output[-1], Mapping):
        output = output[-1] if "content" in output[-1] else output
    try:
        return text_of(output, "output")
    except Unreadable:
        return ""


def _first_exchange(messages: object, column: str) -> tuple[str, str]:
    """Return the first message of the user and the reply directly behind it, or ""."""
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        raise Unreadable("malformed row", column, messages, "write a list of messages")
    for at, message in enumerate(messages):
        if not isinstance(message, Mapping):
            raise Unreadable("malformed row", column, message, "write {role, content}")
        if _role(message) in _USER:
            behind = messages[at + 1] if at + 1 < len(messages) else None
            is_reply = isinstance(behind, Mapping) and _role(behind) in _ASSISTANT
            reply = text_of(behind.get("content"), column) if is_reply and behind else ""
            return text_of(message.get("content"), column), reply
    raise Unreadable("no message of a user", column, messages, 'write one with role "user"')


def _role(message: Row) -> str:
    return _word(message.get("role") or message.get("type")).lower()


def _parts(parts: Sequence[object], column: str) -> str:
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping) and part.get("type") in _TEXT_PARTS:
            texts.append(_word(part.get("text")))
        else:
            cure = "only text is taken; remove the row"
            raise Unreadable("an image or another part", column, part, cure)
    return "\n\n".join(texts)


def _record(number: int, row: Row, prompt: str, answers: Mapping[str, str]) -> Record:
    extra = row.get("metadata")
    more: Row = extra if isinstance(extra, dict) else {}
    names = {"id": ("id", "custom_id"), "category": ("category",), "language": ("language",)}
    found = {
        name: next((_word(one[key]) for one in (row, more) for key in keys if one.get(key)), "")
        for name, keys in names.items()
    }
    return Record(
        row=number,
        prompt=prompt.strip(),
        id=found["id"],
        title=_word(row.get("title")),
        category=found["category"],
        language=found["language"],
        policy=_word(row.get("policy")),
        answers={name or "output": text for name, text in answers.items()},
    )


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _decoded(value: object) -> object:
    """Read text that is a JSON object or list, as exports write it into one cell."""
    if isinstance(value, str) and value[:1] in '[{"' and value[:1]:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
