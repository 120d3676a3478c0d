"""Which of the fake upstream's addresses speak a vendor's own format, and how."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from blindarena.testing import fake_anthropic, fake_gemini
from blindarena.testing.upstream_behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class Vendor:
    """One format other than OpenAI's.

    Attributes:
        whole: the body of an answer that is not streamed.
        events: the events of one that is.
        error: the body of a refusal with this status.
    """

    whole: Callable[[Behaviour, str], bytes]
    events: Callable[[Behaviour, str], tuple[bytes, ...]]
    error: Callable[[int, str], dict[str, object]]


VENDOR_PATHS: Final = ("/v1/messages", "/v1beta/models/{call}")
_ANTHROPIC: Final = Vendor(
    fake_anthropic.whole_reply, fake_anthropic.stream_events, fake_anthropic.error_body
)
_GEMINI: Final = Vendor(fake_gemini.whole_reply, fake_gemini.stream_events, fake_gemini.error_body)

_RESULTS: Final = ('"role": "tool"', '"type": "tool_result"', '"functionResponse":')


def vendor_of(path: str) -> Vendor | None:
    """Return the vendor whose address this is; None for those of OpenAI's format."""
    if path == "/v1/messages":
        return _ANTHROPIC
    return _GEMINI if path.startswith("/v1beta/") else None


def asked(path: str, body: Mapping[str, object]) -> tuple[str, bool]:
    """Return the model that is asked for, and whether a stream is; Gemini's address says both."""
    if path.startswith("/v1beta/"):
        model, _, verb = path.rpartition("/")[2].partition(":")
        return model, verb == "streamGenerateContent"
    return str(body.get("model", "")), bool(body.get("stream"))


def heard(behaviour: Behaviour, body: Mapping[str, object]) -> Behaviour:
    """Return the behaviour after what was sent: no function is called that is not offered."""
    if not behaviour.after_tools:
        return behaviour
    said = json.dumps(body)
    if body.get("tools") and not any(mark in said for mark in _RESULTS):
        return behaviour
    return replace(behaviour, text=behaviour.after_tools, tool_calls=())
