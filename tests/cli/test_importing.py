"""`blindarena import` from the shell's side."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.domain.arenas import Prompt
from blindarena.domain.imports import PreparedAnswer
from blindarena.errors import BlindArenaError, ConfigError, InputError
from blindarena.storage import Database

SERVER = """
[deployments.one]
replay = "one.json"
[deployments.two]
replay = "two.json"
"""
ARENA = """
title = "Support"
[[contestants]]
name = "large, strict"
deployment = "one"
[[contestants]]
name = "small"
deployment = "two"
"""
TICKETS = """id,prompt,category,answer_large strict
T1,Where is the parcel of anna@example.org?,parcel,On its way.
T2,How do I send it back?,return,
T3,Do you deliver to islands?,parcel,
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BLINDARENA_DATABASE_URL", "BLINDARENA_PORT", "BLINDARENA_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arenas").mkdir()
    asked = (
        "Where is the parcel of [EMAIL_1]?",
        "How do I send it back?",
        "Do you deliver to islands?",
    )
    files = {
        "blindarena.toml": SERVER,
        "one.json": json.dumps(dict.fromkeys(asked, "One.")),
        "two.json": json.dumps(dict.fromkeys(asked, "Two.")),
        "arenas/support.toml": ARENA,
        "tickets.csv": TICKETS,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*words: str, arena: str = "support", code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["import", "--arena", arena, *words])
    if isinstance(result.exception, BlindArenaError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def stored(folder: Path) -> dict[str, tuple[Prompt, list[PreparedAnswer]]]:
    """Return the prompts of the arena, by key, each with its answers."""

    async def reading() -> dict[str, tuple[Prompt, list[PreparedAnswer]]]:
        database = await Database.open(f"sqlite:///{folder / 'blindarena.db'}")
        arena = await database.arenas.by_slug("support")
        assert arena is not None
        found = {
            prompt.key: (prompt, await database.prepared.of_prompt(prompt.id))
            for prompt in await database.arenas.prompts(arena.id)
        }
        await database.close()
        return found

    return asyncio.run(reading())


def test_a_dry_run_shows_everything_and_stores_nothing(folder: Path) -> None:
    output = run("tickets.csv", "--pii", "redact", "--dry-run").output

    for line in (
        "file        tickets.csv,",
        "CSV, UTF-8, split by ','",
        "prompt = prompt",
        "personal    replaced: email 1",
        "taken       3 prompts",
        "categories  parcel 2, return 1",
        "answers     large, strict 1",
        "examples    Where is the parcel of [EMAIL_1]?",
        "generate    large, strict: 2 answers, price unknown",
        "small: 3 answers, price unknown",
        "nothing was stored (--dry-run)",
    ):
        assert line in output
    assert not (folder / "blindarena.db").exists()


def test_import_then_the_same_file_again(folder: Path) -> None:
    assert "3 prompts are in the arena support" in run("tickets.csv", "--pii", "redact").output
    before = {key: prompt.id for key, (prompt, _) in stored(folder).items()}
    run("tickets.csv", "--pii", "redact")

    after = stored(folder)
    assert {key: prompt.id for key, (prompt, _) in after.items()} == before
    assert after["T1"][0].text == "Where is the parcel of [EMAIL_1]?"
    assert [answer.text for answer in after["T1"][1]] == ["On its way."]
    assert after["T2"][1] == []


def test_generate_makes_what_is_missing_and_again_nothing(folder: Path) -> None:
    first = json.loads(
        run("tickets.csv", "--pii", "redact", "--generate", "--yes", "--json").output
    )
    again = run("tickets.csv", "--pii", "redact", "--generate", "--yes").output

    assert UUID(first["import"])
    assert (first["made"]["made"], first["made"]["failed"], first["made"]["left"]) == (5, 0, 0)
    assert sorted(a.text for a in stored(folder)["T1"][1]) == ["On its way.", "Two."]
    assert sorted(a.text for a in stored(folder)["T2"][1]) == ["One.", "Two."]
    assert "no answer is missing" in again


def test_a_failed_answer_is_told_and_made_by_the_same_command(folder: Path) -> None:
    whole = (folder / "two.json").read_text()
    (folder / "two.json").write_text('{"How do I send it back?": "Two."}')
    output = run("tickets.csv", "--generate", "--yes", "--pii", "redact", code=1).output

    assert "small: 2 failed (bad_request)" in output
    assert "the same command again asks for what is missing" in output

    (folder / "two.json").write_text(whole)
    again = json.loads(
        run("tickets.csv", "--generate", "--yes", "--pii", "redact", "--json").output
    )
    assert (again["made"]["made"], again["made"]["failed"]) == (3, 0)  # its file is another one now


def test_nobody_can_answer_so_yes_is_needed(folder: Path) -> None:
    with pytest.raises(ConfigError, match="give --yes where nobody can answer"):
        run("tickets.csv", "--generate")
    with pytest.raises(ConfigError, match="--max-spend only goes with --generate"):
        run("tickets.csv", "--max-spend", "3")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("missing.csv",), r"missing\.csv: can't be read \(No such file"),
        (("tickets.csv", "--map", "prompt"), "--map is 'prompt'; write OURS=THEIRS"),
        (("tickets.csv", "--map", "prompt=promt"), r"no column 'promt'; did you mean 'prompt'\?"),
        (("wrong.csv",), r"wrong\.csv: row 3: column 'prompt' is empty"),
        (("stranger.csv",), r"'answer_smal': .* no contestant 'smal'; did you mean 'small'\?"),
    ],
)
def test_wrong_input_is_one_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    (folder / "wrong.csv").write_text("prompt,id\nok,1\n,2\n")
    (folder / "stranger.csv").write_text("prompt,answer_smal\nok,1\n")

    with pytest.raises(InputError) as error:
        run(*words)

    assert re.search(said, str(error.value))
    assert "\n" not in str(error.value)


def test_an_unknown_arena_is_one_line(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"--arena 'suport': .*there are: support"):
        run("tickets.csv", arena="suport")


def test_wrong_rows_are_counted_when_skipped(folder: Path) -> None:
    (folder / "wrong.csv").write_text("prompt,id\nok,1\n,2\nmore,1\n")

    told: dict[str, Any] = json.loads(run("wrong.csv", "--on-bad-rows", "skip", "--json").output)

    assert told["preview"]["bad"] == {"empty prompt": 1, "id used twice": 1}
    assert list(stored(folder)) == ["1"]


def test_another_file_adds_to_what_was_imported(folder: Path) -> None:
    run("tickets.csv")
    (folder / "other.txt").write_text("Another question?\n")
    run("other.txt")

    assert len(stored(folder)) == 4
