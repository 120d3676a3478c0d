"""Write docs/api.md and openapi.json from the application's own OpenAPI description.

python scripts/gen_api_docs.py          write both
python scripts/gen_api_docs.py --check  write nothing; exit 1 where a file is not current
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blindarena.web.app import create_api

ROOT = Path(__file__).resolve().parent.parent
Json = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
INTRODUCTION = """\
# API

Generated from the application's OpenAPI description by `make docs`; a running server has it at
`/api/openapi.json`, this repository in `openapi.json`.

- A browser begins with `POST /api/session` and gets a cookie and a `csrf_token`. Every request that
  changes something carries that token in the header `X-CSRF-Token`.
- An error is `application/problem+json` with `type`, `title`, `status`, `detail` and `code`; the
  codes are stable, the texts are for people.
- `null` means unknown or not determined, never 0. Times are UTC.
"""


def routes(openapi: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and description of each route, in the order of the application."""
    for path, methods in openapi["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method.upper(), methods[method]


def type_of(schema: Json) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_of(option) for option in schema["anyOf"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    if isinstance(values := schema.get("additionalProperties"), Mapping):
        return f"object of {type_of(values)}"
    words = {"date-time": "time", "uuid": "UUID"}
    return words.get(schema.get("format", ""), schema.get("type", "anything"))


def limits_of(schema: Json) -> str:
    """Say the bounds of a value, where it has any."""
    words = {"maxLength": "at most {} characters", "maxItems": "at most {} items"}
    words |= {"minLength": "at least {} characters", "minimum": "from {}", "maximum": "to {}"}
    return ", ".join(text.format(schema[key]) for key, text in words.items() if key in schema)


def fields(schema: Json) -> Iterator[str]:
    """Yield the rows of a table of an object's fields."""
    yield "| field | type | |"
    yield "| --- | --- | --- |"
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        notes = [limits_of(field)]
        if name not in required and "default" in field:
            notes.append(f"default `{json.dumps(field['default'])}`")
        yield f"| `{name}` | {type_of(field)} | {'; '.join(note for note in notes if note)} |"


def body_of(content: Json) -> str:
    """Say what a request or an answer carries."""
    for kind, described in content.items():
        if kind == "application/json" and described.get("schema"):
            return type_of(described["schema"])
        return f"`{kind}`"
    return "nothing"


def route_lines(path: str, method: str, route: Json) -> Iterator[str]:
    """Yield the section of one route."""
    yield f"### `{method} {path}`"
    yield ""
    yield route.get("description") or route["summary"]
    yield ""
    for parameter in route.get("parameters", []):
        if parameter["in"] == "query":
            notes = [type_of(parameter["schema"]), limits_of(parameter["schema"])]
            yield f"- query `{parameter['name']}`: {', '.join(note for note in notes if note)}"
    if "requestBody" in route:
        yield f"- body: {body_of(route['requestBody']['content'])}"
    for status, answer in route["responses"].items():
        if status.startswith("2"):
            yield f"- answer {status}: {body_of(answer.get('content', {}))}"
    if any(p["name"].lower() == "x-csrf-token" for p in route.get("parameters", [])):
        yield "- header `X-CSRF-Token` is required"
    yield ""


def page(openapi: Json) -> str:
    """Return docs/api.md."""
    lines = [INTRODUCTION]
    tag = None
    for path, method, route in routes(openapi):
        first = (route.get("tags") or ["pages"])[0]
        if first != tag:
            lines += [f"## {first.capitalize()}", ""]
            tag = first
        lines += route_lines(path, method, route)
    lines += ["## Schemas", ""]
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        if "properties" in schema and "Validation" not in name:
            lines += [f"### {name}", "", schema.get("description", "").strip(), ""]
            lines += [*fields(schema), ""]
    return "\n".join(lines).rstrip() + "\n"


def outputs() -> dict[Path, str]:
    """Return what each generated file must hold."""
    openapi = create_api(None).openapi()
    return {
        ROOT / "docs" / "api.md": page(openapi),
        ROOT / "openapi.json": json.dumps(openapi, indent=2, ensure_ascii=False) + "\n",
    }


def main(args: list[str]) -> int:
    """Write or check the files; return the exit code."""
    stale = [
        path
        for path, text in outputs().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if args == ["--check"]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(outputs()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
