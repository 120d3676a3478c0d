"""What Simon Willison's `llm` sees of the gateway; prints it as one line of JSON.

The models are made known as its documentation says: in `extra-openai-models.yaml`.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.simplefilter("ignore")
URL, KEY = os.environ["BASE_URL"], os.environ["KEY"]
HOME = Path(tempfile.mkdtemp())
os.environ |= {"LLM_USER_PATH": str(HOME), "OPENAI_API_KEY": KEY}
NAMES = ("plain", "tools", "schema", "limited", "wrong", "down", "breaks", "none")
rows = [
    {
        "model_id": f"gate-{name}",
        "model_name": name,
        "api_base": URL,
        "api_key_name": "gate",
        "supports_tools": True,
        "supports_schema": True,
        "vision": True,
    }
    for name in NAMES
]
(HOME / "extra-openai-models.yaml").write_text(json.dumps(rows))  # JSON is YAML
(HOME / "keys.json").write_text(json.dumps({"gate": KEY}))

import llm  # noqa: E402
import openai  # noqa: E402


def where(parcel: int) -> str:
    """Say where a parcel is."""
    return "Graz"


def failure(name: str, *, stream: bool = False) -> list[object]:
    seen = ""
    try:
        for piece in llm.get_model(f"gate-{name}").prompt("Where?", stream=stream):
            seen += piece
    except openai.APIStatusError as error:
        return [error.status_code]
    except openai.APIError as error:
        return [seen, str(error)]
    return []


plain = llm.get_model("gate-plain")
whole = plain.prompt("Where is my parcel?", stream=False)
streamed = plain.prompt("Where is my parcel?", stream=True)
pieces = list(streamed)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(24)
shape = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
chain = llm.get_model("gate-tools").chain("Where is parcel 7?", tools=[where], stream=False)
schema = llm.get_model("gate-schema").prompt("Where?", schema=shape, stream=False)
attached = [llm.Attachment(type="image/png", content=PIXEL)]
picture = plain.prompt("What is this?", attachments=attached, stream=False)
command = subprocess.run(
    [sys.executable, "-m", "llm", "-m", "gate-plain", "Where is my parcel?"],
    capture_output=True,
    text=True,
    check=True,
)
print(
    json.dumps(
        {
            "version": version("llm"),
            "whole": whole.text(),
            "usage": [whole.usage().input, whole.usage().output],
            "pieces": len(pieces),
            "streamed": "".join(pieces),
            "streamed_usage": [streamed.usage().input, streamed.usage().output],
            "chain": chain.text(),
            "schema": json.loads(schema.text()),
            "picture": picture.text(),
            "command": command.stdout.strip(),
            "failures": {name: failure(name) for name in ("none", "limited", "wrong", "down")},
            "broken": failure("breaks", stream=True),
        }
    )
)
