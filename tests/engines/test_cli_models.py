"""`blindarena models`, against a hub on loopback and directories made here."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blindarena.cli.models import app
from blindarena.errors import ConfigError

from .fake_hub import FakeHub, serve
from .helpers import GGUF_BYTES

RUNNER = CliRunner()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub in a thread of its own: the command runs an event loop in this one."""
    fake = FakeHub({"m.gguf": GGUF_BYTES})
    loop = asyncio.new_event_loop()
    up = threading.Event()
    end = asyncio.Event()

    async def run() -> None:
        async with serve(fake):
            up.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert up.wait(10)
    monkeypatch.setenv("HF_ENDPOINT", fake.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield fake
    loop.call_soon_threadsafe(end.set)
    thread.join()
    loop.close()


def test_pull_prints_the_path_and_nothing_else(hub: FakeHub, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["pull", "org/repo", "--dir", str(tmp_path)])
    assert result.exit_code == 0, result.output
    path = tmp_path / "org--repo" / "m.gguf"
    assert result.stdout == f"{path}\n"
    assert path.read_bytes() == GGUF_BYTES
    again = RUNNER.invoke(app, ["pull", "org/repo", "--dir", str(tmp_path), "--json"])
    assert json.loads(again.stdout) == {
        "model": "org/repo",
        "path": str(path),
        "size": len(GGUF_BYTES),
    }
    assert len(hub.downloads()) == 1


def test_list_shows_known_and_pulled(hub: FakeHub, tmp_path: Path) -> None:
    RUNNER.invoke(app, ["pull", "org/repo", "--dir", str(tmp_path)])
    result = RUNNER.invoke(app, ["list"], env={"BLINDARENA_MODELS_DIR": str(tmp_path)})
    assert result.exit_code == 0
    assert "smollm2-135m" in result.stdout
    assert "not pulled yet" in result.stdout
    assert "org/repo:m.gguf" in result.stdout
    data = json.loads(RUNNER.invoke(app, ["list", "--dir", str(tmp_path), "--json"]).stdout)
    assert data["models_dir"] == str(tmp_path)
    assert [(m["model"], m["path"]) for m in data["models"]] == [
        ("smollm2-135m", None),
        ("org/repo:m.gguf", str(tmp_path / "org--repo" / "m.gguf")),
    ]


def test_an_unknown_name_is_bad_input(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["pull", "smollm", "--dir", str(tmp_path)])
    assert isinstance(result.exception, ConfigError)
    assert "did you mean 'smollm2-135m'?" in str(result.exception)
    assert list(tmp_path.iterdir()) == []
