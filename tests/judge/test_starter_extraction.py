"""What "starter"'s references extract is literally in the texts, or follows from them."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from .starter import QUESTIONS, block, reference

DERIVED = {
    # The user asks for these to be counted, halved, sorted or worked out.
    ("03", 1): {"positive", "negative", "mixed"},
    ("05", 1): {"3", "1", "0"},
    ("06", 2): {"125", "62.5", "30", "200", "40"},
    ("07", 2): {"28 February 2034", "30 November 2033"},
    ("08", 1): {"passengers", "cause of the delay"},
    ("08", 2): {"135"},
    ("10", 1): {"yes", "no"},
}


def values(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for value in found:
            yield from values(value)
    elif found is not None and not isinstance(found, bool):
        yield str(found)


@pytest.mark.parametrize("number", [f"{n:02d}" for n in range(1, 11)])
@pytest.mark.parametrize("turn", [1, 2])
def test_what_is_extracted_is_in_the_text(number: str, turn: int) -> None:
    question = QUESTIONS[f"starter-extraction-{number}"]
    text = " ".join(question.turns[:turn])
    told = question.reference[turn - 1]
    if (number, turn) == ("10", 1):
        cells = [line.split(",") for line in block(told, "csv").splitlines()]
        assert {len(row) for row in cells} == {4}
        found = [cell for row in cells for name in row for cell in re.split(r"(?<=\d) ", name)]
    else:
        found = list(values(json.loads(told)))

    assert found
    assert [v for v in found if v not in text and v not in DERIVED.get((number, turn), ())] == []


def test_what_is_derived_from_texts() -> None:
    text = QUESTIONS["starter-extraction-02"].turns[0]
    prices = {name: float(price) for name, price in re.findall(r"(\w+): ([\d.]+) per kg", text)}
    ends = {"cheapest": min(prices, key=prices.__getitem__), "dearest": max(prices, key=prices.get)}  # type: ignore[arg-type]
    assert json.loads(reference("extraction-02", 1)) == ends
    assert json.loads(reference("extraction-02", 2)) == [n for n, p in prices.items() if p < 4]

    lines = re.findall(r"^(\S+) ([A-Z]+) (\w+)", QUESTIONS["starter-extraction-05"].turns[0], re.M)
    counts = {service: 0 for _, _, service in lines}
    for _, level, service in lines:
        counts[service] += level == "ERROR"
    assert json.loads(reference("extraction-05", 1)) == counts
    times = [time for time, level, _ in lines if level == "ERROR"]
    assert json.loads(reference("extraction-05", 2)) == {"first": times[0], "last": times[-1]}

    whole = json.loads(reference("extraction-06", 1))
    half = {name: grams / 2 for name, grams in whole.items()} | {"milk_ml": 40}
    assert json.loads(reference("extraction-06", 2)) == half
    last = datetime(2031 + 36 // 12, 3, 1) - timedelta(1)
    notice = datetime(2033, 12, 1) - timedelta(1)
    assert json.loads(reference("extraction-07", 2)) == {
        "last_day": f"{last:%d %B %Y}",
        "notice_by": f"{notice:%d %B %Y}",
    }
    crossing_took = datetime(2031, 1, 1, 8, 25) - datetime(2031, 1, 1, 6, 10)
    assert json.loads(reference("extraction-08", 2))["minutes"] == crossing_took.seconds // 60
