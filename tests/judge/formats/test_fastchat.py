import json
from pathlib import Path
from typing import Any

import pytest

from blindarena.errors import ConfigError, InputError
from blindarena.judge.formats.exporting import write_fastchat
from blindarena.judge.formats.gathering import UNKNOWN_QUESTION, Gathered, gather
from blindarena.judge.formats.importing import write_run
from blindarena.judge.judged_run import read_judged_run
from judge.records import both, judgment, run_of

QUESTIONS: list[dict[str, Any]] = [
    {"question_id": 81, "category": "math", "turns": ["2 + 3?", "times 4?"]},
    {"question_id": 82, "category": "writing", "turns": ["A line.", "Rhyme it."]},
]


def answer(model: str, number: int, *turns: str) -> dict[str, Any]:
    return {
        "question_id": number,
        "answer_id": f"{model}{number}",
        "model_id": model,
        "choices": [{"index": 0, "turns": list(turns)}],
        "tstamp": 5.5,
    }


def single(model: str, score: float, *, turn: int = 1, text: str = "So.") -> dict[str, Any]:
    return {
        "question_id": 81,
        "model": model,
        "judge": ["gpt-4", "single-v1"],
        "user_prompt": "",
        "judgment": text,
        "score": score,
        "turn": turn,
        "tstamp": 7.0,
    }


def pair(one: str, other: str, *, text: str = "So.") -> dict[str, Any]:
    return {
        "question_id": 82,
        "model_1": "m",
        "model_2": "n",
        "g1_winner": one,
        "g2_winner": other,
        "judge": ["gpt-4", "pair-v2"],
        "g1_user_prompt": "",
        "g1_judgment": "First.",
        "g2_user_prompt": "",
        "g2_judgment": text,
        "turn": 1,
        "tstamp": 8.0,
    }


SINGLES = [
    single("m", 7),
    single("m", 6.5, turn=2),
    single("n", -1),
    single("n", 3, turn=2),
    single("m", 8),  # FastChat adds to its file when it is run again
    single("n", -1, turn=2, text="$ERROR$"),
]
PAIRS = [
    pair("model_1", "model_1"),
    pair("model_2", "tie"),
    pair("error", "model_2"),
    pair("tie", "error", text="$ERROR$"),
]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    root = tmp_path / "mt_bench"
    write(root / "question.jsonl", QUESTIONS)
    write(
        root / "model_answer" / "m.jsonl", [answer("m", 81, "5", "20"), answer("m", 82, "a", "b")]
    )
    write(root / "model_answer" / "n.jsonl", [answer("n", 81, "6", "$ERROR$")])
    write(root / "reference_answer" / "gpt-4.jsonl", [answer("gpt-4", 81, "5", "20")])
    write(root / "model_judgment" / "gpt-4_single.jsonl", SINGLES)
    write(root / "model_judgment" / "gpt-4_pair.jsonl", PAIRS)
    return root


def imported(bench: Path, run: Path) -> Gathered:
    gathered = gather(bench)
    write_run(gathered, run, version="1")
    return gathered


def test_a_round_trip_loses_nothing(bench: Path, tmp_path: Path) -> None:
    gathered = imported(bench, tmp_path / "run")

    report = write_fastchat(read_judged_run(tmp_path / "run"), tmp_path / "out")

    again = tmp_path / "out"
    assert (report.questions, report.answers, report.single, report.pairs) == (2, 2, 6, 4)
    assert read(again / "model_answer" / "m.jsonl") == read(bench / "model_answer" / "m.jsonl")
    assert read(again / "model_judgment" / "gpt-4_single.jsonl") == SINGLES
    assert read(again / "model_judgment" / "gpt-4_pair.jsonl") == PAIRS
    references = read(again / "reference_answer" / "gpt-4.jsonl")
    assert references[0]["choices"] == [{"index": 0, "turns": ["5", "20"]}]
    assert gather(again).judgments == gathered.judgments
    assert [row["turns"] for row in read(again / "question.jsonl")] == [
        row["turns"] for row in QUESTIONS
    ]


def test_what_is_read(bench: Path, tmp_path: Path) -> None:
    gathered = imported(bench, tmp_path / "run")
    found = {
        (one.protocol, one.contestants, one.turn, one.order, one.repeat): one
        for one in gathered.judgments
    }

    assert found["single", ("m",), 1, None, 1].score == 8
    assert found["single", ("n",), 1, None, 0].unparsed
    assert found["single", ("n",), 2, None, 1].error is not None
    first, second = (found["pair", ("m", "n"), 1, order, 0] for order in ("ab", "ba"))
    assert (first.verdict, second.verdict) == ("A>B", "B>A")  # about the two as shown
    assert found["pair", ("m", "n"), 1, "ab", 2].unparsed
    assert found["pair", ("m", "n"), 1, "ba", 3].error is not None
    assert found["single", ("m",), 1, None, 0].category == "math"
    run = read_judged_run(tmp_path / "run")
    assert run.questions[0].reference == ("5", "20")
    assert run.answers["n"] == {}  # its second turn failed
    assert set(run.spec.judgings) == {"single", "pair"}


def test_importing_again_adds_nothing(bench: Path, tmp_path: Path) -> None:
    imported(bench, tmp_path / "run")
    report = write_run(gather(bench), tmp_path / "run", version="1")

    assert (report.added_answers, report.added_judgments) == (0, 0)
    assert (report.answers, report.judgments) == (3, 14)


def test_a_file_of_judgments_alone_is_enough(bench: Path, tmp_path: Path) -> None:
    gathered = imported(bench / "model_judgment" / "gpt-4_pair.jsonl", tmp_path / "run")

    assert gathered.questions["82"].turns[0] == UNKNOWN_QUESTION
    assert len(read_judged_run(tmp_path / "run").judgments) == 8


def test_a_contestant_is_called_as_its_file_is(bench: Path) -> None:
    (bench / "model_answer" / "m.jsonl").rename(bench / "model_answer" / "other.jsonl")

    assert ("other", "81") in gather(bench).answers


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        (
            "model_judgment/gpt-4_single.jsonl",
            single("m", 11),
            r"single\.jsonl:2: .*is 11; a score",
        ),
        (
            "model_judgment/gpt-4_pair.jsonl",
            pair("model_3", "tie"),
            r"pair\.jsonl:2: winner 'model_3' is none of model_1, model_2, tie, error",
        ),
        (
            "model_judgment/gpt-4_pair.jsonl",
            {**pair("tie", "tie"), "model_2": "m"},
            r"pair\.jsonl:2: 'm' is compared with itself",
        ),
        (
            "model_judgment/gpt-4_single.jsonl",
            {**single("m", 3), "judge": ["gpt-4"]},
            r"single\.jsonl:2: \"judge\" is \['gpt-4'\]",
        ),
        (
            "model_judgment/gpt-4_single.jsonl",
            {**single("m", 3), "score": "good"},
            r"single\.jsonl:2: not a single judgment: .*score",
        ),
        (
            "model_answer/m.jsonl",
            {**answer("m", 82, "x"), "choices": []},
            r"m\.jsonl:2: \"choices\" is empty",
        ),
        (
            "reference_answer/gpt-4.jsonl",
            answer("gpt-4", 99, "x"),
            r"gpt-4\.jsonl:2: there is no question 99",
        ),
    ],
)
def test_a_bad_line_is_named(bench: Path, name: str, row: dict[str, Any], message: str) -> None:
    good = {
        "model_judgment/gpt-4_single.jsonl": single("m", 7),
        "model_judgment/gpt-4_pair.jsonl": pair("tie", "tie"),
        "model_answer/m.jsonl": answer("m", 81, "x"),
        "reference_answer/gpt-4.jsonl": answer("gpt-4", 81, "x"),
    }
    write(bench / name, [good[name], row])

    with pytest.raises(InputError, match=message):
        gather(bench)


def test_half_a_line_is_named(bench: Path) -> None:
    path = bench / "model_judgment" / "gpt-4_pair.jsonl"
    path.write_text(json.dumps(PAIRS[0]) + '\n{"question_id": 8', encoding="utf-8")

    with pytest.raises(InputError, match=r"pair\.jsonl:2: not a JSON object"):
        gather(bench)


def test_a_folder_without_any_such_file(tmp_path: Path) -> None:
    write(tmp_path / "x" / "other.jsonl", [{"a": 1}])

    with pytest.raises(InputError, match=r"no file of FastChat, Arena-Hard or AlpacaEval"):
        gather(tmp_path / "x")


def test_what_fastchat_cannot_hold_is_counted(tmp_path: Path) -> None:
    run = run_of(
        [
            *both("1", ("m", "n"), "A>>B", "B>>A", protocol="baseline"),
            *both("2", ("m", "n"), "A>B", None),
            judgment("1", ("m",), protocol="rubric", score=0.5),
        ]
    )

    report = write_fastchat(run, tmp_path / "out")

    assert (report.pairs, report.strong, report.rubric, report.without_prompt) == (2, 2, 1, 4)
    rows = read(tmp_path / "out" / "model_judgment" / "j_pair.jsonl")
    assert [(row["g1_winner"], row["g2_winner"]) for row in rows] == [
        ("model_1", "model_1"),
        ("model_1", "error"),
    ]
    with pytest.raises(ConfigError, match="is not empty"):
        write_fastchat(run, tmp_path / "out")
