"""Votes as CSV, for spreadsheets: the rows of the Parquet export, with formulas made harmless."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from blindarena.domain.csv_cells import csv_cell

_ROWS = 2_000


def parquet_to_csv(source: Path, sink: Path) -> None:
    """Write a Parquet file's rows as CSV, a few at a time.

    Lists are JSON, times ISO 8601. A text that a spreadsheet would run gets an apostrophe.

    Source: OWASP, CSV Injection.
    """
    with pq.ParquetFile(source) as table, sink.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        names = table.schema_arrow.names
        writer.writerow(names)
        for batch in table.iter_batches(_ROWS):
            columns = [column.to_pylist() for column in batch.columns]
            writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return csv_cell(json.dumps(value, ensure_ascii=False))
    return csv_cell(value)
