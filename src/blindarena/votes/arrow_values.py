"""Arrow columns of any type as codes and numbers; what cannot be read is marked, not guessed."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.votes.counts_csv import MOST


def indices(array: Any) -> tuple[IntArray, pa.Array]:
    """Return a column as indices into its distinct texts, -1 where missing, and those texts.

    Text that is dictionary-encoded already costs no Python string per row.
    """
    array = _dictionary(array)
    found = array.indices
    if found.null_count:
        found = pc.fill_null(found.cast(pa.int64()), -1)
    return _numpy(found), array.dictionary


def _numpy(array: Any) -> Any:
    """Return numbers without missing ones as NumPy sees them, without a copy.

    `to_numpy` would import pandas where it is installed, which takes 0.2 s and 40 MB.
    """
    return np.from_dlpack(array)


def _dictionary(array: Any) -> Any:
    """Return a column as a dictionary of strings."""
    if types.is_dictionary(array.type):
        if _is_text(array.type.value_type):
            return array
        array = array.dictionary_decode()
    if types.is_list(array.type) or types.is_large_list(array.type):
        array = pc.binary_join(array.cast(pa.list_(pa.string())), ", ")
    elif types.is_floating(array.type) and pc.all(pc.equal(pc.floor(array), array)).as_py():
        array = array.cast(pa.int64())  # whole numbers that became floats because some are missing
    if not _is_text(array.type):
        array = array.cast(pa.string())
    return array.dictionary_encode()


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def whole_numbers(array: Any) -> tuple[IntArray, BoolArray, BoolArray]:
    """Return a column of counts as int64, 0 where it cannot be one.

    Returns:
        The counts; which cells are no whole number from -MOST to MOST, a missing one included;
        which are negative.
    """
    values, missing, wrong = floats(array)
    with np.errstate(invalid="ignore"):
        wrong |= missing | (values != np.floor(values)) | (np.abs(values) > MOST)
    counts = np.where(wrong, 0.0, values).astype(np.int64)
    return np.maximum(counts, 0), wrong, counts < 0


def floats(array: Any) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return a column of numbers, NaN where missing; a nested one is summed.

    Returns:
        The numbers; which cells are missing; which hold something else than a number.
    """
    if types.is_struct(array.type):
        parts = [floats(pc.struct_field(array, at))[0] for at in range(array.type.num_fields)]
        return _sum(parts, len(array))
    if types.is_timestamp(array.type):
        return _floats(_seconds(array))
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _is_text(array.type):
        return _parsed(array.cast(pa.string()))
    return _floats(array.cast(pa.float64(), safe=False))


def times(array: Any) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return a column of times as seconds since 1970 in UTC; text is ISO 8601 or a number."""
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _is_text(array.type):
        text = array.cast(pa.string())
        for kind in (pa.timestamp("us", tz="UTC"), pa.timestamp("us")):
            try:
                return _floats(_seconds(text.cast(kind)))
            except pa.ArrowInvalid:
                continue
    return floats(array)


def _seconds(stamps: Any) -> Any:
    """Return timestamps of any unit as seconds; without a time zone they are taken as UTC."""
    whole = stamps.cast(pa.timestamp("us", tz=stamps.type.tz), safe=False).cast(pa.int64())
    return pc.divide(whole.cast(pa.float64()), 1e6)


def _floats(array: Any) -> tuple[FloatArray, BoolArray, BoolArray]:
    values = _numpy(pc.fill_null(array.cast(pa.float64()), np.nan))
    return values, np.isnan(values), np.zeros(len(values), dtype=np.bool_)


def _sum(parts: list[FloatArray], rows: int) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Add up parts; a missing part is 0, all missing is missing."""
    stacked = np.array(parts).reshape(len(parts), rows)
    missing: BoolArray = np.all(np.isnan(stacked), axis=0)
    values: FloatArray = np.where(missing, np.nan, np.nansum(stacked, axis=0))
    return values, missing, np.zeros(rows, dtype=np.bool_)


def _parsed(text: Any) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Read numbers from text: all at once, and one by one where that fails."""
    text = pc.utf8_trim_whitespace(text)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    try:
        return _floats(text.cast(pa.float64()))
    except pa.ArrowInvalid:
        cells = [_float(cell) for cell in text.to_pylist()]
        wrong = np.array([cell is None for cell in cells])
        values = np.array([np.nan if cell is None else cell for cell in cells])
        return values, np.isnan(values) & ~wrong, wrong


def _float(text: str | None) -> float | None:
    """Return what Arrow reads from one text; None where that is no number."""
    if text is None:
        return np.nan
    try:
        return float(pa.scalar(text).cast(pa.float64()).as_py())
    except pa.ArrowInvalid:
        return None
