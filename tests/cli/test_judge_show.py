"""`blindarena judge show|report|import|export`, and judged runs in `blindarena rank`."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.errors import ConfigError, InputError
from blindarena.judge.formats.rows import write_rows

PAIRS = [("model_1", "model_1"), ("model_2", "model_2"), ("model_1", "tie"), ("error", "model_1")]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Return a small result folder of FastChat."""
    root = tmp_path / "mt_bench"
    numbers = range(1, 5)
    write_rows(
        root / "question.jsonl",
        ({"question_id": n, "category": "math", "turns": [f"{n}?"]} for n in numbers),
    )
    for model in ("m", "n"):
        write_rows(
            root / "model_answer" / f"{model}.jsonl",
            (
                {"question_id": n, "model_id": model, "choices": [{"turns": [f"{model} {n}"]}]}
                for n in numbers
            ),
        )
    write_rows(
        root / "model_judgment" / "gpt-4_single.jsonl",
        (
            {"question_id": n, "model": "m", "judge": ["gpt-4", "single-v1"], "score": 5 + n}
            for n in numbers
        ),
    )
    write_rows(
        root / "model_judgment" / "gpt-4_pair.jsonl",
        (
            {
                "question_id": n,
                "model_1": "m",
                "model_2": "n",
                "judge": ["gpt-4", "pair-v2"],
                "g1_winner": one,
                "g2_winner": other,
            }
            for n, (one, other) in enumerate(PAIRS, 1)
        ),
    )
    return root


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["judge", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def judged(bench: Path, tmp_path: Path) -> Path:
    root = tmp_path / "run"
    done = run("import", bench, "--run", root)
    assert done.exit_code == 0
    assert "4 questions, 8 of 8 answers and 12 of 12 judgments were new; judged by gpt-4" in (
        done.stdout
    )
    return root


def test_compat_fastchat(bench: Path) -> None:
    told = json.loads(run("show", bench, "--compat", "fastchat", "--json").stdout)

    assert told["single"] == [
        {"judge": "gpt-4", "first_turn": {"m": 7.5}, "second_turn": {}, "average": {"m": 7.5}}
    ]
    assert told["pairwise"][0]["rows"][0] == {
        "model": "m",
        "win": 1,
        "loss": 1,
        "tie": 1,
        "win_rate": pytest.approx(1 / 3),
        "loss_rate": pytest.approx(1 / 3),
        "win_rate_adjusted": 0.5,
    }
    words = ("show", bench, "--compat", "fastchat", "--mode")
    assert "First turn, judge gpt-4" in run(*words, "single").stdout
    only = json.loads(run(*words, "pairwise-baseline", "--baseline", "n", "--json").stdout)
    assert [row["model"] for row in only["pairwise"][0]["rows"]] == ["m"]
    with pytest.raises(InputError, match=r"no comparison of gpt-4 has the baseline"):
        run(*words, "pairwise-baseline")


def test_show_a_run(judged: Path) -> None:
    text = run("show", judged).stdout

    assert "(gpt-4, comparisons in pairs)" in text
    assert text.index("comparisons in pairs)") < text.index("Win rates")
    single = run("show", judged, "--mode", "single").stdout
    assert "Win rates" not in single
    assert "7.50" in single
    told = json.loads(
        run("show", judged, "--mode", "pairwise-baseline", "--baseline", "n", "--json").stdout
    )
    (row,) = told["protocols"][0]["pairs"][0]["against"]
    assert (row["contestant"], row["wins"], row["unparsed"]) == ("m", 3, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--baseline", "x"), "--baseline 'x' is not in this run; there are: m, n"),
        (("--mode", "pairwise-baseline"), "no judgments for --mode pairwise-baseline yet"),
    ],
)
def test_show_says_what_is_wrong(judged: Path, words: Sequence[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run("show", judged, *words)


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no run here"):
        run("show", tmp_path)
    for words in (("import", "--run", tmp_path / "r"), ("show", "--compat", "fastchat")):
        with pytest.raises(InputError, match="there is no such file or folder"):
            run(words[0], tmp_path / "none", *words[1:])


@pytest.mark.parametrize(
    ("name", "begins"), [("r.html", "<!doctype html>"), ("r.md", "# Judge"), ("r.json", "{")]
)
def test_report(judged: Path, tmp_path: Path, name: str, begins: str) -> None:
    done = run("report", judged, "--out", tmp_path / name)

    assert done.exit_code == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_a_report_needs_nothing_from_elsewhere(judged: Path, tmp_path: Path) -> None:
    run("report", judged, "--out", tmp_path / "r", "--format", "html")

    page = (tmp_path / "r").read_text("utf-8")
    assert "<script" not in page
    assert "http" not in page.partition("</head>")[2]
    assert "default-src 'none'" in page


def test_a_report_of_an_unknown_kind(judged: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"end it in \.html, \.json or \.md"):
        run("report", judged, "--out", tmp_path / "r.pdf")
    with pytest.raises(ConfigError, match="cannot be written"):
        run("report", judged, "--out", tmp_path / "none" / "r.md")


def test_export(judged: Path, bench: Path, tmp_path: Path) -> None:
    done = run("export", judged, "--out", tmp_path / "out")

    assert "4 questions, 8 answers, 4 single and 4 pair judgments" in done.stdout
    assert "12 judgments are without what was asked" in done.stderr
    words = ("--compat", "fastchat", "--json")
    assert run("show", tmp_path / "out", *words).stdout == run("show", bench, *words).stdout


@pytest.mark.parametrize("name", ["v.parquet", "v.csv", "v.jsonl"])
def test_votes_of_judges_are_ranked_marked(judged: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert "3 votes of judges" in run("export", judged, "--format", "votes", "--out", path).stdout

    for source in (path, judged):
        words = ["rank", str(source), "--json", "--cluster", "prompt"]
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        board = json.loads(done.stdout)
        assert board["n"] == 3
        assert board["notes"][0] == (
            "These are votes of language models as judges (gpt-4), not of people."
        )


def test_a_run_is_not_mixed_with_votes_of_people_unseen(judged: Path, tmp_path: Path) -> None:
    human = tmp_path / "human.csv"
    human.write_text("model_a,model_b,winner,voter\nm,n,model_a,ann\nm,n,model_b,bob\n")
    words = ["rank", str(judged), str(human)]

    with pytest.raises(InputError, match=r"3 votes are of judges \(gpt-4\) and 2 are not"):
        CliRunner().invoke(app, words, catch_exceptions=False)
    done = CliRunner().invoke(app, [*words, "--judge-votes", "exclude", "--json"])
    board = json.loads(done.stdout)
    assert board["n"] == 2
    assert board["excluded"] == {"judge votes": 3}


def test_votes_need_a_known_ending(judged: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"end it in \.parquet, \.csv or \.jsonl"):
        run("export", judged, "--format", "votes", "--out", tmp_path / "v.txt")
