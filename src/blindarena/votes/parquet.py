"""Votes from Parquet: dictionary codes as they are in the file, no string per row."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from blindarena.errors import VoteFileError
from blindarena.votes.arrow_rows import arrow_blocks, plan_of
from blindarena.votes.blocks import Block
from blindarena.votes.columns import Wish
from blindarena.votes.judges import JUDGE_MARK

ROWS = 1 << 18
"""Rows of a block: enough to be quick, few enough to need little memory."""


def parquet_blocks(path: Path, wish: Wish) -> Iterator[Block]:
    """Yield the rows of a Parquet file in order; only the columns of the plan are read."""
    where = str(path)
    try:
        with pq.ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
        plan, fields = plan_of(where, schema, wish)
        if plan.mark is not None and not _may_begin_with(JUDGE_MARK, metadata, plan.mark):
            plan = replace(plan, mark=None)
        kinds = {field.name: field.type for field in schema}
        texts = [name for name in plan.paths if name in kinds and _is_text(kinds[name])]
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=texts) as file:
            batches = file.iter_batches(ROWS, columns=list(plan.paths))
            yield from arrow_blocks(where, batches, plan, fields)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # from the file system, not from what is in the file
        reason = str(error).splitlines()[0]
        raise VoteFileError(
            f"{where}: cannot be read as Parquet ({reason}); check the file, or say its format"
        ) from error


def _may_begin_with(mark: str, metadata: pq.FileMetaData, name: str) -> bool:
    """Say whether a text of a column may begin so, by the least and the greatest that it has.

    Who voted is often the largest column of all, and most files have no judges in it.
    """
    last = mark[:-1] + chr(ord(mark[-1]) + 1)
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        columns = (row_group.column(i) for i in range(row_group.num_columns))
        column = next((one for one in columns if one.path_in_schema == name), None)
        found = column.statistics if column is not None and column.is_stats_set else None
        if found is None or not found.has_min_max or not isinstance(found.min, str):
            return True
        if found.max >= mark and found.min < last:
            return True
    return False


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))
