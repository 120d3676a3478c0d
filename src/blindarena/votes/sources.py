"""From a path or a frame to blocks: which format, opened how."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal, cast, get_args

from blindarena.errors import InputError, VoteFileError
from blindarena.votes.blocks import Block, LeftOut
from blindarena.votes.columns import Wish
from blindarena.votes.delimited import delimited_blocks
from blindarena.votes.fastchat_log import Logs
from blindarena.votes.frames import ArrowStream, frame_blocks, name_of
from blindarena.votes.json_rows import json_blocks
from blindarena.votes.parquet import parquet_blocks

Format = Literal["parquet", "csv", "tsv", "json", "jsonl"]
Source = str | os.PathLike[str] | ArrowStream
"""A file, a folder of Parquet files, or a table or data frame."""

_SUFFIXES: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def each_source(
    sources: Source | list[Source] | tuple[Source, ...],
) -> Iterator[Path | ArrowStream]:
    """Yield files and frames in order; a folder stands for the Parquet files in it, by name."""
    for source in sources if isinstance(sources, list | tuple) else (sources,):
        if isinstance(source, str | os.PathLike):
            yield from _files(Path(source))
        elif isinstance(source, ArrowStream):
            yield source
        else:
            raise InputError(
                f"{type(source).__name__} is no source of votes; give a path, or a table or data "
                "frame of pyarrow, pandas or Polars (a lazy one collected)"
            )


def blocks_of(
    source: Path | ArrowStream, wish: Wish, logs: Logs, left_out: LeftOut, kind: Format | None
) -> Iterator[Block]:
    """Yield the rows of one source in order.

    Raises:
        VoteFileError: the source cannot be opened or read, or a row is wrong.
    """
    if not isinstance(source, Path):
        yield from frame_blocks(source, wish)
        return
    where = str(source)
    with _file_errors(source):
        kind = kind or _format(source)
        opener = partial(_open, source)
        if kind == "parquet":
            yield from parquet_blocks(source, wish)
        elif kind in ("csv", "tsv"):
            mark: Literal[",", "\t"] = "," if kind == "csv" else "\t"
            yield from delimited_blocks(where, opener, mark, wish, left_out)
        else:
            lines = not _begins_with(opener, b"[")
            with opener() as file:
                yield from json_blocks(
                    where, file, lines=lines, wish=wish, logs=logs, left_out=left_out
                )


def check_format(kind: str | None) -> None:
    """Raise where there is no format of that name."""
    if kind is not None and kind not in get_args(Format):
        raise InputError(f"format {kind!r} is unknown; give one of {', '.join(get_args(Format))}")


def label_of(source: Path | ArrowStream) -> str:
    """Return what the report calls a source."""
    return str(source) if isinstance(source, Path) else name_of(source)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    files = sorted(path.glob("*.parquet"))
    if not files:
        raise VoteFileError(f"{path}: no *.parquet in this folder; name the files of other formats")
    yield from files


def _format(path: Path) -> Format:
    """Tell a file's format from its name, or from how it begins."""
    name = path.name.lower().removesuffix(".gz")
    if kind := _SUFFIXES.get(Path(name).suffix):
        return kind
    with _open(path) as file:
        start = file.read(64).lstrip()
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"{", b"[")):
        return "json"
    raise VoteFileError(
        f"{path}: the name does not tell the format; end it in {', '.join(_SUFFIXES)} "
        f"(text also in .gz), or say the format: {', '.join(get_args(Format))}"
    )


def _open(path: Path) -> BinaryIO:
    """Open a file for reading, unpacked where it is a gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def _begins_with(opener: partial[BinaryIO], mark: bytes) -> bool:
    with opener() as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(mark)


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system and gzip raise into VoteFileError."""
    try:
        yield
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise VoteFileError(
            f"{path}: cannot be read ({reason}); check the path and its permissions"
        ) from error
