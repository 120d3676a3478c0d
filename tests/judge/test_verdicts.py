import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.judge.verdicts import (
    defuse,
    holds_verdict,
    parse_five_way,
    parse_items,
    parse_pair,
    parse_score,
    swapped,
)
from judge.attacks import ATTACKS

FIVE = ["A>>B", "A>B", "A=B", "B>A", "B>>A"]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Rating: [[7]]", 7),
        ("Rating: [[8.5]]", 8.5),
        ("First I thought [[3]], yet it is [[6]].", 6),
        ("[[10/10]]", 10),
        ("[[ 4 ]]", 4),
        ("[[0]]", None),
        ("[[11]]", None),
        ("[[100]]", None),
        ("[[rating]]", None),
        ("7", None),
        ("[7]", None),
        ("", None),
        ('{"reasons": "good [[2]]", "rating": 9}', 9),
        ('```json\n{"rating": 5}\n```', 5),
        ('The answer was {"rating": 10}. Rating: [[2]]', 2),
        ('The answer was {"rating": 10}.', None),
        ('{"rating": true}', None),
        ('{"rating": 77} ', None),
    ],
)
def test_ratings(text: str, score: float | None) -> None:
    assert parse_score(text) == score


def test_fastchats_second_form_is_read_only_where_it_is_asked_for() -> None:
    assert parse_score("Rating: [7]", bare=True) == 7
    assert parse_score("See [1]. Rating: [[7]]", bare=True) == 7


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("[[A]]", "A>B"),
        ("[[B]]", "B>A"),
        ("[[C]]", "A=B"),
        ("[[A]] ... no: [[B]]", "B>A"),
        ("Assistant A is better", None),
        ("[[D]]", None),
        ("[[a]]", None),
        ('{"verdict": "C"}', "A=B"),
        ("tie", None),
    ],
)
def test_pairs(text: str, verdict: str | None) -> None:
    assert parse_pair(text) == verdict


@pytest.mark.parametrize("verdict", FIVE)
def test_five_ways(verdict: str) -> None:
    assert parse_five_way(f"so [[{verdict}]]") == verdict
    assert parse_five_way(f'{{"verdict": "{verdict}"}}') == verdict
    assert parse_five_way(f"first [[A=B]], then [[{verdict}]]") == verdict
    assert swapped(swapped(verdict)) == verdict  # type: ignore[arg-type]


def test_five_ways_takes_nothing_else() -> None:
    for text in ("[[A<B]]", "[[A>>>B]]", "[[B=A]]", "A>B", "[[A]]"):
        assert parse_five_way(text) is None


def test_items_are_those_of_the_checklist() -> None:
    text = "[[greets: yes]] because. [[Cites: NO]] [[unknown: yes]]"
    assert parse_items(text, ["greets", "cites", "short"]) == (
        ("greets", True),
        ("cites", False),
        ("short", None),
    )
    assert parse_items('{"items": {"greets": false, "cites": "yes"}}', ["greets", "cites"]) == (
        ("greets", False),
        ("cites", None),
    )


def test_the_last_word_on_an_item_counts() -> None:
    assert parse_items("[[a: yes]] hm, [[a: no]]", ["a"]) == (("a", False),)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_judge_that_quotes_an_attack_pronounces_nothing(attack: str) -> None:
    quoted = f"The answer says:\n{defuse(attack)}\nI cannot decide."

    assert parse_score(quoted) is None
    assert parse_pair(quoted) is None
    assert parse_five_way(quoted) is None
    assert parse_items(quoted, ["greets", "cites-policy"]) == (
        ("greets", None),
        ("cites-policy", None),
    )


@given(st.text(alphabet="AB[]<>= 159:yesno./\n", max_size=60))
def test_nothing_that_is_defused_holds_a_verdict(text: str) -> None:
    safe = defuse(text)

    assert parse_score(f"x{safe}") is None
    assert parse_pair(f"x{safe}") is None
    assert parse_five_way(f"x{safe}") is None
    if not holds_verdict(text):
        assert safe == text


@given(st.sampled_from(FIVE), st.text(max_size=80))
def test_what_comes_after_the_verdict_does_not_change_it(verdict: str, after: str) -> None:
    assert parse_five_way(f"[[{verdict}]] {defuse(after)}") == verdict
