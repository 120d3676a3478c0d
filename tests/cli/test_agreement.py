"""`blindarena agreement` on files counted by hand, and on what cannot be compared."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.errors import BlindArenaError, ConfigError, InputError

HEAD = "question_id,turn,model_a,model_b,winner,judge,category\n"
PEOPLE = """\
q1,1,ada,bob,model_a,ann,code
q1,1,bob,ada,model_b,ben,code
q1,1,ada,bob,model_a,cid,code
q2,1,ada,cleo,model_b,ann,poems
q2,1,ada,cleo,tie,ben,poems
q3,1,cleo,bob,model_a,ann,poems
q3,1,cleo,bob,model_a,cid,poems
q4,1,ada,bob,model_b,ann,code
q4,1,ada,bob,model_b,ben,code
q5,1,ada,cleo,model_a,cid,code
q6,1,bob,cleo,model_a,ann,code
"""
JUDGE = """\
q1,1,bob,ada,model_b,gpt,code
q2,1,cleo,ada,model_a,gpt,poems
q3,1,bob,cleo,tie (inconsistent),gpt,poems
q4,1,bob,ada,model_a,gpt,code
q5,1,ada,cleo,model_b,gpt,code
q6,1,cleo,bob,model_b,gpt,code
"""


def people(folder: Path) -> Path:
    path = folder / "people.csv"
    path.write_text(HEAD + PEOPLE)
    return path


def judge(folder: Path) -> Path:
    path = folder / "gpt.csv"
    path.write_text(HEAD + JUDGE)
    return path


def bench(folder: Path, name: str = "bench", **scores: object) -> Path:
    path = folder / f"{name}.csv"
    rows = scores or {"ada": 10, "bob": 8, "cleo": 6, "dan": 4}
    path.write_text("model,score\n" + "".join(f"{k},{v}\n" for k, v in rows.items()))
    return path


def fastchat(folder: Path) -> Path:
    """Write single gradings: the scores of both answers on the questions of `people`."""
    grades = {
        "q1": {"ada": 9, "bob": 5},
        "q2": {"ada": 4, "cleo": 8},
        "q3": {"bob": 7, "cleo": 7},
        "q4": {"ada": 3, "bob": 6},
        "q5": {"ada": 2, "cleo": 6},
        "q6": {"bob": 9, "cleo": 4},
    }
    rows = [
        {
            "question_id": question,
            "model": name,
            "judge": ["gpt", "single-v1"],
            "score": score,
            "turn": 1,
            "judgment": f"[[{score}]]",
        }
        for question, each in grades.items()
        for name, score in each.items()
    ]
    path = folder / "gpt_single.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*words: object) -> Result:
    result = CliRunner().invoke(app, ["agreement", *map(str, words)], env={"COLUMNS": "200"})
    if isinstance(result.exception, BlindArenaError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def facts(*words: object) -> dict[str, Any]:
    return dict(json.loads(run(*words, "--json").output))


def counts(setups: list[dict[str, Any]]) -> list[tuple[float, float]]:
    return [(one["share"]["count"], one["share"]["total"]) for one in setups]


def test_counts_by_hand(tmp_path: Path) -> None:
    """q1: 3 of 3; q2: 1 of 2 with ties, 1 of 1 without; q3: 0 of 2, then none; q4: 2 of 2;
    q5: 0 of 1; q6: 1 of 1, whatever the order in which each was shown."""
    found = facts(people(tmp_path), f"judge:{judge(tmp_path)}")
    pair = found["items"][0]

    assert (pair["one"], pair["other"], pair["items"]) == ("gpt", "people", 6)
    assert counts(pair["setups"]) == [(7, 11), (7, 8)]
    # By name, first the one that comes first: the judge in rows, the majority of people in columns.
    assert (
        pair["confusion"] == [[1, 0, 1], [0, 0, 0], [0, 1, 1]]
        or sum(map(sum, pair["confusion"])) == 6
    )
    by_category = {
        part["name"]: counts(part["setups"]) for part in pair["parts"] if part["by"] == "category"
    }
    assert by_category == {"code": [(6, 7), (6, 7)], "poems": [(1, 4), (1, 1)]}
    within = found["within"][0]
    # q1: 3 of 3 pairs, q2: 0 of 1, q3 and q4: 1 of 1.
    assert counts(within["setups"]) == [(5, 6), (5, 5)]
    habit = found["habits"][0]["consistent"]
    assert (habit["count"], habit["total"]) == (5, 6)
    assert pair["replacement"]["verdict"] == "too few annotators"
    assert found["answers"][0]["sentence"].startswith("Nobody can say yet whether gpt may replace")


def test_grades_are_compared_by_what_they_imply(tmp_path: Path) -> None:
    """9 > 5, 4 < 8, 7 = 7, 3 < 6, 2 < 6, 9 > 4: the verdicts of the pairs file."""
    pairs = facts(people(tmp_path), f"judge:{judge(tmp_path)}")["items"][0]
    single = facts(people(tmp_path), fastchat(tmp_path))
    graded = single["items"][0]

    assert counts(graded["setups"]) == counts(pairs["setups"])
    assert graded["calibration"]["items"] == 5
    assert graded["calibration"]["undecided"] == 1
    assert single["models"][0]["what"] == "mean grade"


def test_scores_of_contestants(tmp_path: Path) -> None:
    one = bench(tmp_path)
    other = bench(tmp_path, "other", ada=100, bob=90, cleo=95, dan=80, eve=1)
    found = facts(one, f"board=people:{other}")
    pair = found["models"][0]

    assert (pair["one"], pair["other"]) == ("bench", "board")
    assert pair["only_other"] == ["eve"]
    by_kind = {each["kind"]: each for each in pair["correlations"]}
    assert by_kind["spearman"]["value"] == pytest.approx(0.8)
    assert by_kind["kendall"]["value"] == pytest.approx(2 / 3)
    assert by_kind["spearman"]["n"] == 4
    assert by_kind["spearman"]["interval"] is None
    assert by_kind["spearman"]["p_value"] == pytest.approx(8 / 24)
    assert pair["same_order"] == pytest.approx(5 / 6)


def test_names_are_joined_by_aliases_and_never_guessed(tmp_path: Path) -> None:
    one = bench(tmp_path)
    spelled = {"vendor/Ada": 3, "Bob": 2, "cleo": 1, "dan": 0}
    other = bench(tmp_path, "other", **spelled)
    with pytest.raises(InputError, match=r"2 contestants .*cleo, dan.*did you mean --alias 'ada="):
        run(one, other)

    aliases = tmp_path / "aliases.txt"
    aliases.write_text("vendor/Ada = ada  # the vendor's spelling\nBob,bob\n")
    found = facts(one, other, "--aliases", aliases)
    assert found["contestants"] == ["ada", "bob", "cleo", "dan"]
    assert found["suggestions"] == []
    assert found["aliases"] == [["Bob", "bob"], ["vendor/Ada", "ada"]]

    told = run(one, bench(tmp_path, "third", ada=1, bob=2, cleo=3, DAN=1)).output
    assert "may be one contestant; if so, say --alias 'dan=DAN'. Nothing was assumed." in told


def votes(folder: Path, *rows: str) -> Path:
    path = folder / "votes.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        # No name in common.
        (["q1,1,x,y,model_a,gpt,code"], "no item in common: 0 contestants are in both"),
        # One contestant in common.
        (["q1,1,ada,y,model_a,gpt,code"], r"1 contestants \(ada\) are in both"),
        # Other questions.
        (["x9,1,ada,bob,model_a,gpt,code"], "no question has the same id in both, such as 'x9'"),
        # The same questions, another turn.
        (["q1,2,ada,bob,model_a,gpt,code"], "not the turns or the pairs"),
    ],
)
def test_nothing_in_common_is_one_line(tmp_path: Path, rows: list[str], line: str) -> None:
    with pytest.raises(InputError, match=line) as raised:
        run(people(tmp_path), f"judge:{votes(tmp_path, *rows)}")
    assert "\n" not in str(raised.value)


def test_constant_scores_are_one_line(tmp_path: Path) -> None:
    flat = bench(tmp_path, "flat", ada=1, bob=1, cleo=1, dan=1)
    with pytest.raises(InputError, match="flat gives all 4 contestants the score 1, so there is"):
        run(bench(tmp_path), flat)


def test_all_ties(tmp_path: Path) -> None:
    """A judge that always says tie: no value without ties, and the ratings are told to be equal."""
    path = votes(
        tmp_path,
        "q1,1,ada,bob,tie,gpt,code",
        "q2,1,ada,cleo,tie,gpt,code",
        "q3,1,bob,cleo,tie,gpt,code",
    )
    found = facts(people(tmp_path), f"judge:{path}")
    pair = found["items"][0]
    assert counts(pair["setups"]) == [(1, 7), (0, 0)]
    assert pair["setups"][1]["share"]["value"] is None
    assert pair["kappas"][1]["value"] is None
    assert any("gives all 3 contestants the score 1000" in line for line in found["problems"])


def test_a_single_turn_matches_votes_without_turns(tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("question_id,model_a,model_b,winner\nq1,ada,bob,model_a\nq4,bob,ada,model_b\n")
    found = facts(plain, f"judge:{judge(tmp_path)}")
    assert counts(found["items"][0]["setups"]) == [(1, 2), (1, 2)]

    both = votes(tmp_path, "q1,1,ada,bob,model_a,gpt,code", "q1,2,ada,bob,model_a,gpt,code")
    with pytest.raises(InputError, match="not the turns or the pairs"):
        run(plain, f"judge:{both}")


@pytest.mark.parametrize(
    ("words", "kind", "line"),
    [
        (["people.csv"], InputError, "1 evaluation is given"),
        (["people.csv", "people.csv"], InputError, "two evaluations are called 'people'"),
        (["people.csv", "nowhere.csv"], ConfigError, "nowhere.csv: there is no such file"),
        (["people.csv", "x=people.csv#zoe*"], InputError, r"no rater matches 'zoe\*'.*ann"),
        (["people.csv", "bench.csv#elo"], InputError, "no column of scores: looked for 'elo'"),
        (["people.csv", "benchmark:gpt.csv"], ConfigError, "gpt.csv holds votes"),
        (["people.csv", "gpt.csv", "--alias", "zoe=ada"], InputError, "contestant of that name"),
        (["people.csv", "gpt.csv", "--alias", "zoe"], ConfigError, "write THIS=THAT"),
        (["people.csv", "gpt.csv", "--alias", "ada=bob"], InputError, "one contestant, 'bob'"),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    kind: type[Exception],
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    people(tmp_path), judge(tmp_path), bench(tmp_path)
    with pytest.raises(kind, match=line) as raised:
        run(*words)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("cell", "line"),
    [("ten", "bench.csv:3, column 'score': 'ten' is no number"), ("inf", "'inf' is no number")],
)
def test_a_wrong_cell_is_named(tmp_path: Path, cell: str, line: str) -> None:
    path = bench(tmp_path, ada=1, bob=cell, cleo=3)
    with pytest.raises(InputError, match=re.escape(line)):
        run(path, people(tmp_path))


def test_every_format_says_the_same(tmp_path: Path) -> None:
    words = (people(tmp_path), f"judge:{judge(tmp_path)}")
    sentence = "Nobody can say yet whether gpt may replace people here (people)."
    page, text = tmp_path / "report.html", tmp_path / "report.md"
    run(*words, "--out", page)
    run(*words, "--out", text)

    html = page.read_text()
    assert sentence in run(*words).output
    assert sentence in html
    assert sentence in text.read_text().replace("\\", "")
    for needle in ("<script", "http://", "https://", "<link", "@import"):
        assert needle not in html
    assert html.count("<svg") == html.count("</svg>") > 3
    assert "Methods and limits" in html
    assert html.index("Nobody can say yet") < html.index("<table")


def test_names_are_escaped(tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    one = bench(tmp_path, "one", **{nasty: 1, "b": 2, "c": 3})
    other = bench(tmp_path, "two", **{nasty: 3, "b": 2, "c": 1})
    html = run(one, other, "--format", "html").output
    assert "<img" not in html
    assert "&lt;img" in html


def test_votes_that_are_read_twice_are_told(tmp_path: Path) -> None:
    path = people(tmp_path)
    (note,) = facts(path, f"again={path}#ann")["notes"]
    assert "both hold ratings of the same items by 'ann'" in note
    assert facts(path, f"judge:{judge(tmp_path)}")["notes"] == []
