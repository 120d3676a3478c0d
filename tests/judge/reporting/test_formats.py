"""The same tables in every format; names that are markup stay names."""

import io
import json

import pytest

from blindarena.domain.judging import Judgment
from blindarena.judge.reporting.page import html_of
from blindarena.judge.reporting.texts import json_of, markdown_of, print_report
from blindarena.judge.scoring.summary import RunScores, score_run
from judge.records import both, judgment, run_of

HOSTILE = "<b>|*x*[red]"


@pytest.fixture(scope="module")
def scores() -> RunScores:
    judgments: list[Judgment] = []
    for n in range(6):
        question, category = str(n), ("math", "writing")[n % 2]
        for judge in ("j", "k"):
            judgments += both(
                question, (HOSTILE, "n"), "A>B", "B>A", judge=judge, category=category
            )
            judgments += both(
                question, (HOSTILE, "n"), "A>>B", "B>A", protocol="baseline", judge=judge
            )
        for name in (HOSTILE, "n"):
            judgments += [
                judgment(question, (name,), protocol="single", score=3 + n, turn=turn, repeat=again)
                for turn in (1, 2)
                for again in (0, 1)
            ]
            judgments.append(
                judgment(
                    question,
                    (name,),
                    protocol="rubric",
                    score=0.5,
                    items=(("a", True), ("b", False)),
                )
            )
    texts = {(name, str(n)): f"{name} says {n}" for name in (HOSTILE, "n") for n in range(6)}
    return score_run(run_of(judgments, texts=texts, baseline="n"))


TITLES = (
    "Score against n, judged by j",
    "Win rates, judged by j",
    "Win rates, the majority of j, k",
    "Ratings, judged by k",
    "Adjusted win rates by category, judged by j",
    "Scores, judged by j",
    "Both orders",
    "Ties and length",
    "Disagreement of the judges",
    "Asked again",
    "Calls, cost and time",
)


def test_every_format_has_every_table(scores: RunScores) -> None:
    stream = io.StringIO()
    print_report(scores, file=stream)
    for text in (html_of(scores), markdown_of(scores), stream.getvalue()):
        places = [text.index(title) for title in TITLES]
        assert places[0] < places[1]
        assert "100.0%" in text
        assert "cannot tell whether j can be relied on." in text


def test_names_stay_names(scores: RunScores) -> None:
    page, text = html_of(scores), markdown_of(scores)

    assert "<b>" not in page
    assert "&lt;b&gt;|*x*[red]" in page
    assert "&lt;b&gt;\\|\\*x\\*\\[red\\]" in text
    rows = [line for line in text.splitlines() if line.startswith("| &lt;b")]
    assert rows
    stream = io.StringIO()
    print_report(scores, file=stream)
    assert HOSTILE in stream.getvalue()


def test_json_has_all_figures(scores: RunScores) -> None:
    told = json.loads(json_of(scores))

    assert [one["protocol"] for one in told["protocols"]] == [
        "baseline",
        "pair",
        "single",
        "rubric",
    ]
    (row,) = told["protocols"][0]["pairs"][0]["against"]
    assert (row["strong_wins"], row["wins"], row["weighted"]["value"]) == (6, 6, 1.0)
    first = told["protocols"][2]["scores"][0]["rows"][0]
    assert first["turns"]["1"]["value"] == first["both"]["value"] == 5.5
    assert told["protocols"][2]["repeats"][0]["same"] == 1.0
    assert told["protocols"][3]["scores"][0]["rows"][0]["items"]["value"] == 0.5


def test_a_run_without_judgments_says_so() -> None:
    assert "Nothing has been judged yet." in html_of(score_run(run_of([])))
