"""A judge that does not judge is exposed in the first screen of its report."""

import re
from pathlib import Path

import msgspec
import pytest

from blindarena.judge.reporting.page import html_of
from blindarena.judge.reporting.texts import json_of, markdown_of
from blindarena.judge.scoring.findings import Verdict
from blindarena.judge.scoring.summary import RunScores, score_run
from judge.bad_judges import make_run

SAID = {
    "always-a": ("position", "It picks the answer shown first 100% of the time"),
    "longer": ("length", "It prefers the longer answer 100%"),
    "ties": ("ties", "It always says tie: all 72 verdicts."),
    "garbage": ("unparsed", "Not one of its 72 texts holds a verdict."),
}


def first_screen(page: str) -> str:
    """Return the text that stands before the first table's head."""
    return re.sub("<[^>]+>", " ", page.partition("<body>")[2].partition("<h2>")[0])


def only(scores: RunScores) -> Verdict:
    (verdict,) = scores.verdicts
    return verdict


@pytest.mark.parametrize("judge", list(SAID))
async def test_a_judge_that_does_not_read_is_exposed_first(tmp_path: Path, judge: str) -> None:
    scores = score_run(await make_run(tmp_path, judge))
    code, sentence = SAID[judge]

    verdict = only(scores)
    assert verdict.standing == "broken"
    assert verdict.findings[0].code == code
    for text in (first_screen(html_of(scores)), markdown_of(scores).partition("\n## ")[0]):
        assert f"Do not rely on {judge} as a judge." in text
        assert sentence in text
    told = msgspec.json.decode(json_of(scores))
    assert next(iter(told)) == "verdicts"
    assert told["verdicts"][0]["standing"] == "broken"


async def test_a_judge_that_reads_is_not_blamed(tmp_path: Path) -> None:
    scores = score_run(await make_run(tmp_path, "fair"))

    assert only(scores).standing == "fine"
    assert [row.contestant for row in scores.protocols[0].pairs[0].rows] == [
        "north",
        "south",
        "west",
    ]
    assert "fair follows the answers more than their place or their length." in first_screen(
        html_of(scores)
    )


@pytest.mark.parametrize(
    ("judge", "code"), [("longer", "length"), ("garbage", "unparsed"), ("ten", "one_score")]
)
async def test_a_judge_that_grades_without_reading_is_exposed(
    tmp_path: Path, judge: str, code: str
) -> None:
    verdict = only(score_run(await make_run(tmp_path, judge, protocol="single")))

    assert verdict.standing == "broken"
    assert verdict.findings[0].code == code


async def test_graded_one_by_one_a_liking_for_a_place_is_not_claimed_absent(tmp_path: Path) -> None:
    verdict = only(score_run(await make_run(tmp_path, "fair", protocol="single")))

    assert verdict.standing == "fine"
    assert "its liking for a place cannot be tested" in verdict.sentence


async def test_the_worst_judge_comes_first_and_its_numbers_are_called_void(tmp_path: Path) -> None:
    scores = score_run(await make_run(tmp_path, "fair", "always-a"))

    assert [one.judge for one in scores.verdicts] == ["always-a", "fair"]
    page = html_of(scores)
    assert page.index("Do not rely on always-a") < page.index("fair follows the answers")
    assert "always-a cannot be relied on, see above" in page
    assert "fair cannot be relied on" not in page


async def test_too_few_questions_blame_nobody(tmp_path: Path) -> None:
    verdict = only(score_run(await make_run(tmp_path, "fair", questions=2)))

    assert verdict.standing == "unknown"
    assert verdict.sentence == "Too few questions to tell anything about fair: 2."
