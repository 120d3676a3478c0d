"""Votes that other tools stumble over: a right answer, or a named error with the cure."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from vote_tables import NOW, votes

from blindarena import rank
from blindarena.errors import InputError, NotIdentifiedError, SeparationError
from blindarena.ranking import ELO_PER_NAT

VOTES = votes(600)


def pair(a: str, b: str, winner: str, n: int = 1) -> list[dict[str, str]]:
    return [{"model_a": a, "model_b": b, "winner": winner}] * n


def both(a: str, b: str, n: int = 20) -> list[dict[str, str]]:
    return pair(a, b, "model_a", n) + pair(a, b, "model_b", n)


def with_style(name: str, a: object, b: object) -> pa.Table:
    return VOTES.append_column(f"{name}_a", pa.array(a)).append_column(f"{name}_b", pa.array(b))


def test_two_boards_that_never_met() -> None:
    apart = pa.Table.from_pylist(both("ada", "bob") + both("cleo", "dan", 30))
    with pytest.raises(NotIdentifiedError, match=r"2 of 4 models \(ada, bob\) .*unconnected: skip"):
        rank(apart)

    board = rank(apart, unconnected="skip", now=NOW)

    rated = {row.contestant for row in board.rows if row.rating is not None}
    assert rated == {"cleo", "dan"}
    assert {row.contestant for row in board.rows if row.not_connected} == {"ada", "bob"}


@pytest.mark.parametrize("winner", ["model_a", "model_b"])
def test_a_model_that_has_won_or_lost_all(winner: str) -> None:
    table = pa.Table.from_pylist(both("ada", "bob") + pair("eve", "ada", winner, 9))
    with pytest.raises(NotIdentifiedError, match=r"\(eve\) have not both scored and conceded"):
        rank(table)

    board = rank(table, unconnected="skip", now=NOW)

    assert [row.rating for row in board.rows][:2] == [1000, 1000]
    assert board.rows[-1].not_connected


def test_a_style_feature_that_is_the_same_in_every_answer_is_left_out_and_said() -> None:
    table = with_style("lists", [3] * 600, [3] * 600)

    board = rank(table, style=True, now=NOW)

    assert [one.name for one in board.coefficients] == ["tokens"]
    assert any("leaves lists out: it never differs" in note for note in board.notes)
    plain = rank(VOTES, style=True, now=NOW)
    assert [row.rating for row in board.rows] == [row.rating for row in plain.rows]


def test_a_style_feature_that_always_differs_alike_is_named() -> None:
    with pytest.raises(NotIdentifiedError, match="'lists' differs by the same share"):
        rank(with_style("lists", [4] * 600, [2] * 600), style=True)


def test_only_constant_style_is_an_error_with_the_cure() -> None:
    plain = VOTES.select(["model_a", "model_b", "winner"])
    table = plain.append_column("lists_a", pa.array([3] * 600))
    with pytest.raises(NotIdentifiedError, match=r"lists never differ .*; leave it out"):
        rank(table.append_column("lists_b", pa.array([3] * 600)), style=True)


def test_collinear_style_features_are_named() -> None:
    """Twice the tokens is the same share of the total."""
    tokens = [np.array(VOTES[f"tokens_{side}"].to_pylist()) for side in "ab"]

    with pytest.raises(NotIdentifiedError, match="'headers' is determined by the covariates befor"):
        rank(with_style("headers", 2 * tokens[0], 2 * tokens[1]), style=True)


def test_style_that_foretells_every_vote_is_named() -> None:
    won = np.array([winner == "model_a" for winner in VOTES["winner"].to_pylist()])
    decided = pa.array([winner.startswith("model") for winner in VOTES["winner"].to_pylist()])
    table = with_style("bold", np.where(won, 9, 1), np.where(won, 1, 9)).filter(decided)

    with pytest.raises(SeparationError, match="'bold'"):
        rank(table, style=True)


def test_a_first_position_that_is_one_model_is_named() -> None:
    always = pa.Table.from_pylist(both("ada", "bob"))

    with pytest.raises(NotIdentifiedError, match="'first position' is determined by who meets who"):
        rank(always, first_position=True)


def test_one_model() -> None:
    one = pa.Table.from_pylist(pair("ada", "ada", "tie"))
    with pytest.raises(InputError, match="ada"):
        rank(one)


@pytest.mark.parametrize("options", [{}, {"method": "contextual", "by": "c"}, {"voter_test": True}])
def test_no_votes(options: dict[str, Any]) -> None:
    kinds = {name: pa.string() for name in ("model_a", "model_b", "winner", "c", "voter")}
    empty = pa.schema(kinds.items()).empty_table()

    with pytest.raises(InputError, match="there are no votes in"):
        rank(empty, **options)


def test_a_single_voter() -> None:
    """Nothing tells how voters differ: an error for clusters; else a board, nobody is flagged."""
    alone = VOTES.set_column(3, "voter", pa.array(["v"] * 600))
    with pytest.raises(InputError, match=r"all votes are in one cluster.*or the plain sandwich"):
        rank(alone, cluster="voter")

    board = rank(alone, voter_test=True, exclude_flagged=True, now=NOW)
    capped = rank(alone, max_votes_per_voter=200, now=NOW)

    assert board.n == 600
    assert board.voters is not None
    assert board.voters.voters == 1
    assert capped.n == 200


def test_a_cap_may_leave_too_little() -> None:
    """Three votes of one voter connect nobody: the error names who is outside."""
    alone = VOTES.set_column(3, "voter", pa.array(["v"] * 600))

    with pytest.raises(NotIdentifiedError, match="no finite ratings"):
        rank(alone, max_votes_per_voter=2)


def sparse(m: int = 2000) -> tuple[pa.Table, np.ndarray]:
    """Return votes on m models that met six others each, in three topics, and the truth."""
    rng = np.random.default_rng(1)
    theta = rng.normal(0, 0.6, m)
    a = np.repeat(np.arange(m), 60)
    b = (a + np.tile(np.repeat([1, 37, 411], 20), m)) % m
    won = rng.random(len(a)) < 1 / (1 + np.exp(theta[b] - theta[a]))
    names = np.array([f"m{i:04d}" for i in range(m)])
    style = rng.integers(1, 300, (2, len(a)))
    table = pa.table(
        {
            "model_a": names[a],
            "model_b": names[b],
            "winner": np.where(won, "model_a", "model_b"),
            "topic": np.array(["x", "y", "z"])[rng.integers(0, 3, len(a))],
            "tokens_a": style[0],
            "tokens_b": style[1],
        }
    )
    return table, 1000 + ELO_PER_NAT * (theta - theta.mean())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("options", [{}, {"by": "topic"}, {"style": True}])
def test_two_thousand_models_on_a_sparse_graph(options: dict[str, Any]) -> None:
    table, truth = sparse()

    board = rank(table, unconnected="skip", now=NOW, **options)

    rows = [row for row in board.rows if row.rating is not None]
    assert len(rows) >= 1990
    off = np.array([row.rating for row in rows]) - [truth[int(row.contestant[1:])] for row in rows]
    held = [row.lower <= truth[int(row.contestant[1:])] <= row.upper for row in rows]
    assert np.sqrt(np.mean(off**2)) < 60
    assert 0.93 < np.mean(held) < 0.97
    assert len(board.boards) == (3 if "by" in options else 0)
    assert "Rank sets are not computed for more than 500 models." in board.notes
    assert board.to_html().endswith("</html>\n")


MOST = 2 * 2**30
CHILD = """
import sys
import blindarena
options = {"by": "topic"} if sys.argv[2] == "by" else {}
board = blindarena.rank(sys.argv[1], **options)
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM:")).split()[1]
print(board.n, len(board.boards), int(peak) * 1024)
"""
"""getrusage would tell the parent's memory where that is more: a child is a copy until it execs."""


@pytest.fixture(scope="module")
def fifty_million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 50 M votes on 200 models to five Parquet files: one million, ten times in each."""
    folder = tmp_path_factory.mktemp("big")
    rng = np.random.default_rng(1)
    n, m = 10**6, 200
    a = rng.integers(0, m, n)
    b = (a + rng.integers(1, m, n)) % m
    theta = np.linspace(1, -1, m)
    outcome = np.where(rng.random(n) < 1 / (1 + np.exp(theta[b] - theta[a])), 0, 1)
    outcome[rng.random(n) < 0.3] = 2

    def column(codes: np.ndarray, names: list[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names))

    models = [f"model {i:03d}" for i in range(m)]
    table = pa.table(
        {
            "model_a": column(a, models),
            "model_b": column(b, models),
            "winner": column(outcome, ["model_a", "model_b", "tie"]),
            "topic": column(rng.integers(0, 6, n), [f"topic {i}" for i in range(6)]),
        }
    )
    for part in range(5):
        with pq.ParquetWriter(folder / f"part-{part}.parquet", table.schema) as file:
            for _ in range(10):
                file.write_table(table, row_group_size=n)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("how", "boards", "most"), [("all", 0, MOST // 4), ("by", 6, MOST)])
def test_fifty_million_votes_in_several_files_within_two_gigabytes(
    fifty_million: Path, how: str, boards: int, most: int
) -> None:
    """Counts need memory for one block; categories read rows, about 25 bytes a vote."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(fifty_million), how],
        capture_output=True,
        text=True,
        check=True,
        timeout=500,
    )

    votes_read, boards_made, peak = map(int, done.stdout.split())
    assert votes_read == 50_000_000
    assert boards_made == boards
    assert peak < most
