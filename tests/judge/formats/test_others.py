"""Files of Arena-Hard, in both spellings, and of AlpacaEval."""

import json
from pathlib import Path
from typing import Any

import pytest

from blindarena.errors import InputError
from blindarena.judge.formats.gathering import gather
from blindarena.judge.formats.importing import write_run
from blindarena.judge.judged_run import read_judged_run
from blindarena.judge.scoring.summary import score_run


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def test_arena_hard_v0_1(tmp_path: Path) -> None:
    """The first game shows the baseline first; the judge and the baseline are not in the lines."""
    write(
        tmp_path / "question.jsonl",
        [
            {"question_id": name, "category": "arena-hard-v0.1", "turns": [{"content": "Why?"}]}
            for name in ("q1", "q2", "q3")
        ],
    )
    answer = {"question_id": "q1", "answer_id": "a", "model_id": "m", "tstamp": 1.0}
    write(
        tmp_path / "model_answer" / "m.jsonl",
        [{**answer, "choices": [{"index": 0, "turns": [{"content": "So.", "token_len": 2}]}]}],
    )
    games = [
        ("q1", "B>>A", "A>B"),  # a strong win and a win of the model
        ("q2", "A>B", "B>>A"),  # a loss and a strong loss
        ("q3", "A=B", None),
    ]
    write(
        tmp_path / "model_judgment" / "gpt-4-1106-preview" / "m.jsonl",
        [
            {
                "question_id": name,
                "model": "m",
                "games": [
                    {"user_prompt": "", "judgment": "text", "score": score}
                    for score in (one, other)
                ],
            }
            for name, one, other in games
        ],
    )
    write_run(gather(tmp_path), tmp_path / "run", version="1")

    run = read_judged_run(tmp_path / "run")

    assert run.spec.judges.keys() == {"gpt-4-1106-preview"}
    assert run.answers["m"]["q1"].turns[0].text == "So."
    (row,) = score_run(run).protocols[0].pairs[0].against
    assert (row.contestant, row.strong_wins, row.wins, row.ties) == ("m", 1, 1, 0)
    assert (row.losses, row.strong_losses, row.unparsed) == (1, 1, 1)
    assert run.spec.judgings["baseline"].baseline == "gpt-4-0314"


def test_arena_hard_v2(tmp_path: Path) -> None:
    write(tmp_path / "question.jsonl", [{"uid": "u", "category": "hard_prompt", "prompt": "Why?"}])
    messages = [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": {"answer": "So."}},
    ]
    write(tmp_path / "model_answer" / "m.jsonl", [{"uid": "u", "model": "m", "messages": messages}])
    judged = {"uid": "u", "model": "m", "judge": "gemini-2.5", "baseline": "o3-mini"}
    game = {"score": "A<<B", "judgment": {"answer": "text"}}
    write(tmp_path / "model_judgment" / "x" / "m.jsonl", [{**judged, "games": [game, None]}])

    gathered = gather(tmp_path)

    first, second = gathered.judgments
    assert (first.contestants, first.judge, first.order) == (("m", "o3-mini"), "gemini-2.5", "ba")
    assert (first.verdict, first.text, first.category) == ("B>>A", "text", "hard_prompt")
    assert second.error is not None
    assert gathered.answers["m", "u"].turns[0].text == "So."
    assert gather(tmp_path, baseline="other").judgments[0].contestants == ("m", "other")


def test_arena_hards_labels_are_checked(tmp_path: Path) -> None:
    row = {"question_id": "q", "model": "m", "games": [{"score": "A>>>B"}]}
    write(tmp_path / "j" / "m.jsonl", [row])

    with pytest.raises(InputError, match=r"m\.jsonl:1: score 'A>>>B' is none of A>>B"):
        gather(tmp_path)


def alpaca(number: int, preference: float | None) -> dict[str, Any]:
    return {
        "instruction": f"Do {number}.",
        "output_1": "base",
        "generator_1": "base",
        "output_2": "mine",
        "generator_2": "mine",
        "dataset": "helpful_base",
        "annotator": "weighted",
        "preference": preference,
        "price_per_example": 0.25,
    }


def test_alpaca_eval(tmp_path: Path) -> None:
    """Its win rate is the mean of preference - 1."""
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps([alpaca(1, 1.9), alpaca(2, 1.25), alpaca(3, 1.5), alpaca(4, None)]))
    write_run(gather(path), tmp_path / "run", version="1")

    scores = score_run(read_judged_run(tmp_path / "run")).protocols[0]

    (row,) = scores.pairs[0].against
    assert row.plain.value == pytest.approx((0.9 + 0.25 + 0.5) / 3)
    assert (row.wins, row.ties, row.losses, row.unparsed) == (1, 1, 1, 1)
    behaviour = scores.behaviour[0]
    assert behaviour.orders is None
    assert behaviour.effort.cost_usd == pytest.approx(1.0)
    assert behaviour.ties.value == pytest.approx(1 / 3)


def test_alpaca_evals_outputs_are_answers(tmp_path: Path) -> None:
    path = tmp_path / "model_outputs.json"
    path.write_text(json.dumps([{"instruction": "Do.", "output": "Done.", "generator": "m"}]))

    gathered = gather(path)

    (answer,) = gathered.answers.values()
    assert (answer.contestant, answer.turns[0].text) == ("m", "Done.")
    assert gathered.questions[answer.question_id].turns == ("Do.",)


@pytest.mark.parametrize(("preference", "message"), [(2.5, "is 2.5; it is 1 to 2")])
def test_a_bad_item_is_named(tmp_path: Path, preference: float, message: str) -> None:
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps([alpaca(1, 1), alpaca(2, preference)]))

    with pytest.raises(InputError, match=rf"annotations\.json: item 2: .*{message}"):
        gather(path)
