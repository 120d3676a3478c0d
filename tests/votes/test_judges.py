"""Votes of judges are told from those of people, in every format."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from blindarena.errors import InputError
from blindarena.leaderboard.public import rank
from blindarena.votes.counting import read_cells
from blindarena.votes.judges import JudgeVotes
from blindarena.votes.reading import read_votes

VOTERS = ["ann", "judge:gpt", "zoe", None, "judge:gpt", "judgement", "judge:x, y"]


def rows() -> list[dict[str, str | None]]:
    return [
        {"model_a": "m", "model_b": "n", "winner": ("model_a", "model_b")[i % 2], "voter": voter}
        for i, voter in enumerate(VOTERS)
    ]


@pytest.fixture(params=["parquet", "csv", "jsonl"])
def votes(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / f"votes.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(rows()), path)
    elif request.param == "csv":
        lines = [",".join(f'"{value or ""}"' for value in row.values()) for row in rows()]
        path.write_text("\n".join(["model_a,model_b,winner,voter", *lines]), encoding="utf-8")
    else:
        path.write_text("\n".join(map(json.dumps, rows())), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("wish", "judged", "human"), [("include", 3, 4), ("exclude", 0, 4), ("only", 3, 0)]
)
def test_rows_are_counted_and_left_out(
    votes: Path, wish: JudgeVotes, judged: int, human: int
) -> None:
    for report in (
        read_votes(votes, judge_votes=wish).report,
        read_cells(votes, judge_votes=wish).report,
    ):
        assert (report.judged, report.human) == (judged, human)
        assert report.judges == (() if wish == "exclude" else ("gpt", "x, y"))
        assert sum(report.skipped.values()) == 7 - judged - human


def test_a_board_never_mixes_them_unseen(votes: Path) -> None:
    with pytest.raises(InputError, match=r"3 votes are of judges \(gpt, x, y\) and 4 are not"):
        rank(votes)
    note = rank(votes, judge_votes="include").notes[0]
    assert note.startswith("3 of the votes (43%) are of language models as judges (gpt, x, y)")
    assert rank(votes, judge_votes="only").notes[0] == (
        "These are votes of language models as judges (gpt, x, y), not of people."
    )
    board = rank(votes, judge_votes="exclude")
    assert board.n == 4
    assert "judges" not in " ".join(board.notes)


def test_fastchats_pairs_are_votes_of_a_judge(tmp_path: Path) -> None:
    pairs = tmp_path / "gpt-4_pair.jsonl"
    row = {"model_1": "m", "model_2": "n", "judge": ["gpt-4", "pair-v2"]}
    wins = [("model_1", "model_1"), ("model_2", "model_2"), ("model_1", "model_2")]
    lines = [json.dumps({**row, "g1_winner": one, "g2_winner": other}) for one, other in wins]
    pairs.write_text("\n".join(lines), encoding="utf-8")

    report = read_cells(pairs).report

    assert (report.judged, report.human, report.judges) == (3, 0, ("gpt-4",))


def test_a_voter_column_of_no_text_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    table = pa.Table.from_pylist([{**row, "voter": {"id": 1}} for row in rows()])
    pq.write_table(table, path)

    report = read_cells(path).report

    assert (report.judged, report.human) == (0, 7)


@pytest.mark.parametrize("voters", [["ann", "bob"], ["zoe", "yan"], ["judge:a", "ann"]])
def test_parquet_is_read_as_far_as_its_statistics_ask_for(
    tmp_path: Path, voters: list[str]
) -> None:
    path = tmp_path / "votes.parquet"
    given = [{**row, "voter": voters[i % 2]} for i, row in enumerate(rows())]
    pq.write_table(pa.Table.from_pylist(given), path, row_group_size=2)

    assert read_cells(path).report.judged == (4 if voters[0].startswith("judge:") else 0)
