"""`blindarena arena answers`: imported answers as a replay, found under redacted prompts."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blindarena import cli
from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.replays import with_redacted
from blindarena.domain.chat import ChatRequest, Message, TextDelta
from blindarena.errors import ConfigError
from blindarena.gateway.replay import ReplayModel
from blindarena.settings import load_settings

SERVER = """\
[server]
database = "sqlite:///test.db"
[deployments.one]
replay = "one.json"
[deployments.two]
provider = "ollama"
model = "n"
"""
ARENA = """\
title = "Support"
modes = ["battle", "queue"]
[privacy]
pii = "redact"
[[contestants]]
name = "One"
deployment = "one"
[[contestants]]
name = "Two"
deployment = "two"
"""
ASKED = "Where is it? Write to anna@example.org."
STORED = "Where is it? Write to [EMAIL_1]."


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "arenas").mkdir()
    files = {
        "blindarena.toml": SERVER,
        "arenas/support.toml": ARENA,
        "one.json": json.dumps({ASKED: "Here.", "Hello": "Hi."}),
        "tickets.csv": f"prompt,answer_Two\n{ASKED},There.\nHello,\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_imported_answers_become_a_replay_file(site: Path) -> None:
    taken = run("import", "tickets.csv", "--arena", "support", "--yes")
    assert taken.exit_code == 0, taken.output
    words = ("arena", "answers", "support", "--contestant")

    done = run(*words, "Two", "--out", "two.json")

    assert (done.exit_code, done.stdout) == (0, "wrote two.json: 1 answers of Two\n")
    assert json.loads((site / "two.json").read_text()) == {STORED: "There."}
    for given, said in (
        (("Two", "--out", "two.json"), "two.json exists already"),
        (("Three", "--out", "x.json"), "there are: One, Two"),
        (("One", "--out", "x.json"), "'One' has no answers yet"),
    ):
        error = run(*words, *given).exception
        assert isinstance(error, ConfigError)
        assert said in str(error)


async def _said(model: ReplayModel, prompt: str) -> str:
    request = ChatRequest(messages=(Message("user", prompt),))
    return "".join([e.text async for e in model.stream(request) if isinstance(e, TextDelta)])


def test_a_replay_is_found_under_the_redacted_prompt_and_the_written_one(site: Path) -> None:
    plan = plan_of(load_settings(site / "blindarena.toml", environ={}))
    answers = with_redacted(plan)["one"]
    assert answers == {ASKED: "Here.", STORED: "Here.", "Hello": "Hi."}
    assert plan.replays["one"] == {ASKED: "Here.", "Hello": "Hi."}

    async def at_once(seconds: float) -> None:
        """Wait for nothing."""

    model = ReplayModel(name="one", answers=answers, sleep=at_once)
    assert asyncio.run(_said(model, STORED)) == "Here."
