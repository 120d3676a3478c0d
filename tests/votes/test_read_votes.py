"""Choosing columns, joining sources, and what does not change what was read."""

import hashlib
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vote_files import CODES, Row, label, votes_of, write

import blindarena.votes
from blindarena.errors import InputError
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes import (
    VoteTable,
    hash_of_cells,
    hash_of_votes,
    read_cells,
    read_pair_counts,
    read_votes,
)

ROWS: list[Row] = [
    {"model_a": "x", "model_b": "y", "winner": "model_a", "voter": "ann", "category": "code"},
    {"model_a": "y", "model_b": "z", "winner": "tie", "voter": "bob", "category": "prose"},
    {"model_a": "x", "model_b": "y", "winner": "model_b", "voter": "ann", "category": "code"},
]


def test_columns_of_other_names(tmp_path: Path) -> None:
    rows = [{"home": "x", "away": "y", "result": "left", "user hash": "u1", "topic": "code"}]
    path = write(tmp_path / "v.csv", rows)

    table = read_votes(
        path,
        columns={
            "model_a": "home",
            "model_b": "away",
            "winner": "result",
            "voter": "user hash",
            "theme": "topic",
        },
    )

    assert votes_of(table) == [("x", "y", "model_a", 1)]
    assert label(table, "voter") == ["u1"]
    assert label(table, "theme") == ["code"]


def test_a_mapping_goes_before_a_spelling(tmp_path: Path) -> None:
    path = write(tmp_path / "v.jsonl", [ROWS[0] | {"final": "tie"}])

    assert votes_of(read_votes(path, columns={"winner": "final"})) == [("x", "y", "tie", 1)]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_nested_columns(tmp_path: Path, suffix: str) -> None:
    tags = {"math_v0.1": {"math": True, "score": 0.5}}
    path = write(tmp_path / f"v.{suffix}", [ROWS[0] | {"category_tag": tags}])

    table = read_votes(
        path,
        columns={"category": "category_tag.math_v0.1.math"},
        extra=("category", "category_tag.math_v0.1.score"),
    )

    assert label(table, "category") == ["true"]
    assert table.numbers["category_tag.math_v0.1.score"].tolist() == [0.5]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_only_the_extra_columns_that_are_asked_for(tmp_path: Path, suffix: str) -> None:
    rows = [row | {"tstamp": 1.0, "style_x_a": 2, "other": "o"} for row in ROWS]
    path = write(tmp_path / f"v.{suffix}", rows)

    assert set(read_votes(path).labels) == {"voter", "category"}
    assert set(read_votes(path).numbers) == {"tstamp", "x_a"}
    none, some = read_votes(path, extra=()), read_votes(path, extra=["voter", "style_x_a", "other"])
    assert (none.labels, none.numbers) == ({}, {})
    assert set(some.labels) == {"voter", "other"}
    assert {name: values.tolist() for name, values in some.numbers.items()} == {
        "style_x_a": [2, 2, 2]
    }
    assert set(read_votes(path, extra="voter").labels) == {"voter"}


def test_numbers_of_our_names_asked_for_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", [ROWS[0] | {"style_x_a": 2, "words_a": 3}])

    assert set(read_votes(path, extra=("x_a", "words_a")).numbers) == {"x_a", "words_a"}


def test_several_sources_are_read_one_after_another(tmp_path: Path) -> None:
    frame = pa.Table.from_pylist([{"model_a": "w", "model_b": "x", "winner": "tie"}])
    counts = {"model_1": "y", "model_2": "w", "wins_1": 2, "wins_2": 0}
    sources = [
        write(tmp_path / "1.csv", ROWS),
        frame,
        str(write(tmp_path / "2.json", [counts])),
    ]

    table = read_votes(sources)

    assert table.models == ("w", "x", "y", "z")
    assert votes_of(table) == [
        ("x", "y", "model_a", 1),
        ("y", "z", "tie", 1),
        ("x", "y", "model_b", 1),
        ("w", "x", "tie", 1),
        ("y", "w", "model_a", 2),
    ]
    assert label(table, "voter") == ["ann", "bob", "ann", None, None]
    assert table.report.files == (str(sources[0]), "pyarrow Table", sources[2])
    assert table.report.rows == 5
    assert table.data_hash == read_cells(sources).data_hash


def test_a_folder_stands_for_its_parquet_files(tmp_path: Path) -> None:
    for at, row in enumerate(ROWS):
        write(tmp_path / f"train-{at}.parquet", [row])
    (tmp_path / "README.md").write_text("not votes")

    assert votes_of(read_votes(tmp_path)) == votes_of(read_votes(pa.Table.from_pylist(ROWS)))


def test_no_sources() -> None:
    table = read_votes([])

    assert (table.models, len(table.votes), table.report.files) == ((), 0, ())


@pytest.mark.parametrize("suffix", ["parquet", "json", "jsonl"])
def test_a_format_is_known_by_how_a_file_begins(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"v.{suffix}", ROWS)

    assert votes_of(read_votes(path.rename(tmp_path / "votes"))) == votes_of(
        read_votes(pa.Table.from_pylist(ROWS))
    )


def test_a_format_may_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv.gz", ROWS).rename(tmp_path / "votes.dat")

    assert len(read_votes(path, format="csv").votes) == 3


def test_parquet_with_other_types_of_text(tmp_path: Path) -> None:
    plain = pa.Table.from_pylist(ROWS).select(["model_a", "model_b", "winner"])
    expected = votes_of(read_votes(plain))
    for at, kind in enumerate(
        [pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.string_view()]
    ):
        table = plain.cast(pa.schema([(name, kind) for name in plain.column_names]))
        assert votes_of(read_votes(table)) == expected
        pq.write_table(table, tmp_path / f"{at}.parquet")
        assert votes_of(read_votes(tmp_path / f"{at}.parquet")) == expected


def test_parquet_without_dictionaries_in_many_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    table = pa.Table.from_pylist(ROWS * 50)
    pq.write_table(table, path, use_dictionary=False, row_group_size=7)

    assert votes_of(read_votes(path)) == votes_of(read_votes(table))


def test_names_that_no_vote_has_are_left_out(tmp_path: Path) -> None:
    """Neither those of an Arrow dictionary without use, nor those of rows that were left out."""
    names = pa.array(["x", "nobody", "y"])
    table = pa.table(
        {
            "model_a": pa.DictionaryArray.from_arrays([0, 2], names),
            "model_b": pa.DictionaryArray.from_arrays([2, 0], names),
            "winner": ["tie", "tie"],
            "voter": ["ann", "bob"],
            "excluded": [None, "owner"],
        }
    )

    found = read_votes(table)

    assert found.models == ("x", "y")
    assert found.labels["voter"].names == ("ann",)


def test_more_models_than_two_bytes_hold() -> None:
    names = [f"m{at:05d}" for at in range(33_000)]
    table = pa.table(
        {"model_a": names, "model_b": [*names[1:], names[0]], "winner": ["tie"] * 33_000}
    )

    found = read_votes(table)

    assert found.models == tuple(names)
    assert found.votes.a.tolist() == list(range(33_000))
    with pytest.raises(InputError, match="more than 8000 models"):
        read_cells(table)


VOTE = st.tuples(st.sampled_from("vwxyz"), st.sampled_from("vwxyz"), st.sampled_from([*CODES]))
VOTES = st.lists(VOTE.filter(lambda vote: vote[0] != vote[1]), min_size=1, max_size=30)
LABEL = st.none() | st.text("abcé,\"' \n", min_size=1, max_size=5)


@given(votes=VOTES, data=st.data())
def test_every_format_gives_the_same_table(
    tmp_path_factory: pytest.TempPathFactory, votes: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("same")
    rows = [
        {
            "model_a": a,
            "model_b": b,
            "winner": CODES[outcome],
            "voter": data.draw(LABEL),
            "words_a": data.draw(st.none() | st.floats(-1e9, 1e9)),
        }
        for a, b, outcome in votes
    ]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("model_a", "model_b", "winner", "voter")),
            ("words_a", pa.float64()),
        ]
    )
    first = read_votes(pa.Table.from_pylist(rows, schema=schema))

    assert votes_of(first) == [(a, b, CODES[outcome], 1) for a, b, outcome in votes]
    for suffix in ("parquet", "csv", "tsv", "json", "jsonl", "csv.gz"):
        table = read_votes(write(folder / f"v.{suffix}", rows))
        assert votes_of(table) == votes_of(first)
        assert label(table, "voter") == label(first, "voter")
        found = table.numbers.get("words_a", np.full(len(rows), np.nan))
        np.testing.assert_array_equal(found, first.numbers["words_a"])
        assert table.data_hash == first.data_hash
        cells = read_cells(folder / f"v.{suffix}")
        assert cells.models == first.models
        np.testing.assert_array_equal(cells.counts, first.votes.cells())
        assert cells.data_hash == first.data_hash


def table_of(votes: list[tuple[str, str, int]]) -> VoteTable:
    a, b, outcomes = zip(*votes, strict=True)
    winner = [CODES[outcome] for outcome in outcomes]
    return read_votes(pa.table({"model_a": a, "model_b": b, "winner": winner}))


@given(votes=VOTES, data=st.data())
def test_the_hash_knows_votes_but_not_their_order(
    votes: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    first = table_of(votes)
    counted = read_votes(
        pa.Table.from_pylist(
            [
                {"model_a": a, "model_b": b, "winner": CODES[outcome], "count": votes.count(vote)}
                for vote in set(votes)
                for a, b, outcome in [vote]
            ]
        )
    )

    assert table_of(data.draw(st.permutations(votes))).data_hash == first.data_hash
    assert counted.data_hash == first.data_hash
    assert table_of([*votes, votes[0]]).data_hash != first.data_hash
    (a, b, outcome), *others = votes
    assert table_of([(b, a, outcome), *others]).data_hash != first.data_hash or (
        sorted([(b, a, outcome), *others]) == sorted(votes)
    )
    assert table_of([(f"{a}{b}", b, outcome), *others]).data_hash != first.data_hash


def test_the_hash_is_the_documented_one() -> None:
    """So that anybody can compute it, and so that it never changes unnoticed."""
    table = table_of([("x", "é", 0), ("é", "x", 2), ("x", "é", 0)])

    counts = struct.pack("<8q", 0, 1, 0, 2, 1, 0, 2, 1)
    text = 'blindarena votes 1\n["x","é"]\n'.encode() + counts
    assert table.data_hash == hashlib.sha256(text).hexdigest()


def test_the_hash_of_many_models_is_that_of_their_cells() -> None:
    rng = np.random.default_rng(1)
    m = 1_100
    a = rng.integers(0, m, 5_000)
    votes = VoteArrays(
        m=m,
        a=a,
        b=(a + rng.integers(1, m, 5_000)) % m,
        outcome=rng.integers(0, 4, 5_000),
        count=rng.integers(0, 3, 5_000),
    )
    names = [f"m{at:04d}" for at in range(m)]

    assert hash_of_votes(names, votes) == hash_of_cells(names, votes.cells())


def test_cells_of_votes_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blindarena.ranking.vote_arrays._BLOCK", 8)
    rng = np.random.default_rng(2)
    a = rng.integers(0, 5, 100).astype(np.int8)
    b = ((a + rng.integers(1, 5, 100)) % 5).astype(np.int8)
    outcome, count = rng.integers(0, 4, 100), rng.integers(0, 10**13, 100)
    expected = np.zeros((5, 5, 4), dtype=np.int64)
    np.add.at(expected, (a, b, outcome), count)

    cells = VoteArrays(m=5, a=a, b=b, outcome=outcome, count=count).cells()
    ones = VoteArrays(m=5, a=a, b=b, outcome=outcome).cells()

    np.testing.assert_array_equal(cells, expected)
    assert ones.sum() == 100
    np.testing.assert_array_equal(ones > 0, expected > 0)


def test_cells_grow_with_the_models() -> None:
    rows = [{"model_a": f"m{at}", "model_b": f"n{at}", "winner": "tie"} for at in range(300)]
    sources = [pa.Table.from_pylist(rows[at : at + 50]) for at in range(0, 300, 50)]

    cells = read_cells(sources)
    table = read_votes(sources)

    assert cells.models == table.models
    np.testing.assert_array_equal(cells.counts, table.votes.cells())
    assert cells.report == table.report


def test_pair_counts_are_read_as_before(tmp_path: Path) -> None:
    rows = [{"model_1": "x", "model_2": "y", "wins_1": 3, "wins_2": 1, "ties": 2, "both_bad": 5}]
    path = write(tmp_path / "v.csv", rows)

    pairs, cells = read_pair_counts(path), read_cells(path)

    assert pairs.models == cells.models
    assert cells.counts[0, 1].tolist() == [3, 1, 2, 5]


def test_the_package_is_lazy_and_lists_what_it_has() -> None:
    assert sorted(blindarena.votes.__all__) == blindarena.votes.__all__
    for name in blindarena.votes.__all__:
        assert getattr(blindarena.votes, name)
    with pytest.raises(AttributeError, match="no attribute 'read_vote'"):
        blindarena.votes.read_vote  # noqa: B018
    code = "import sys, blindarena.votes; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
