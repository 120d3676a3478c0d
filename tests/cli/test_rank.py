import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from blindarena import rank
from blindarena.cli import app
from blindarena.cli.rank_values import worth_of
from blindarena.errors import BlindArenaError, ConfigError, InputError

CSV = "model_a,model_b,winner,voter,topic\n" + "".join(
    f"{a},{b},{winner},v{k % 60},{'code' if k % 3 else 'poems'}\n"
    for k in range(120)
    for a, b, winner in (
        ("ada", "bob", "model_a" if k % 3 else "model_b"),
        ("bob", "cleo", "model_a" if k % 4 else "tie"),
        ("cleo", "ada", "model_b" if k % 5 else "both_bad"),
    )
)


@pytest.fixture
def votes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "votes.csv"
    path.write_text(CSV + "cleo,ada,model_a,v1,code\ncleo,bob,model_a,v1,code\n" * 9)
    return path


def run(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["rank", *map(str, words)], env={"COLUMNS": "120"})
    if isinstance(result.exception, BlindArenaError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def test_people_get_a_table_with_interval_bars(votes: Path) -> None:
    text = run(votes).stdout

    lines = [line for line in text.splitlines() if line.lstrip().startswith("1 ")]
    assert len(lines) == 1
    assert "ada" in lines[0]
    assert "●" in lines[0]
    assert "├" in lines[0]
    assert "378 votes" in text
    assert "Bradley-Terry · 95 % sandwich" in text


def test_a_narrow_terminal_keeps_the_names(votes: Path) -> None:
    result = CliRunner().invoke(app, ["rank", str(votes)], env={"COLUMNS": "72"})

    assert all(name in result.stdout for name in ("ada", "bob", "cleo"))
    assert max(map(len, result.stdout.splitlines()[2:6])) <= 72


def test_json_is_the_board_of_the_library(votes: Path) -> None:
    content = json.loads(run(votes, "--json").stdout)
    board = rank(votes)

    assert content["rows"] == json.loads(board.to_json())["rows"]
    assert content["data_hash"] == board.data_hash
    assert json.loads(run(votes, "--format", "json").stdout)["digest"]


def test_every_option_reaches_the_library(votes: Path) -> None:
    words = ["--method", "davidson", "--cluster", "voter", "--anchor", "a=b=1100", "--seed", "7"]
    words += ["--margin", "30", "--min-votes", "5", "--no-rank-sets", "--unconnected", "skip"]
    renamed = votes.with_name("renamed.csv")
    renamed.write_text(votes.read_text().replace("ada", "a=b").replace("model_a,", "left_one,", 1))

    text = run(renamed, *words, "--map", "model_a=left_one", "--on-bad-rows", "skip", "--json")

    content = json.loads(text.stdout)
    assert content["options"] == {
        "method": "davidson",
        "style": False,
        "by": None,
        "cluster": "voter",
        "interval": "cluster",
        "anchor": ["a=b", 1100.0],
        "margin": 30.0,
        "seed": 7,
        "min_votes": 5,
        "rank_sets": False,
        "costs": False,
        "value_of_100_elo": None,
        "votes_to_flip": False,
        "first_position": False,
        "weights": None,
        "propensity": None,
        "voter_test": False,
        "exclude_flagged": False,
        "max_votes_per_voter": None,
        "unconnected": "skip",
        "on_bad_rows": "skip",
        "columns": {"model_a": "left_one"},
        "compat": None,
        "judge_votes": None,
    }
    assert content["rows"][0]["contestant"] == "a=b"
    assert content["rows"][0]["rank_low"] is None
    assert content["decision"]["margin"] == 30.0


def test_every_option_beyond_the_rating_reaches_the_library(tmp_path: Path) -> None:
    lines = CSV.splitlines()
    path = tmp_path / "votes.csv"
    path.write_text(
        f"{lines[0]},weight,probability,cost_usd_a,cost_usd_b\n"
        + "".join(f"{line},2,0.5,0.01,0.02\n" for line in lines[1:])
    )
    common = [path, "--unconnected", "skip", "--json"]

    first = ["--value-of-100-elo", "0.01USD", "--votes-to-flip", "--voter-test"]
    first += ["--exclude-flagged", "--max-votes-per-voter", "5"]
    content = json.loads(run(*common, *first).stdout)
    second = ["--first-position", "--weights", "weight"]
    weighted = json.loads(run(*common, *second).stdout)
    third = ["--method", "contextual", "--by", "topic", "--propensity", "probability"]
    contextual = json.loads(run(*common, *third).stdout)

    assert content["options"]["value_of_100_elo"] == 0.01
    assert content["utility"]["currency"] == "USD"
    assert content["excluded"] == {"beyond the first 5 of their voter": 60}
    assert content["flips"]
    assert content["voters"]["excluded"] is True
    assert weighted["coefficients"][0]["name"] == "first position"
    assert weighted["options"]["weights"] == "weight"
    assert [board["category"] for board in contextual["boards"]] == ["code", "poems"]
    assert contextual["options"]["propensity"] == "probability"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.01USD", 0.01), ("0.01 usd", 0.01), ("1e-3USD", 0.001), ("2$", 2.0), (".5USD", 0.5)],
)
def test_an_amount_of_money_is_read(text: str, amount: float) -> None:
    assert worth_of(text) == amount


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0.01", "'0.01', without a currency; costs are in USD"),
        ("0.01EUR", "in EUR; costs are in USD"),
        ("cheap", "'cheap'; write what 100 Elo are worth in an answer, such as 0.01USD"),
        ("-1USD", "'-1USD'; write"),
        ("0USD", "give more than 0"),
        ("1e999USD", "give more than 0"),
        ("", "''; write"),
    ],
)
def test_a_wrong_amount_is_one_clear_line(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        worth_of(text)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_categories_say_whether_they_are_worth_having(votes: Path) -> None:
    text = run(votes, "--by", "topic").stdout

    assert "topic: code" in text
    assert "topic: poems" in text
    assert "one ranking or many" in text
    assert "oards of their own predict votes" in text


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("csv", "category,contestant,"),
        ("html", "<!doctype html>"),
        ("md", "# Leaderboard"),
        ("table", "Leaderboard"),
    ],
)
def test_files_are_written(votes: Path, kind: str, begins: str) -> None:
    result = run(votes, "--format", kind, "--out", "board.out")

    assert votes.with_name("board.out").read_text(encoding="utf-8").startswith(begins)
    assert result.stdout == ""
    assert "wrote board.out" in result.stderr


def test_a_snapshot_is_verified(votes: Path) -> None:
    run(votes, "--json", "--out", "board.json")

    assert "every number is identical" in run(votes, "--verify", "board.json").stdout
    told = json.loads(run(votes, "--verify", "board.json", "--json").stdout)
    assert (told["holds"], told["differences"]) == (True, [])

    votes.write_text(votes.read_text() + "ada,bob,model_a,v1,code\n")
    failed = run(votes, "--verify", "board.json", code=1)
    assert "n: 378 -> 379" in failed.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--anchor", "ada"], "--anchor is 'ada'; write MODEL=RATING"),
        (["--anchor", "=1000"], "write MODEL=RATING"),
        (["--anchor", "ada=high"], "write MODEL=RATING"),
        (["--map", "winner"], "--map is 'winner'; write OURS=THEIRS"),
        (["--out", "no/such/folder/x", "--json"], "cannot be written"),
        (["--verify", "none.json"], "cannot be read"),
        (["--style"], "style"),
        (["--value-of-100-elo", "0.01EUR"], "costs are in USD"),
        (["--method", "contextual"], "needs a column of categories"),
        (["--exclude-flagged"], "add voter_test"),
        (["--weights", "voter"], "there is no column 'voter' of numbers"),
        (["--votes-to-flip", "--compat", "fastchat"], "leave other options out"),
    ],
)
def test_wrong_words_are_one_clear_line(votes: Path, words: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        run(votes, *words)


def shell(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    import blindarena

    source = str(Path(blindarena.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-m", "blindarena", "rank", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        env={**os.environ, "PYTHONPATH": source},
    )


def test_votes_that_cannot_be_ranked_are_one_line_and_exit_code_2(votes: Path) -> None:
    votes.write_text("model_a,model_b,winner\nada,bob,model_a\nada,bob,tie\neve,ada,model_b\n")

    done = shell(votes.parent, "votes.csv")

    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("blindarena: no finite ratings: 1 of 3 models (eve) have not")


def test_counts_of_parquet_load_neither_the_row_reader_nor_the_web(tmp_path: Path) -> None:
    """Bradley-Terry from Parquet goes by counts: no vote becomes a row."""
    rows = [line.split(",") for line in CSV.splitlines()]
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    path = tmp_path / "votes.parquet"
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
    code = (
        "import sys\nfrom blindarena.votes import reading\n"
        "def fail(*args, **kwargs): raise SystemExit('rows were read')\n"
        "reading.read_votes = fail\n"
        "import blindarena\n"
        f"board = blindarena.rank({str(path)!r}, unconnected='skip')\n"
        "assert board.n == 360\n"
        "heavy = {'blindarena.web', 'blindarena.storage', 'sqlalchemy', 'fastapi'}\n"
        "assert not heavy & set(sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
