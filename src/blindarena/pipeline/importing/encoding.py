"""Which encoding a file of prompts has: UTF-8, UTF-16 or Windows-1252."""

import codecs
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

CHUNK = 1 << 20
_ESCAPED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a whole file's bytes say.

    Attributes:
        codec: Python's name of the encoding.
        title: its name for people.
        note: what the owner should check; empty where it is plain.
        digest: SHA-256 of the bytes, hexadecimal.
        size: bytes.
    """

    codec: str
    title: str
    note: str
    digest: str
    size: int

    def open(self, path: Path, *, newline: str | None = None) -> TextIO:
        """Open the file for reading; bytes that are wrong become lone surrogates.

        Those are found again by `rows.text_problem`, which knows the row.
        """
        errors = "surrogateescape" if self.codec in ("utf-8", "utf-8-sig", "cp1252") else "strict"
        return io.TextIOWrapper(
            path.open("rb"), encoding=self.codec, errors=errors, newline=newline
        )


def examine(path: Path, say: Callable[[int], None] = lambda size: None) -> Encoded:
    """Read a file once, in pieces, and tell its encoding.

    Windows-1252 is taken where the bytes are not UTF-8 and hold fewer whole UTF-8 letters than
    wrong bytes; else single letters are broken, which the rows will tell. `say` is called with
    the bytes read so far.
    """
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    wrong = foreign = 0
    head = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            head = head or chunk[:4096]
            digest.update(chunk)
            size += len(chunk)
            if not chunk.isascii() or wrong or foreign:
                text = decoder.decode(chunk)
                wrong += len(_ESCAPED.findall(text))
                foreign += len(_FOREIGN.findall(text))
            say(size)
        wrong += len(decoder.decode(b"", final=True))
    codec, title, note = _named(head, wrong=wrong, foreign=foreign)
    return Encoded(codec, title, note, digest.hexdigest(), size)


def _named(head: bytes, *, wrong: int, foreign: int) -> tuple[str, str, str]:
    for bom, codec, title in _BOMS:
        if head.startswith(bom):
            return codec, title, ""
    if quiet := _utf16_without_mark(head):
        return quiet, "UTF-16", "the file has no byte order mark; UTF-16 was taken for its NULs"
    if not wrong:
        return "utf-8", "UTF-8", ""
    if foreign >= wrong:
        return "utf-8", "UTF-8", f"{wrong:,} bytes are not UTF-8; their rows are wrong"
    return (
        "cp1252",
        "Windows-1252",
        "the file is not UTF-8 and was read as Windows-1252; look at the letters with accents in "
        "the examples, and save the file as UTF-8 if they are wrong",
    )


def _utf16_without_mark(head: bytes) -> str:
    """Tell UTF-16 without a mark by where the NULs of its ASCII letters stand."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if half and even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""
