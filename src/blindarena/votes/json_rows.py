"""Votes from JSON: one object per line, or one list of objects."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from blindarena.errors import VoteFileError
from blindarena.votes.blocks import Block, LeftOut
from blindarena.votes.columns import Wish
from blindarena.votes.fastchat_log import Logs

ROWS = 1 << 13
Row = dict[str, Any]


def json_blocks(
    where: str, file: BinaryIO, *, lines: bool, wish: Wish, logs: Logs, left_out: LeftOut
) -> Iterator[Block]:
    """Yield the rows of a JSON file; a row is a line, or an entry of the one list.

    Lines of FastChat's conversation log become votes on the way. A key that is missing from
    a row is a missing value.
    """
    found = _lines(where, file, left_out) if lines else _entries(where, file, left_out)
    votes = logs.votes(where, found, left_out)
    paths: dict[str, tuple[str, ...]] = {}
    while chunk := list(islice(votes, ROWS)):
        # a key that was there before is a column of the file, if no row of this chunk has it
        paths |= _paths([row for _, row in chunk], wish)
        yield _block(where, chunk, paths, wish)


def _lines(where: str, file: BinaryIO, left_out: LeftOut) -> Iterator[tuple[int, Row]]:
    empty = True
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        empty = False
        try:
            row = _decode(line.removeprefix(b"\xef\xbb\xbf"))
        except ValueError as error:
            problem = f": not JSON ({error}): {_shown(line)}; write one object per line"
            left_out.bad(where, number, "malformed line", problem)
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            _no_object(where, number, row, left_out)
    if empty:
        raise VoteFileError(f"{where}: the file is empty; write one object per line")


def _entries(where: str, file: BinaryIO, left_out: LeftOut) -> Iterator[tuple[int, Row]]:
    content = file.read()
    if not content.strip():
        raise VoteFileError(f"{where}: the file is empty; write a list of objects")
    try:
        rows = msgspec.json.decode(content, type=list[msgspec.Raw])
    except ValueError:
        try:
            rows = json.loads(content)
        except ValueError as error:
            raise VoteFileError(
                f"{where}: not JSON ({error}); write a list of objects, or one object per line"
            ) from error
    for number, row in enumerate(rows, start=1):
        try:
            value = _decode(row) if isinstance(row, msgspec.Raw) else row
        except ValueError as error:
            problem = f": not JSON ({error}); save the file as UTF-8"
            left_out.bad(where, number, "malformed line", problem)
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            _no_object(where, number, value, left_out)


def _decode(text: bytes | msgspec.Raw) -> object:
    """Read one value; the slower reader also takes NaN, which Python writes."""
    try:
        return msgspec.json.decode(text)
    except ValueError:
        if b"NaN" in bytes(text) or b"Infinity" in bytes(text):
            return json.loads(bytes(text))
        raise


def _no_object(where: str, number: int, row: object, left_out: LeftOut) -> None:
    problem = f": {_shown(row)} is no object; write {{...}} with a vote's columns"
    left_out.bad(where, number, "not an object", problem)


def _shown(value: object) -> str:
    text = value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else value
    return repr(text)[:80]


def _block(
    where: str, chunk: list[tuple[int, Row]], paths: Mapping[str, tuple[str, ...]], wish: Wish
) -> Block:
    numbers, rows = zip(*chunk, strict=True)
    plan = wish.plan(where, list(paths), is_number=lambda path: _holds_numbers(rows, paths[path]))
    columns = {path: _column(rows, paths[path]) for path in plan.paths}
    if plan.shape == "ranking":
        path = plan.roles["ranking"]
        columns[path] = [_cell(row, paths[path]) for row in rows]
    return Block(where, plan, columns, len(rows), numbers.__getitem__)


def _paths(rows: Iterable[Row], wish: Wish) -> dict[str, tuple[str, ...]]:
    """Return every key of any row, those inside objects that may be read as `outer.inner`."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    found: dict[str, tuple[str, ...]] = {key: (key,) for key in keys}
    for key in keys:
        if wish.may_look_into(key):
            inner = [value for row in rows if isinstance(value := row.get(key), dict)]
            for path, names in _inner_paths(inner).items():
                found.setdefault(f"{key}.{path}", (key, *names))
    return found


def _inner_paths(rows: list[Row]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        found[key] = (key,)
        inner = [value for row in rows if isinstance(value := row.get(key), dict)]
        for path, names in _inner_paths(inner).items():
            found.setdefault(f"{key}.{path}", (key, *names))
    return found


def _cell(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _column(rows: Iterable[Row], names: tuple[str, ...]) -> pa.Array:
    only = names[0] if len(names) == 1 else None
    cells = [_cell(row, names) if only is None else row.get(only) for row in rows]
    try:
        return pa.array(cells)
    except (
        pa.ArrowException,
        OverflowError,
        UnicodeEncodeError,
    ):  # more than one type: as text, to be read as such
        return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    if isinstance(cell, list):
        return ", ".join(_text(part) or "" for part in cell)
    return json.dumps(cell)


def _holds_numbers(rows: Iterable[Row], names: tuple[str, ...]) -> bool:
    cells = (_cell(row, names) for row in rows)
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, int | float) and not isinstance(first, bool)
