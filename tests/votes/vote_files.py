"""Small files of votes for the tests."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from blindarena.ranking.vote_arrays import A_WINS, B_WINS, BOTH_BAD, TIE
from blindarena.votes import VoteTable

Row = dict[str, Any]
CODES = {A_WINS: "model_a", B_WINS: "model_b", TIE: "tie", BOTH_BAD: "both_bad"}


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows in the format that the name tells."""
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
        return path
    if name.endswith((".csv", ".tsv")):
        options = pa_csv.WriteOptions(delimiter="\t" if name.endswith(".tsv") else ",")
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(pa.Table.from_pylist(list(rows)), sink, options)
        content = sink.getvalue().to_pybytes()
    elif name.endswith(".json"):
        content = json.dumps(rows).encode()
    else:
        content = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def votes_of(table: VoteTable) -> list[tuple[str, str, str, int]]:
    """Return a table's votes with names: side a, side b, outcome, count."""
    votes = table.votes
    counts = [1] * len(votes) if votes.count is None else votes.count.tolist()
    return [
        (table.models[a], table.models[b], CODES[outcome], count)
        for a, b, outcome, count in zip(
            votes.a.tolist(), votes.b.tolist(), votes.outcome.tolist(), counts, strict=True
        )
    ]


def label(table: VoteTable, name: str) -> list[str | None]:
    """Return a label as texts."""
    found = table.labels[name]
    return [found.names[code] if code >= 0 else None for code in found.codes.tolist()]
