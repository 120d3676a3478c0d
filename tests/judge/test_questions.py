import json
from pathlib import Path

import pytest

from blindarena.domain.judging import Question, RubricItem
from blindarena.errors import InputError
from blindarena.judge.questions import (
    QuestionSet,
    load_questions,
    read_csv,
    read_jsonl,
    write_jsonl,
)


def test_fastchats_lines(parity_data: Path) -> None:
    found = load_questions(str(parity_data / "judge" / "mtbench_runs" / "question.jsonl"))

    assert len(found.questions) == 80
    assert found.questions[0].id == "81"
    assert all(len(question.turns) == 2 for question in found.questions)
    assert {q.category for q in found.questions} >= {"writing", "math", "coding", "stem"}


def test_arena_hards_lines() -> None:
    old = '{"question_id": "ab12", "category": "arena-hard-v0.1", "turns": [{"content": "Hi?"}]}'
    new = '{"uid": "f9", "category": "hard_prompt", "subcategory": "coding", "prompt": "Why?"}'
    assert read_jsonl(f"{old}\n{new}\n", source="q") == [
        Question("ab12", "arena-hard-v0.1", ("Hi?",)),
        Question("f9", "coding", ("Why?",)),
    ]


def test_what_is_written_is_read_again() -> None:
    questions = [
        Question("7", "math", ("2 + 2?", "And?"), ("4",), required_temperature=0.1),
        Question("007", "x", ("Hm?",), tags=("a", "b")),
        Question("T-1", "support", ("Hi",), system="Be kind.", rubric=(RubricItem("k", "Kind?"),)),
    ]
    lines = b"".join(write_jsonl(questions)).decode()
    assert read_jsonl(lines, source="q") == questions
    assert [json.loads(line)["question_id"] for line in lines.splitlines()] == [7, "007", "T-1"]
    assert QuestionSet("a", tuple(questions)).digest == QuestionSet("b", tuple(questions)).digest
    assert (
        QuestionSet("a", tuple(questions[1:])).digest != QuestionSet("a", tuple(questions)).digest
    )


def test_a_csv_of_prompts() -> None:
    text = "id,prompt,category,reference,system\nT1,Why?,parcel,Because,Be kind\n,How?,,,\n"
    assert read_csv(text, source="q.csv") == [
        Question("T1", "parcel", ("Why?",), ("Because",), system="Be kind"),
        Question("0002", "general", ("How?",)),
    ]
    assert read_csv("prompt\tid\nWhy?\t5\n", source="q.tsv") == [
        Question("5", "general", ("Why?",))
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "q:1: not a question"),
        ('{"category": "x", "turns": ["a"]}', 'q:1: "question_id" is missing'),
        ('{"question_id": 1}', 'question 1: "turns" is empty'),
        ('{"question_id": 1, "turns": []}', '"turns" is empty'),
        ('{"question_id": 1, "turns": ["a", " "]}', "or has an empty turn"),
        ('\n{"question_id": 1, "turns": 5}', "q:2: not a question"),
        ('{"question_id": 1, "turns": ["a"], "reference": ["b", "c"]}', "2 references for 1 turns"),
        ('{"question_id": 1, "turns": ["a"]}\n' * 2, "q:2: question '1' comes twice"),
        ("\n\n", "q: there is no question in it"),
        (
            '{"question_id": 1, "turns": ["a"], "rubric": [{"id": "k", "text": "", "weight": 1}]}',
            "needs id, text and a weight above 0",
        ),
        (
            '{"question_id": 1, "turns": ["a"], "rubric": '
            '[{"id": "k", "text": "x"}, {"id": "k", "text": "y"}]}',
            "id comes twice",
        ),
    ],
)
def test_a_line_that_is_no_question_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_jsonl(text, source="q")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question_text\nhm\n", 'the column "prompt" is missing; found: question_text'),
        ("", "is missing; found: $"),
        ("prompt\n\n  \n", "row 2: the column 'prompt' is empty"),
        ('prompt\n"open', "not a CSV file"),
        ("id,prompt\n1,a\n1,b\n", "row 3: question '1' comes twice"),
        ("prompt\n", "there is no question"),
    ],
)
def test_a_csv_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_csv(text, source="q.csv")


def test_neither_a_set_nor_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither a file nor one of our sets \(starter"):
        load_questions(str(tmp_path / "none.jsonl"))
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InputError, match="can't be read"):
        load_questions(str(tmp_path / "latin.jsonl"))
