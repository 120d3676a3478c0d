"""Read what a reply of OpenAI's format says it used."""

from typing import Final

import msgspec

from blindarena.gateway.calls import ReplyUsage

BYTES_PER_TOKEN: Final = 4
"""Of JSON with text in it; used only where an upstream reports nothing."""


class _Details(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None  # DeepSeek's name


_decode = msgspec.json.Decoder(_Usage).decode


def read_usage(raw: bytes | msgspec.Raw) -> ReplyUsage | None:
    """Read a `usage` object; None where it is null, or nothing that can be read."""
    try:
        usage = _decode(raw)
    except msgspec.MsgspecError:
        return None
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details is not None else None) or 0
    cached = cached or usage.prompt_cache_hit_tokens or 0
    completion = usage.completion_tokens or 0
    if usage.prompt_tokens < 0 or completion < 0:
        return None
    return ReplyUsage(usage.prompt_tokens, completion, max(0, cached))


def estimated(*, prompt_bytes: int, completion_tokens: int) -> ReplyUsage:
    """Estimate the usage of a reply that reports none."""
    return ReplyUsage(prompt_bytes // BYTES_PER_TOKEN, completion_tokens, reported=False)
