"""Votes from data frames, without a file in between."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from vote_files import Row, label, votes_of

from blindarena.errors import InputError, VoteFileError
from blindarena.votes import read_cells, read_votes

ROWS: list[Row] = [
    {"model_a": "x", "model_b": "y", "winner": "model_a", "turn": 1, "words_a": 3},
    {"model_a": "y", "model_b": "z", "winner": "tie", "turn": None, "words_a": None},
    {"model_a": "z", "model_b": "x", "winner": "both_bad", "turn": 2, "words_a": 5},
]
VOTES = [("x", "y", "model_a", 1), ("y", "z", "tie", 1), ("z", "x", "both_bad", 1)]
NAMES = ["model_a", "model_b", "winner"]


@pytest.mark.parametrize(
    "frame",
    [
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        pl.DataFrame(ROWS),
        pl.DataFrame(ROWS).with_columns(pl.col(NAMES).cast(pl.Categorical)),
        pl.DataFrame(ROWS).with_columns(
            pl.col("winner").cast(pl.Enum(["tie", "both_bad", "model_a"]))
        ),
        pd.DataFrame(ROWS),
        pd.DataFrame(ROWS, index=[5, 5, 5]),
        pd.DataFrame(ROWS).astype(dict.fromkeys(NAMES, "category")),
        pd.DataFrame(ROWS).astype(dict.fromkeys(NAMES, object)),
        pd.DataFrame(ROWS).convert_dtypes(),
    ],
    ids=lambda frame: f"{type(frame).__module__}.{type(frame).__name__}",
)
def test_frames(frame: object) -> None:
    table = read_votes(frame)  # type: ignore[arg-type]

    assert votes_of(table) == VOTES
    assert label(table, "turn") == ["1", None, "2"]
    assert table.numbers["words_a"].tolist()[::2] == [3, 5]
    assert table.data_hash == read_cells(frame).data_hash  # type: ignore[arg-type]


def test_a_stream_of_batches() -> None:
    batches = pa.Table.from_pylist(ROWS).to_batches(max_chunksize=1)

    assert (
        votes_of(read_votes(pa.RecordBatchReader.from_batches(batches[0].schema, batches))) == VOTES
    )


def test_columns_of_pandas_that_are_not_read_need_not_be_arrow() -> None:
    frame = pd.DataFrame(ROWS).assign(notes=[1, "two", object()])

    assert votes_of(read_votes(frame)) == VOTES
    with pytest.raises(VoteFileError, match=r"^pandas DataFrame: cannot be turned into Arrow"):
        read_votes(frame, extra=("notes",))


def test_nested_pandas() -> None:
    metadata = [{"bold_count_a": {"**": 2, "__": 1}}] * 3

    table = read_votes(pd.DataFrame(ROWS).assign(conv_metadata=metadata))

    assert table.numbers["bold_a"].tolist() == [3, 3, 3]


def test_a_frame_without_any_known_column() -> None:
    with pytest.raises(VoteFileError, match="'model_a' is missing; the columns are: one, two"):
        read_votes(pd.DataFrame({"one": [1], "two": [2]}))


def test_a_lazy_frame_is_to_be_collected() -> None:
    with pytest.raises(InputError, match=r"LazyFrame is no source of votes.*collected"):
        read_votes(pl.DataFrame(ROWS).lazy())  # type: ignore[arg-type]
