"""The body that an upstream of OpenAI's format gets: the client's fields, a few rewritten."""

from typing import Final

import msgspec

from blindarena.gateway.calls import Call
from blindarena.gateway.catalog import Quirks

NULL: Final = b"null"
_TRUE = msgspec.Raw(b"true")
_USAGE_ASKED = msgspec.Raw(b'{"include_usage":true}')
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def given(fields: dict[str, msgspec.Raw], name: str) -> bool:
    """Say whether a field is there and not null."""
    value = fields.get(name)
    return value is not None and bytes(value) != NULL


def upstream_body(call: Call, *, model: msgspec.Raw, quirks: Quirks) -> bytes:
    """Write what the upstream is sent.

    The model is named as the upstream knows it; the cap on the answer and the seed get the
    upstream's own names, or go where it has none; a stream is asked to report its usage. All
    other fields pass as they came.

    Args:
        call: of the endpoint chat, completions or embeddings.
        model: the upstream's name of the model, as JSON.
        quirks: where the upstream differs from others.
    """
    fields = dict(call.fields)
    fields["model"] = model
    if call.endpoint != "embeddings":
        _cap(fields, call, quirks)
        if "seed" in fields and quirks.seed_field != "seed":
            seed = fields.pop("seed")
            if quirks.seed_field is not None:
                fields[quirks.seed_field] = seed
        if call.stream:
            fields["stream"] = _TRUE
            _ask_for_usage(fields, call, quirks)
    return _encode(fields)


def _cap(fields: dict[str, msgspec.Raw], call: Call, quirks: Quirks) -> None:
    """Name the cap as the upstream does; legacy completions know `max_tokens` only."""
    name = quirks.max_tokens_field if call.endpoint == "chat" else "max_tokens"
    other = "max_completion_tokens" if name == "max_tokens" else "max_tokens"
    if call.endpoint == "chat" and other in fields:
        value = fields.pop(other)
        # Of two caps the newer name counts, which is the one that OpenAI still documents.
        if bytes(value) != NULL and (name == "max_tokens" or not given(fields, name)):
            fields[name] = value
    if call.max_tokens is not None and not given(fields, name):
        fields[name] = msgspec.Raw(b"%d" % call.max_tokens)


def _ask_for_usage(fields: dict[str, msgspec.Raw], call: Call, quirks: Quirks) -> None:
    if not quirks.stream_options:
        fields.pop("stream_options", None)
    elif not given(fields, "stream_options"):
        fields["stream_options"] = _USAGE_ASKED
    elif not call.want_usage:
        options = _decode_object(fields["stream_options"]) | {"include_usage": _TRUE}
        fields["stream_options"] = msgspec.Raw(_encode(options))
