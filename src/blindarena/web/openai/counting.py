"""Estimate the tokens of a request, as Anthropic's `/v1/messages/count_tokens` asks for."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from blindarena.errors import GatewayError
from blindarena.gateway.tokens import count_tokens
from blindarena.web.openai.parsing import IMAGE_TOKENS, wrong

_PER_MESSAGE = 4
_PART = 2**16
_NOT_TEXT = frozenset({"type", "role", "id", "tool_use_id", "media_type", "data", "cache_control"})


class _Asked(Struct):
    model: str
    messages: list[dict[str, object]]
    system: object = None
    tools: object = None


_decode = msgspec.json.Decoder(_Asked).decode


def read_question(body: bytes) -> tuple[str, int]:
    """Return the model that is named, and an estimate of the tokens of all that is sent to it.

    Raises:
        GatewayError: 400, the body is not such a question.
    """
    try:
        asked = _decode(body)
    except msgspec.ValidationError as error:
        raise wrong(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GatewayError(
            f"the body is not valid JSON: {error}",
            status=400,
            type="invalid_request_error",
            code="invalid_json",
        ) from error
    tokens = _PER_MESSAGE * len(asked.messages)
    for text in _texts([asked.messages, asked.system, asked.tools]):
        tokens += IMAGE_TOKENS if text is None else _count(text)
    return asked.model, tokens


def _count(text: str) -> int:
    """Count in parts: between two of them another thread may run."""
    starts = range(0, len(text), _PART)
    return sum(count_tokens(text[start : start + _PART]) for start in starts)


def _texts(value: object) -> Iterator[str | None]:
    """Yield every text in a value of JSON, None for a picture."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            if item.get("type") == "image":
                yield None
                continue
            waiting += [part for name, part in item.items() if name not in _NOT_TEXT]
