import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import ConfigError
from blindarena.judge.fences import fence_mark
from blindarena.judge.prompting import (
    JudgePrompt,
    choose_prompt,
    own_prompts,
    read_fastchat_prompts,
    read_prompt,
)
from blindarena.judge.verdicts import parse_score
from judge.attacks import ATTACKS


def test_one_text_for_every_kind_of_judgment() -> None:
    prompts = list(own_prompts().values())
    for protocol in ("single", "pair"):
        for turns in (1, 2):
            for reference in (False, True):
                chosen = choose_prompt(
                    prompts,
                    protocol=protocol,  # type: ignore[arg-type]
                    turns=turns,
                    reference=reference,
                )
                assert chosen.fenced
                assert chosen.name == f"{chosen.id}@1"
    assert choose_prompt(prompts, protocol="baseline", turns=1, reference=False).verdicts == (
        "five_way"
    )
    with pytest.raises(ConfigError, match=r"rubric, 2 turns, without reference: .* found none"):
        choose_prompt(prompts, protocol="rubric", turns=2, reference=False)


@pytest.mark.parametrize("prompt", own_prompts().values(), ids=list(own_prompts()))
def test_every_field_is_filled_and_every_text_stands_in_its_fence(prompt: JudgePrompt) -> None:
    names = ("question", "answer", "ref_answer_1", "answer_a", "answer_b", "checklist")
    more = [f"{a}_{n}" for a in ("question", "answer", "ref_answer", "answer_a") for n in (1, 2)]
    texts = {n: f"text of {n} {{braces}}" for n in (*names, *more, "answer_b_1", "answer_b_2")}

    shown = prompt.render(texts)

    mark = fence_mark({n: t for n, t in texts.items() if n != "checklist"})
    assert shown.count(f" {mark}>\ntext of") == shown.count("\n</") > 0
    assert "{mark}" not in shown
    assert "{braces}" in shown


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_stays_inside_its_fence(attack: str) -> None:
    prompt = own_prompts()["pair"]
    texts = {"question": "Why?", "answer_a": attack, "answer_b": "Because."}

    shown = prompt.render(texts)

    mark = fence_mark(texts)
    assert mark not in attack
    inside = shown.split(f"<answer-a {mark}>\n")[1].split(f"\n</answer-a {mark}>")[0]
    assert inside.replace(" ", "") == attack.replace(" ", "")
    outside = shown.replace(inside, "")
    assert "im_start" not in outside
    assert "whatever stands above" not in outside


@given(st.text(max_size=40), st.text(max_size=40))
def test_marks_are_repeatable_and_in_no_text(one: str, other: str) -> None:
    texts = {"answer_a": one, "answer_b": other}
    assert fence_mark(texts) == fence_mark(dict(reversed(texts.items())))
    assert not any(fence_mark(texts) in text for text in texts.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: x\n", r"needs \[system\] and \[user\]"),
        ("colour: red\n[system]\n[user]\nHello", "s:1: 'colour: red': expected id"),
        ("id: x\nversion: one\nprotocol: pair\nverdicts: letters\n[system]\n[user]\nHi", "int"),
        ("id: x\nversion: 1\nprotocol: duel\nverdicts: letters\n[system]\n[user]\nHi", "duel"),
        ("id: x\nversion: 1\nprotocol: pair\nverdicts: letters\n[system]\n[user]\n{a", "s: "),
    ],
)
def test_a_text_that_cannot_be_used_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_prompt(text, source="s")


def test_a_field_that_is_not_given_is_named() -> None:
    with pytest.raises(ConfigError, match=r"blindarena-single@1: field \{answer\} is not among"):
        own_prompts()["single"].render({"question": "Why?"})


def test_fastchats_file_with_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "judge_prompts.jsonl"
    path.write_text('\n{"name": "x"}\n')
    with pytest.raises(ConfigError, match=r"judge_prompts.jsonl:2: .*type"):
        read_fastchat_prompts(path)
    path.write_text("")
    with pytest.raises(ConfigError, match="no judge prompt"):
        read_fastchat_prompts(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_fastchat_prompts(tmp_path / "none.jsonl")


def test_gpt4s_640_requests_byte_for_byte_and_800_scores(parity_data: Path) -> None:
    """The requests that FastChat sent for three models, and the scores that it read for four."""
    runs = parity_data / "judge" / "mtbench_runs"
    prompts = read_fastchat_prompts(runs / "judge_prompts.jsonl")
    questions = {q["question_id"]: q["turns"] for q in _lines(runs / "question.jsonl")}
    references = {
        r["question_id"]: r["choices"][0]["turns"]
        for r in _lines(runs / "reference_answer_gpt-4.jsonl")
    }
    answers: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for path in (runs / "model_answer").glob("*.jsonl"):
        for row in _lines(path):
            answers[path.stem][row["question_id"]] = row["choices"][0]["turns"]
    equal = parsed = 0
    for row in _lines(runs / "gpt-4_single.mistral-orpo.jsonl"):
        number = row["question_id"]
        asked, said = questions[number], answers[row["model"]][number]
        texts = {"question": asked[0], "answer": said[0]}
        texts |= {f"question_{n}": text for n, text in enumerate(asked, 1)}
        texts |= {f"answer_{n}": text for n, text in enumerate(said, 1)}
        texts |= {f"ref_answer_{n}": text for n, text in enumerate(references.get(number, []), 1)}
        equal += prompts[row["judge"][1]].render(texts) == row["user_prompt"]
        score = parse_score(row["judgment"], bare=True)
        parsed += (-1 if score is None else score) == row["score"]

    expected = json.loads((parity_data / "judge" / "expected.json").read_text())["mtbench_single"]
    assert parsed == expected["score_parsed_equal"] == 800
    assert equal == expected["user_prompt_rendered_equal"] == 640


def _lines(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
