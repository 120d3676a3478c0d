import json
from pathlib import Path

import pytest

from blindarena.errors import InputError
from blindarena.judge.checking import CategorySummary, check_questions, check_text
from blindarena.judge.questions import OWN_SETS, read_jsonl


def lines(*rows: dict[str, object] | str) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def test_every_problem_is_told_with_its_line() -> None:
    rubric = [{"id": "a b", "text": "x"}, {"id": "K", "text": "x"}, {"id": "k", "text": ""}]
    text = lines(
        {"question_id": 1, "turns": ["Why?"]},
        "{",
        "",
        {"question_id": 1, "turns": ["How?"]},
        {"turns": ["When?"], "required_temperature": 3},
        {"question_id": 5, "turns": ["Who?", " "], "rubric": rubric},
        {"question_id": 6, "turns": ["What?"], "reference": ["a", "b"]},
    )
    found = check_text(text, source="q.jsonl")

    assert [problem.split(": ", 1) for problem in found.problems] == [
        ["q.jsonl:2", "not a question: Input data was truncated"],
        ["q.jsonl:4", "question '1' comes twice"],
        ["q.jsonl:5", '"question_id" is missing'],
        ["q.jsonl:5", 'question ?: "required_temperature" is 3; it goes from 0 to 2'],
        ["q.jsonl:6", 'question 5: "turns" is empty or has an empty turn'],
        ["q.jsonl:6", "question 5: a rubric item's id comes twice"],
        ["q.jsonl:6", "question 5: the rubric item's id 'a b' may have letters, digits, "
         "underscores, dots and hyphens only, 80 at most"],
        ["q.jsonl:6", "question 5: a rubric item needs id, text and a weight above 0"],
        ["q.jsonl:7", "question 6: 2 references for 1 turns"],
    ]  # fmt: skip
    assert [question.id for question in found.questions] == ["1"]
    with pytest.raises(InputError, match=r"q.jsonl:2: not a question"):
        read_jsonl(text, source="q.jsonl")


def test_what_may_be_a_slip_is_a_hint() -> None:
    text = lines(
        {"question_id": 1, "turns": ["Why?"], "refrence": ["So."]},
        {"question_id": 2, "turns": ["Why?"], "refrence": ["So."], "cluster": "x"},
        {"question_id": 3, "turns": ["a", "b", "c"], "system": "Be kind."},
        {"question_id": 4, "turns": ["Why?"], "system": "Be kind."},
    )
    found = check_text(text, source="q")

    assert found.problems == ()
    assert found.hints == (
        'q:2: the field "cluster" is not read (1 line)',
        'q:1: the field "refrence" is not read (2 lines)',
        "q:2: question 2 asks the same as 1",
        "q:3: question 3 has 3 turns; judges look at the first two at most",
    )


def test_csv_and_an_empty_file() -> None:
    found = check_text("prompt,id\nWhy?,1\n ,2\nHow?,1\n", source="q.csv")
    assert found.problems == (
        "q.csv: row 3: the column 'prompt' is empty",
        "q.csv: row 4: question '1' comes twice",
    )
    assert found.hints == ()
    assert check_text("\n", source="q.jsonl").problems == ("q.jsonl: there is no question in it",)
    with pytest.raises(InputError, match='the column "prompt" is missing'):
        check_text("a,b\n", source="q.csv")


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"question_id": 1, "turns": ["One\u2028two\u0085three"]}\r\n', "utf-8")
    found = check_questions(str(file))
    assert found.problems == found.hints == ()
    assert found.questions[0].turns == ("One\u2028two\u0085three",)


@pytest.mark.parametrize("name", OWN_SETS)
def test_our_own_sets_have_no_problem_and_no_hint(name: str, root: Path) -> None:
    file = root / "src" / "blindarena" / "judge" / "sets" / f"{name}.jsonl"
    found = check_questions(str(file))
    assert found.problems == found.hints == ()
    assert check_questions(name).categories == found.categories


def test_the_summary_counts_by_category() -> None:
    item = {"id": "k", "text": "Kind?"}
    text = lines(
        {"question_id": 1, "category": "b", "turns": ["a", "b"], "reference": ["x", "y"]},
        {"question_id": 2, "category": "a", "turns": ["c"], "rubric": [item]},
        {"question_id": 3, "category": "b", "turns": ["d"]},
    )
    assert check_text(text, source="q").categories == {
        "a": CategorySummary(questions=1, turns=1, references=0, rubrics=1),
        "b": CategorySummary(questions=2, turns=3, references=1, rubrics=0),
    }
