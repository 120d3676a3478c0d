"""Votes from pandas, Polars, Arrow and whatever else speaks the Arrow C stream protocol."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from blindarena.errors import VoteFileError
from blindarena.votes.arrow_rows import arrow_blocks, plan_of
from blindarena.votes.blocks import Block
from blindarena.votes.columns import Wish


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that gives its rows as Arrow batches: most tables and data frames."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule that holds an Arrow stream."""


def name_of(frame: ArrowStream) -> str:
    """Return what to call a frame: `pandas DataFrame`."""
    kind = type(frame)
    return f"{kind.__module__.split('.')[0]} {kind.__name__}"


def frame_blocks(frame: ArrowStream, wish: Wish) -> Iterator[Block]:
    """Yield the rows of a frame in order, numbered from 1."""
    where = name_of(frame)
    try:
        with pa.RecordBatchReader.from_stream(_narrowed(frame, wish)) as batches:
            plan, fields = plan_of(where, batches.schema, wish)
            yield from arrow_blocks(where, batches, plan, fields)
    except pa.ArrowException as error:
        raise VoteFileError(
            f"{where}: cannot be turned into Arrow ({str(error).splitlines()[0]}); "
            "give every column one type"
        ) from error


def _narrowed(frame: Any, wish: Wish) -> Any:
    """Leave out columns that are not read where turning them into Arrow costs time and may fail."""
    if not name_of(frame).startswith("pandas "):
        return frame
    used = [name for name in frame.columns if isinstance(name, str) and wish.may_use(name)]
    narrowed = frame[used].reset_index(drop=True)
    return narrowed if used else frame
