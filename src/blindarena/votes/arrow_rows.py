"""Blocks from Arrow record batches, and the columns of an Arrow schema."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from blindarena.votes.blocks import Block
from blindarena.votes.columns import Plan, Wish

Fields = Mapping[str, tuple[str, ...]]
"""A column's path, `outer.inner`, with the names that lead to it."""


def plan_of(where: str, schema: pa.Schema, wish: Wish) -> tuple[Plan, Fields]:
    """Choose columns of a schema; those inside structs count too."""
    walked = list(_walk(schema, ()))
    kinds = {path: kind for path, _, kind in reversed(walked)}
    plan = wish.plan(
        where, [path for path, _, _ in walked], is_number=lambda path: _is_number(kinds[path])
    )
    return plan, {path: names for path, names, _ in reversed(walked)}


def arrow_blocks(
    where: str, batches: Iterable[pa.RecordBatch], plan: Plan, fields: Fields
) -> Iterator[Block]:
    """Yield a block per batch; rows are numbered from 1."""
    start = 1
    for batch in batches:
        columns = {path: _column(batch, fields[path]) for path in plan.paths}
        yield Block(where, plan, columns, batch.num_rows, start.__add__)
        start += batch.num_rows


def _walk(
    fields: Iterable[pa.Field], outer: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...], pa.DataType]]:
    for field in fields:
        names = (*outer, field.name)
        yield ".".join(names), names, field.type
        if types.is_struct(field.type):
            yield from _walk(field.type, names)


def _column(batch: pa.RecordBatch, names: Sequence[str]) -> Any:
    column = batch.column(names[0])
    for name in names[1:]:
        column = pc.struct_field(column, name)
    return column


def _is_number(kind: pa.DataType) -> bool:
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))
