import csv
import io
from dataclasses import replace

import pytest
from board_cases import ARENA, NOW, CountsInMemory, contestants, pair

from blindarena.leaderboard.board import Board
from blindarena.leaderboard.csv import board_csv
from blindarena.leaderboard.live import LiveLeaderboard


async def make_board(*names: str) -> Board:
    counts = CountsInMemory(pair(0, 1, 60, 30, 8, 2))
    return await LiveLeaderboard(counts).board(
        ARENA, contestants(*names), population="people", now=NOW
    )


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_every_line_says_what_and_how() -> None:
    board = await make_board("a", "b, large", "new")

    rows = read(board_csv(board))

    assert [row["contestant"] for row in rows] == ["a", "b, large", "new"]
    assert float(rows[0]["rating"]) == board.rows[0].rating
    assert (rows[0]["rank"], rows[0]["both_bad"], rows[0]["preliminary"]) == ("1", "2", "false")
    assert (rows[0]["rank_low"], rows[2]["rating"], rows[2]["avg_cost_usd"]) == ("", "", "")
    assert rows[2]["preliminary"] == "true"
    for row in rows:
        assert (row["n"], row["data_hash"]) == ("100", board.data_hash)
        assert row["method"] == "Bradley-Terry (Newton, pair counts)"
        assert row["interval"] == "95 % sandwich"
        assert row["computed_at"] == "2026-11-21T12:00:00+00:00"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
async def test_a_formula_is_only_text(start: str) -> None:
    board = await make_board(f"{start}HYPERLINK(1)", "plain")
    board = replace(board, rows=tuple(replace(row, description="=1+1") for row in board.rows))

    rows = read(board_csv(board))

    assert rows[0]["contestant"] == f"'{start}HYPERLINK(1)"
    assert [row["description"] for row in rows] == ["'=1+1", "'=1+1"]
    assert rows[1]["contestant"] == "plain"


async def test_a_negative_number_stays_a_number() -> None:
    board = await make_board("a", "b")
    board = replace(board, rows=(replace(board.rows[0], lower=-12.5),))

    assert read(board_csv(board))[0]["lower"] == "-12.5"
