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
from blindarena.errors import BlindArenaError, InputError

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
        "unconnected": "skip",
        "on_bad_rows": "skip",
        "columns": {"model_a": "left_one"},
        "compat": None,
    }
    assert content["rows"][0]["contestant"] == "a=b"
    assert content["rows"][0]["rank_low"] is None
    assert content["decision"]["margin"] == 30.0


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
