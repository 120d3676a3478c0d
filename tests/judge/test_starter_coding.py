"""The code of "starter"'s references runs and does what the questions ask for."""

import random
import re
import sqlite3
from functools import cache
from typing import Any

import pytest

from .starter import QUESTIONS, block, reference


def ran(name: str, turn: int) -> dict[str, Any]:
    """The names that the code of a reference defines."""
    names: dict[str, Any] = {}
    exec(compile(block(reference(f"coding-{name}", turn), "python"), name, "exec"), names)
    return names


def test_strings_and_runs() -> None:
    assert ran("01", 1)["count_vowels"]("Anna Eats sUshi, OK?") == 7
    counts = ran("01", 2)["vowel_counts"]
    assert counts("Banana E") == {"a": 3, "e": 1, "i": 0, "o": 0, "u": 0}

    encode, decode = ran("03", 1)["encode"], ran("03", 2)["decode"]
    assert encode("aabccc") == [("a", 2), ("b", 1), ("c", 3)]
    for text in ("", "x", "aabccc", "abab  b"):
        assert decode(encode(text)) == text
    with pytest.raises(ValueError, match="less than 1"):
        decode([("a", 0)])


def test_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    question = QUESTIONS["starter-coding-02"]
    program = block(question.turns[0], "python")
    changed = re.search(r"`(other = [^`]+)`", question.turns[1])
    assert changed is not None
    for turn, code in ((1, program), (2, program.replace("other = values", changed[1]))):
        exec(code, {})
        assert reference("coding-02", turn).startswith(
            f"It prints `{capsys.readouterr().out[:-1]}`"
        )


def test_binary_search() -> None:
    wrong = block(QUESTIONS["starter-coding-04"].turns[0], "python")
    right = block(reference("coding-04", 1), "python")
    assert right == wrong.replace("low = middle\n", "low = middle + 1\n")
    find, first = ran("04", 1)["find"], ran("04", 2)["find"]
    rng = random.Random(4)
    for _ in range(200):
        items = sorted(rng.choices(range(8), k=rng.randrange(7)))
        wanted = rng.randrange(-1, 9)
        assert first(items, wanted) == (items.index(wanted) if wanted in items else -1)
        at = find(items, wanted)
        assert items[at] == wanted if wanted in items else at == -1


def test_sql() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE customers (id, name)")
    database.execute("CREATE TABLE parcels (id, customer_id, weight_kg, sent_on)")
    customers = [(1, "Rin"), (2, "Abe"), (3, "Zoe")]
    database.executemany("INSERT INTO customers VALUES (?, ?)", customers)
    weights = [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    rows = [(number, *row, "2031-01-01") for number, row in enumerate(weights)]
    database.executemany("INSERT INTO parcels VALUES (?, ?, ?, ?)", rows)

    first, second = (block(reference("coding-05", turn), "sql") for turn in (1, 2))
    assert database.execute(first).fetchall() == [(2, 3, 15), (1, 3, 6)]
    assert database.execute(second).fetchall() == [("Abe", 3), ("Rin", 3), ("Zoe", 0)]
    database.execute("DELETE FROM parcels WHERE id = 0")
    assert database.execute(first).fetchall() == [(2, 3, 15)]
    database.close()


def test_times_of_day() -> None:
    first, second = (ran("06", turn)["is_time"] for turn in (1, 2))
    every = {f"{hour:02d}:{minute:02d}" for hour in range(100) for minute in range(100)}
    right = {f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)}
    assert {text for text in every if first(text)} == right
    assert {text for text in every if second(text)} == right
    for text in ("7:05", "23:59:59", "0:00:00"):
        assert second(text)
        assert not first(text)
    for text in ("07:05\n", " 07:05", "٠٧:٠٥", "24:00", "7:5", "07:05:60", "07:05:", "007:05"):
        assert not first(text)
        assert not second(text)


def test_intervals() -> None:
    merge, gaps = ran("07", 1)["merge"], ran("07", 2)["gaps"]
    assert merge([(5, 7), (1, 2), (2, 3), (6, 6)]) == [(1, 3), (5, 7)]
    assert merge([]) == []
    assert gaps([(5, 7), (1, 2)], 0, 10) == [(0, 1), (2, 5), (7, 10)]
    rng = random.Random(7)
    for _ in range(200):
        some = [(s, s + rng.randrange(4)) for s in rng.choices(range(12), k=rng.randrange(5))]
        covered = {n for s, e in some for n in range(s, e)}
        assert {n for s, e in merge(some) for n in range(s, e)} == covered
        assert {n for s, e in gaps(some, 3, 9) for n in range(s, e)} == set(range(3, 9)) - covered
        assert all(s < e for s, e in gaps(some, 3, 9))


def test_caches() -> None:
    plain = ran("08", 1)["Cache"](2)
    plain.put("a", 1)
    plain.put("b", 2)
    assert plain.get("a") == 1
    plain.put("c", 3)
    assert [plain.get(key) for key in "abc"] == [1, None, 3]

    now = [0.0]
    timed = ran("08", 2)["Cache"](2, 10, lambda: now[0])
    timed.put("a", 1)
    now[0] = 9
    assert timed.get("a") == 1
    now[0] = 10
    assert timed.get("a") is None
    for key in "abc":
        timed.put(key, key)
    assert [timed.get(key) for key in "abc"] == [None, "b", "c"]


def test_orders_of_tasks() -> None:
    order, batches = ran("09", 1)["order"], ran("09", 2)["batches"]
    needs = {"roof": {"walls"}, "walls": {"base"}, "garden": set(), "paint": {"walls", "buy"}}
    assert order(needs) == ["base", "buy", "garden", "walls", "paint", "roof"]
    assert batches(needs) == [["base", "buy", "garden"], ["walls"], ["paint", "roof"]]
    assert order({}) == batches({}) == []
    for function in (order, batches):
        with pytest.raises(ValueError, match="cycle"):
            function({"a": {"b"}, "b": {"a"}})
    assert needs["roof"] == {"walls"}, "what is given is left as it is"


@cache
def edits(a: str, b: str, swaps: bool) -> int:
    """The definition of both distances, by recursion."""
    if not a or not b:
        return len(a) + len(b)
    steps = [
        edits(a[1:], b, swaps) + 1,
        edits(a, b[1:], swaps) + 1,
        edits(a[1:], b[1:], swaps) + (a[0] != b[0]),
    ]
    if swaps and len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1]:
        steps.append(edits(a[2:], b[2:], swaps) + 1)
    return min(steps)


def test_edit_distances() -> None:
    plain, swapping = (ran("10", turn)["distance"] for turn in (1, 2))
    assert (plain("kitten", "sitting"), plain("ab", "ba"), swapping("ab", "ba")) == (3, 2, 1)
    assert swapping("ca", "abc") == 3, "no part is edited twice"
    rng = random.Random(10)
    for _ in range(100):
        a, b = ("".join(rng.choices("abc", k=rng.randrange(6))) for _ in range(2))
        assert plain(a, b) == edits(a, b, False)
        assert swapping(a, b) == edits(a, b, True)
