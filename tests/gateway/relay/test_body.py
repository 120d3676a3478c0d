import json
from typing import Any

import msgspec
import pytest

from blindarena.gateway.catalog import Quirks
from blindarena.gateway.relay.body import upstream_body
from gateway.relay.calls import call_of

NAME = msgspec.Raw(b'"theirs"')
NEWER = Quirks(max_tokens_field="max_completion_tokens")


def sent(quirks: Quirks | None = None, **options: Any) -> dict[str, Any]:
    body = upstream_body(call_of(**options), model=NAME, quirks=quirks or Quirks())
    found = json.loads(body)
    assert found.pop("model") == "theirs"
    found.pop("messages", None)
    return found


@pytest.mark.parametrize(
    ("quirks", "given", "expected"),
    [
        (Quirks(), {}, {"max_tokens": 64}),
        (Quirks(), {"max_tokens": 5}, {"max_tokens": 5}),
        (Quirks(), {"max_tokens": None}, {"max_tokens": 64}),
        (Quirks(), {"max_completion_tokens": 5}, {"max_tokens": 5}),
        (Quirks(), {"max_tokens": 9, "max_completion_tokens": 5}, {"max_tokens": 5}),
        (NEWER, {}, {"max_completion_tokens": 64}),
        (NEWER, {"max_tokens": 5}, {"max_completion_tokens": 5}),
        (NEWER, {"max_tokens": 9, "max_completion_tokens": 5}, {"max_completion_tokens": 5}),
        (NEWER, {"max_tokens": 9, "max_completion_tokens": None}, {"max_completion_tokens": 9}),
    ],
)
def test_the_cap_has_the_upstreams_name(
    quirks: Quirks, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent(quirks, **given) == expected


def test_legacy_completions_know_max_tokens_only() -> None:
    assert sent(NEWER, endpoint="completions", prompt="a") == {"prompt": "a", "max_tokens": 64}


@pytest.mark.parametrize(
    ("quirks", "expected"),
    [
        (Quirks(), {"seed": 7}),
        (Quirks(seed_field="random_seed"), {"random_seed": 7}),
        (Quirks(seed_field=None), {}),
    ],
)
def test_a_seed_is_renamed_or_dropped(quirks: Quirks, expected: dict[str, Any]) -> None:
    assert sent(quirks, seed=7) == expected | {"max_tokens": 64}


def test_a_stream_is_always_asked_for_its_usage() -> None:
    asked = {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 64}
    assert sent(stream=True) == asked
    assert sent(stream=True, stream_options=None) == asked
    more = {"include_usage": False, "continuous_usage_stats": False}
    assert sent(stream=True, stream_options=more) == asked | {
        "stream_options": more | {"include_usage": True}
    }
    plain = Quirks(stream_options=False)
    assert "stream_options" not in sent(plain, stream=True, stream_options=more)


def test_embeddings_pass_as_they_came() -> None:
    assert sent(endpoint="embeddings", input=["a"], max_tokens=None, dimensions=3) == {
        "input": ["a"],
        "max_tokens": None,
        "dimensions": 3,
    }
