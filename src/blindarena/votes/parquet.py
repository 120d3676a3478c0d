"""Votes from Parquet: dictionary codes as they are in the file, no string per row."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from blindarena.errors import VoteFileError
from blindarena.votes.arrow_rows import arrow_blocks, plan_of
from blindarena.votes.blocks import Block
from blindarena.votes.columns import Wish

ROWS = 1 << 18
"""Rows of a block: enough to be quick, few enough to need little memory."""


def parquet_blocks(path: Path, wish: Wish) -> Iterator[Block]:
    """Yield the rows of a Parquet file in order; only the columns of the plan are read."""
    where = str(path)
    try:
        with pq.ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
        plan, fields = plan_of(where, schema, wish)
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


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))
