"""`blindarena questions`: what people and programs are told."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.errors import BlindArenaError, InputError
from blindarena.judge.questions import load_questions, read_jsonl


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["questions", *words], env={"COLUMNS": "120"})


def failing(*words: str) -> str:
    done = run(*words)
    assert isinstance(done.exception, BlindArenaError)
    return str(done.exception)


def test_list_names_our_sets_and_the_public_ones() -> None:
    told = run("list").stdout
    assert "starter: 80 questions" in told
    assert "customer-service: 60 questions" in told
    assert "arena-hard-v0.1" in told

    found = json.loads(run("list", "--json").stdout)
    assert found["own"]["starter"]["categories"]["math"] == {
        "questions": 10,
        "turns": 20,
        "references": 10,
        "rubrics": 0,
    }
    assert found["public"]["mt-bench"]["licence"] == "Apache-2.0"
    assert found["public"]["arena-hard"]["sha256"] is None


def test_show_a_set_and_one_question_in_full() -> None:
    lines = run("show", "starter", "--category", "math").stdout.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("starter-math-01  A box holds 12 pens.")

    told = run("show", "customer-service", "cs-delivery-03").stdout
    (question,) = (
        q for q in load_questions("customer-service").questions if q.id == "cs-delivery-03"
    )
    for text in (question.system, *question.turns, *question.reference):
        assert str(text) in told
    for item in question.rubric:
        assert f"{item.weight:4g}  {item.id}: {item.text}" in told


def test_show_as_json_is_a_file_of_questions() -> None:
    told = run("show", "starter", "--json").stdout
    assert tuple(read_jsonl(told, source="told")) == load_questions("starter").questions


def test_show_what_is_not_there() -> None:
    assert "has no question 'x'; see all" in failing("show", "starter", "x")
    assert "there are: coding, extraction" in failing("show", "starter", "--category", "x")
    assert "neither a file nor one of our sets" in failing("show", "none.jsonl")


def test_check_tells_all_problems_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"question_id": 1, "turns": ["Why?"], "tag": 1}\n{\n{"turns": []}\n')
    done = run("check", str(file))

    assert done.exit_code == 2
    assert f"{file}:2: not a question" in done.stdout
    assert f'{file}:3: "question_id" is missing' in done.stdout
    assert f'hint: {file}:1: the field "tag" is not read' in done.stdout
    assert done.stdout.endswith("1 question, 3 problems\n")
    found = json.loads(run("check", str(file), "--json").stdout)
    assert len(found["problems"]) == 3
    assert found["categories"]["general"]["questions"] == 1
    assert run("check", "starter").exit_code == 0


def test_get_copies_a_file_and_says_what_was_compared(tmp_path: Path) -> None:
    file, out = tmp_path / "mine.jsonl", tmp_path / "out.jsonl"
    file.write_text('{"question_id": 1, "turns": ["Why?"]}\n')
    done = run("get", str(file), "--out", str(out))

    assert done.exit_code == 0
    assert out.read_bytes() == file.read_bytes()
    assert "compared with nothing" in done.stdout
    assert "is there already" in failing("get", str(file), "--out", str(out))
    told = json.loads(run("get", str(file), "--out", str(out), "--force", "--json").stdout)
    assert told["checked"] == "nobody"
    sha256 = told["sha256"]
    done = run("get", str(file), "--out", str(out), "--force", "--sha256", sha256)
    assert f"SHA-256 {sha256}: as given" in done.stdout


def test_get_joins_references(tmp_path: Path) -> None:
    file, reference, out = (tmp_path / f"{name}.jsonl" for name in ("mine", "right", "out"))
    file.write_text('{"question_id": 1, "turns": ["Why?"]}\n')
    row = {"question_id": 1, "answer_id": "a", "model_id": "m", "tstamp": 1.0}
    reference.write_text(json.dumps({**row, "choices": [{"index": 0, "turns": ["So."]}]}))
    done = run("get", str(file), "--reference", str(reference), "--out", str(out))

    assert "references joined to 1 question\n" in done.stdout
    assert load_questions(str(out)).questions[0].reference == ("So.",)


def test_get_takes_the_mirror_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLINDARENA_MIRROR", "nonsense")
    out = tmp_path / "out.jsonl"
    done = CliRunner().invoke(app, ["questions", "get", "mt-bench", "--out", str(out)])
    assert isinstance(done.exception, InputError)
    assert "the mirror is 'nonsense'" in str(done.exception)
    assert not out.exists()
