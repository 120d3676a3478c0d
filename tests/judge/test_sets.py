"""Our own sets of questions: whole, distinct, and true to their own texts."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from blindarena.domain.judging import Question
from blindarena.judge.questions import load_questions, write_jsonl
from blindarena.judge.verdicts import holds_verdict, parse_items

STARTER = load_questions("starter").questions
SERVICE = load_questions("customer-service").questions
WITH_REFERENCES = {"extraction", "math", "reasoning", "coding", "stem"}
CATEGORIES = {"writing", "roleplay", "humanities"} | WITH_REFERENCES
POLICY = SERVICE[0].system or ""


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def grams(text: str, n: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + n]) for at in range(len(found) - n + 1)}


SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "²": "**2", "³": "**3", "⁴": "**4"})


def equations(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield left side, sign and right side of each equation that has numbers only."""
    text = text.translate(SIGNS)
    for sign in re.finditer("[=≈]", text):
        left = re.search(r"[\d.+\-*/() ]*$", text[: sign.start()])
        right = re.match(r"[\d.+\-*/() ]*", text[sign.end() :])
        assert left is not None
        assert right is not None
        sides = [left[0].strip(), right[0].rstrip(". ").strip()]
        whole = all(re.match(r"[\d(]", s) and s.count("(") == s.count(")") for s in sides)
        before = text[: left.start()][-1:]
        if whole and re.search(r"\d[^\d.]+\d", left[0]) and before != "√":
            yield sides[0], sign[0], sides[1]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.:]\d+)*", text))


@pytest.mark.parametrize(("questions", "count"), [(STARTER, 80), (SERVICE, 60)])
def test_all_are_there_in_order_and_of_sane_length(
    questions: tuple[Question, ...], count: int
) -> None:
    ids = [question.id for question in questions]
    assert len(ids) == count
    assert ids == sorted(set(ids))
    for question in questions:
        assert re.fullmatch(rf"(starter|cs)-{question.category}-\d\d", question.id)
        assert question.tags == tuple(dict.fromkeys(question.tags))
        for turn in question.turns:
            assert 10 <= len(turn) <= 1500, question.id
            assert turn == turn.strip()
        for reference in question.reference:
            assert 2 <= len(reference) <= 1500, question.id
        assert not holds_verdict(" ".join((*question.turns, *question.reference)))


def test_the_files_are_as_we_write_them(root: Path) -> None:
    for questions, name in ((STARTER, "starter"), (SERVICE, "customer-service")):
        file = root / "src" / "blindarena" / "judge" / "sets" / f"{name}.jsonl"
        assert file.read_bytes() == b"".join(write_jsonl(questions))


def test_no_two_questions_are_nearly_the_same() -> None:
    for questions in (STARTER, SERVICE):
        texts = [(q.id, grams(q.turns[0], 2)) for q in questions]
        for (one, first), (other, second) in combinations(texts, 2):
            alike = len(first & second) / len(first | second)
            assert alike < 0.4, f"{one} and {other}: {alike:.2f}"
        turns = [turn for question in questions for turn in question.turns]
        assert len(turns) == len(set(turns))


def test_nothing_is_taken_from_mt_bench(parity_data: Path) -> None:
    others = load_questions(str(parity_data / "judge" / "mtbench_runs" / "question.jsonl"))
    theirs = {gram for q in others.questions for turn in q.turns for gram in grams(turn, 8)}
    assert len(theirs) > 4000
    for question in STARTER + SERVICE:
        shared = {gram for turn in question.turns for gram in grams(turn, 8)} & theirs
        assert shared == set(), question.id


def test_starter_has_ten_of_each_category_in_three_grades() -> None:
    assert Counter(q.category for q in STARTER) == dict.fromkeys(CATEGORIES, 10)
    for category in CATEGORIES:
        grades = Counter(q.tags[0] for q in STARTER if q.category == category)
        assert grades.keys() == {"easy", "medium", "hard"}
        assert min(grades.values()) >= 2
    assert all(len(q.turns) == 2 and not q.system and not q.rubric for q in STARTER)


def test_starter_has_references_for_both_turns_where_there_is_a_right_answer() -> None:
    for question in STARTER:
        expected = 2 if question.category in WITH_REFERENCES else 0
        assert len(question.reference) == expected, question.id


def test_every_sum_in_an_explanation_is_right() -> None:
    found = 0
    for question in STARTER:
        for reference in question.reference if question.category != "coding" else ():
            for left, sign, right in equations(reference):
                found += 1
                ours, told = eval(left), eval(right)
                if sign == "=":
                    assert math.isclose(ours, told, rel_tol=1e-9), f"{question.id}: {left}"
                else:
                    digits = len(right.partition(".")[2])
                    assert round(ours, digits) == told, f"{question.id}: {left}"
    assert found >= 25


def test_the_service_questions_share_one_policy() -> None:
    assert {question.system for question in SERVICE} == {POLICY}
    assert 400 <= len(POLICY.split()) <= 600
    found = Counter(question.category for question in SERVICE)
    assert set(found) == {
        "account",
        "angry",
        "complaint",
        "damaged",
        "delivery",
        "other-language",
        "out-of-policy",
        "prompt-injection",
        "refunds",
        "returns",
    }
    assert min(found.values()) >= 4


def test_ways_of_answering_are_all_asked_for() -> None:
    tags = Counter(tag for question in SERVICE for tag in question.tags)
    assert set(tags) == {"refuse", "escalate", "de", "fr", "es"}
    assert tags["refuse"] >= 10
    assert tags["escalate"] >= 5
    assert min(tags[language] for language in ("de", "fr", "es")) >= 2
    assert 8 <= sum(len(question.turns) == 2 for question in SERVICE) <= 30
    assert sum(bool(question.reference) for question in SERVICE) >= 40


@pytest.mark.parametrize("question", SERVICE, ids=lambda question: question.id)
def test_a_rubric_follows_from_the_policy(question: Question) -> None:
    """Every number and every quoted name is the policy's, or the customer's own."""
    asked = " ".join(question.turns)
    assert 3 <= len(question.rubric) <= 6
    for item in question.rubric:
        assert re.fullmatch(r"[a-z_]{2,20}", item.id)
        assert item.text.endswith("?")
        assert item.weight in (1, 2, 3)
        assert numbers(item.text) <= numbers(POLICY) | numbers(asked), item.text
        for quoted in re.findall(r'"([^"]+)"', item.text):
            assert f'"{quoted}"' in POLICY, item.text
    said = "\n".join(f"[[{item.id}: yes]]" for item in question.rubric)
    assert all(verdict for _, verdict in parse_items(said, [i.id for i in question.rubric]))


@pytest.mark.parametrize(
    "question", [q for q in SERVICE if q.reference], ids=lambda question: question.id
)
def test_a_reference_follows_from_the_policy(question: Question) -> None:
    asked = " ".join(question.turns)
    for reference in question.reference:
        assert numbers(reference) <= numbers(POLICY) | numbers(asked)
        assert len(reference.split()) <= 150
    if "escalate" in question.tags:
        # In the customers' languages: a colleague, within 2 working days.
        assert re.search(r"colleague|Kolleg", question.reference[0])
        assert any(item.id == "hands_over" for item in question.rubric)


def test_periods_and_amounts_are_cited_as_the_policy_has_them() -> None:
    """A number alone could be another rule's: with its unit it must stand in the policy."""
    cited = re.compile(r"\d+(?: to \d+)? (?:working days?|days|euros|kg|photos)")
    for question in SERVICE:
        asked = " ".join(question.turns)
        told = [item.text for item in question.rubric]
        if not {"de", "fr", "es"} & set(question.tags):
            told += question.reference
        for text in told:
            for phrase in cited.findall(text):
                assert phrase in POLICY or phrase.split(" ")[0] in numbers(asked), phrase
