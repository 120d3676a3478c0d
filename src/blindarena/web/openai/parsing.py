"""Read the fields of a request that we use; all others stay as they came."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from blindarena.domain.usage import Endpoint
from blindarena.errors import GatewayError
from blindarena.gateway.calls import Call

IMAGE_TOKENS: Final = 1500
"""Reserved for a picture: about what the large hosts count for one of full size."""
_BYTES_PER_TOKEN: Final = 3
"""For the reservation, which should be too high rather than too low."""
_PREFIX_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, with what it may use at most.

    Attributes:
        prompt_tokens: estimated.
        completion_tokens: caps of all answers that are asked for.
    """

    call: Call
    prompt_tokens: int
    completion_tokens: int


_Count = Annotated[int, Meta(ge=1, le=2**31 - 1)]
_Name = Annotated[str, Meta(min_length=1, max_length=500)]


class _Part(Struct, gc=False):
    type: str
    text: str | None = None
    image_url: Raw = Raw()
    source: Raw = Raw()


class _Message(Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


class _StreamOptions(Struct, gc=False):
    include_usage: bool | None = None


class _Chat(Struct):
    model: _Name
    messages: Annotated[list[_Message], Meta(min_length=1)]
    stream: bool | None = None
    max_tokens: _Count | None = None
    max_completion_tokens: _Count | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stream_options: _StreamOptions | None = None


class _Completions(Struct):
    model: _Name
    prompt: str | list[Raw] | UnsetType | None = UNSET
    stream: bool | None = None
    max_tokens: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    best_of: Annotated[int, Meta(ge=0, le=20)] | None = None
    stream_options: _StreamOptions | None = None


class _Embeddings(Struct):
    model: _Name
    input: Annotated[str, Meta(min_length=1)] | Annotated[list[Raw], Meta(min_length=1)]


class _Messages(Struct):
    model: _Name
    max_tokens: _Count
    messages: Annotated[list[_Message], Meta(min_length=1)]
    stream: bool | None = None


_fields_of = msgspec.json.Decoder(dict[str, Raw]).decode
_raws_of = msgspec.json.Decoder(list[Raw]).decode
_role_of = msgspec.json.Decoder(_Message).decode
_DECODERS: dict[Endpoint, msgspec.json.Decoder[Any]] = {
    "chat": msgspec.json.Decoder(_Chat),
    "completions": msgspec.json.Decoder(_Completions),
    "embeddings": msgspec.json.Decoder(_Embeddings),
    "messages": msgspec.json.Decoder(_Messages),
}


def parse(
    endpoint: Endpoint,
    body: bytes,
    *,
    request_id: str,
    max_tokens: int,
    by_prefix: Callable[[str], bool],
) -> Asked:
    """Read a body as far as we need it; the values of all its fields stay as they came.

    Args:
        endpoint: says the format.
        body: what the client sent.
        request_id: for logs and usage.
        max_tokens: cap on an answer where the client names none.
        by_prefix: says of a model whether to take along what prefix routing hashes.

    Raises:
        GatewayError: 400, it is no JSON object, or a field is missing or wrong; `param` names it.
    """
    try:
        fields = _fields_of(body)
        asked = _DECODERS[endpoint].decode(body)
    except msgspec.ValidationError as error:
        raise wrong(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GatewayError(
            f"the body is not valid JSON: {error}",
            status=400,
            type="invalid_request_error",
            code="invalid_json",
        ) from error
    call = Call(endpoint, asked.model, fields, False, request_id)
    if endpoint != "embeddings" and by_prefix(asked.model):
        call.prefix = _prefix_of(fields)
    if endpoint == "embeddings":
        return Asked(call, _tokens(len(body)), 0)
    call.stream = bool(asked.stream)
    if endpoint == "messages":
        call.max_tokens = asked.max_tokens
        return Asked(call, _prompt_tokens(body, asked.messages), asked.max_tokens)
    if asked.stream_options is not None:
        if not call.stream:
            raise _wrong_field("stream_options", "it is only allowed together with stream = true")
        call.want_usage = bool(asked.stream_options.include_usage)
    answers = asked.n or 1
    if endpoint == "chat":
        call.max_tokens = asked.max_completion_tokens or asked.max_tokens or max_tokens
        prompt = _prompt_tokens(body, asked.messages)
    else:
        answers = max(answers, asked.best_of or 1) * _prompts(asked.prompt)
        call.max_tokens = max_tokens if asked.max_tokens is None else asked.max_tokens
        prompt = _tokens(len(body))
    return Asked(call, prompt, call.max_tokens * answers)


def _prefix_of(fields: dict[str, Raw]) -> bytes:
    """Return what the turns of one conversation share: what is said before the first answer.

    Anthropic's format has the system prompt in a field of its own.
    """
    said = bytes(fields.get("system", b"")) + bytes(fields.get("prompt", b""))
    for message in _raws_of(fields["messages"]) if "messages" in fields else ():
        said += bytes(message)
        if _role_of(message).role == "user":
            break
    return said[:_PREFIX_BYTES]


def _tokens(size: int) -> int:
    return size // _BYTES_PER_TOKEN + 1


def _prompt_tokens(body: bytes, messages: list[_Message]) -> int:
    """Estimate a prompt from its size, but a picture by itself: its bytes are no tokens."""
    size, pictures = len(body), 0
    for message in messages:
        if isinstance(message.content, list):
            for part in message.content:
                drawn = len(bytes(part.image_url)) + len(bytes(part.source))
                if drawn:
                    size -= drawn
                    pictures += 1
    return _tokens(size) + IMAGE_TOKENS * pictures


def _prompts(prompt: str | list[Raw] | UnsetType | None) -> int:
    """Count the prompts of a request: a list of numbers is one, a list of lists is many."""
    if not isinstance(prompt, list) or not prompt:
        return 1
    return 1 if bytes(prompt[0])[:1].isdigit() else len(prompt)


_MISSING = re.compile(r"missing required field `(\w+)`")
_FIELD = re.compile(r"\w*")
_WHERE = re.compile(r" - at `\$\.?(?:\[\.\.\.\]\.?)?([^`]*)`")


def wrong(text: str) -> GatewayError:
    """Say which field msgspec found wrong; of a list's element it does not tell the number."""
    what, *_ = text.partition(" - at `")
    found = _WHERE.search(text)
    where = found[1] if found else ""
    if missing := _MISSING.search(what):
        return _wrong_field(f"{where}.{missing[1]}" if where else missing[1], "it is missing")
    return _wrong_field(where, what[:1].lower() + what[1:])


def _wrong_field(where: str, what: str) -> GatewayError:
    """Refuse a field, "" for the body itself; `param` is the body's own field that it is in."""
    return GatewayError(
        f"{where or 'the body'}: {what}",
        status=400,
        type="invalid_request_error",
        code="invalid_value" if where else "invalid_json",
        param=_FIELD.match(where)[0] if where else None,  # type: ignore[index]
    )
