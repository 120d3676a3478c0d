"""Judged pairs one by one: what both orders and all judges say, what people may look at."""

from dataclasses import replace
from pathlib import Path

import pytest

from blindarena.domain.judging import FiveWay, Order
from blindarena.judge.browsing.filtering import Wanted, chosen
from blindarena.judge.browsing.items import Item, items_of
from blindarena.judge.judged_run import read_judged_run
from judge.made_up_run import write_run
from judge.records import both, judgment, run_of


def only(*judgments: object) -> Item:
    (item,) = items_of(run_of([*judgments]))  # type: ignore[list-item]
    return item


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    return list(items_of(read_judged_run(write_run(tmp_path_factory.mktemp("runs") / "support"))))


@pytest.mark.parametrize(
    ("ab", "ba", "result"),
    [
        ("A>B", "B>A", "second"),
        ("A>>B", "B>A", "second"),
        ("B>A", "A>B", "first"),
        ("A=B", "A=B", "tie"),
        ("A>B", "A>B", "flipped"),
        ("A>B", "A=B", "flipped"),
        ("A>B", None, "unparsed"),
    ],
)
def test_both_orders_are_one_word(ab: FiveWay, ba: FiveWay | None, result: str) -> None:
    """The pair is named against the alphabet, so "first" is the one that the judge named second."""
    item = only(*both("q", ("zinc", "alum"), ab, ba))
    assert item.contestants == ("alum", "zinc")
    assert [one.result for one in item.said] == [result]


def test_one_order_waits_and_a_failed_call_is_told() -> None:
    first, second = both("q", ("a", "b"), "A>B", "B>A")
    assert only(first).said[0].result == "waiting"
    failed = replace(second, verdict=None, error="down")
    item = only(first, failed)
    assert item.said[0].result == "failed"
    assert item.flags == {"failed"}
    alone: Order | None = None
    assert only(judgment("q", ("a", "b"), order=alone, verdict="A>B")).said[0].result == "first"


def test_grades_of_two_say_who_is_better() -> None:
    grades = [judgment("q", (n,), protocol="single", score=s) for n, s in (("a", 4.0), ("b", 7.0))]
    assert only(*grades).said[0].result == "second"
    alone = only(grades[0])
    assert alone.contestants == ("a",)
    unparsed = only(grades[0], replace(grades[1], score=None))
    assert unparsed.said[0].result == "unparsed"
    assert unparsed.flags == {"unparsed"}


def test_every_pair_of_every_turn_is_there_once(items: list[Item]) -> None:
    places = [(item.question.id, item.turn) for item in items]
    assert places == sorted(places), "in the order of the questions"
    assert len(items) == len({item.key for item in items}) == 4 * 3
    assert {one.judge for one in items[0].said} == {"steady", "giddy"}
    assert {one.protocol for one in items[0].said} == {"pair", "single"}


def test_other_texts_are_another_item(tmp_path: Path) -> None:
    run = read_judged_run(write_run(tmp_path / "run"))
    before = {item.key for item in items_of(run)}
    answer = run.answers["alder"]["q2"]
    turns = (replace(answer.turns[0], text="another"),)
    changed = {**run.answers, "alder": {**run.answers["alder"], "q2": replace(answer, turns=turns)}}
    after = {item.key for item in items_of(replace(run, answers=changed))}
    assert len(after - before) == 2, "the two pairs with the changed answer"


def test_filters_say_what_they_mean(items: list[Item]) -> None:
    def found(**given: object) -> int:
        return len(chosen(items, Wanted(**given), voted={items[0].key}))  # type: ignore[arg-type]

    assert found() == 12
    assert found(category="mathematics") == 3
    assert found(contestants=("birch", "cedar")) == 4
    assert found(flags=("unparsed",)) == 1
    assert found(flags=("flipped",)) == 11
    assert found(flags=("flipped", "unparsed")) == 12
    assert found(flags=("flipped",), judge="steady") == 0
    assert found(flags=("flagged",), judge="steady", contestants=("alder", "birch")) == 0
    assert found(judge="nobody") == 0
    assert found(words="17 X 23") == 3
    assert found(words="final") == 8, "an answer of birch"
    assert found(voted=True) == 1
    assert found(voted=False) == 11


def test_judges_that_differ_are_split() -> None:
    one = both("q", ("a", "b"), "A>B", "B>A", judge="x")
    other = both("q", ("a", "b"), "B>A", "A>B", judge="y")
    assert only(*one, *other).flags == {"split"}
    assert only(*one).flags == frozenset()
