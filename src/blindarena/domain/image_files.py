"""PNG, JPEG and WebP files: how large the picture is, and the file without its metadata.

Cameras write place, time, owner and device beside a picture. Only the parts that make the picture
are kept; of the metadata only which way up it is. Pixels are neither decoded nor changed.

Sources: PNG (Third Edition), W3C; ITU-T T.81 annex B; RFC 9649 (WebP); Exif 3.0, 4.6.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from blindarena.domain.chat import ImageType
from blindarena.errors import InvalidInputError

MAX_SIDE: Final = 8192
"""Pixels."""
Cleaned = tuple[ImageType, int, int, bytes]
"""What it is, width and height in pixels as stored, and the file without metadata."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
     b"cICP", b"bKGD", b"pHYs")
)  # fmt: skip
_EXIF: Final = b"Exif\0\0"
_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG frames; of the rest of the range one is tables, one arithmetic conditioning."""
_JPEG_KEPT: Final = _SIZES | {0xC4, 0xCC, 0xDA, 0xDB, 0xDD, 0xDC}
_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
_HAS_EXIF, _HAS_XMP, _MOVES = 0x08, 0x04, 0x02


class _Broken(Exception):
    """The file ends too early or is put together wrongly."""


def clean_image(data: bytes, *, name: str) -> Cleaned:
    """Return a picture without its metadata, recognised by its first bytes.

    Args:
        data: the whole file.
        name: what errors call it.

    Raises:
        InvalidInputError: another kind of file, a damaged one, a moving one, or too large a one.
    """
    try:
        if data.startswith(_PNG):
            cleaned = _png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            cleaned = _jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            cleaned = _webp(data, name)
        else:
            raise InvalidInputError(f"{name} is no PNG, JPEG or WebP file; please convert it first")
    except (_Broken, struct.error, IndexError, ValueError) as error:
        raise InvalidInputError(
            f"{name} is damaged or incomplete; please save it anew and try again"
        ) from error
    _, width, height, _ = cleaned
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise InvalidInputError(
            f"{name} has {width} x {height} pixels; from 1 to {MAX_SIDE} a side are taken"
        )
    return cleaned


def _png(data: bytes) -> Cleaned:
    kept, turned, size, pixels, ended = [_PNG], b"", (0, 0), False, False
    for name, start, end in _png_chunks(data):
        body = data[start + 8 : end - 4]
        if name == b"IHDR":
            size = struct.unpack_from(">II", body)
        elif name == b"eXIf":
            turned = _png_exif(body)
        elif name == b"IDAT" and not pixels:
            kept.append(turned)  # before the pixels, where every reader looks for it
            pixels = True
        if name in _PNG_KEPT:
            kept.append(data[start:end])
        if name == b"IEND":
            ended = True
            break
    if not (pixels and ended):
        raise _Broken
    return "image/png", size[0], size[1], b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = len(_PNG)
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or (at == len(_PNG) and name != b"IHDR"):
            raise _Broken
        yield name, at, end
        at = end


def _png_exif(body: bytes) -> bytes:
    tiff = _only_orientation(body)
    chunk = b"eXIf" + tiff
    return (
        struct.pack(">I", len(tiff)) + chunk + struct.pack(">I", zlib.crc32(chunk)) if tiff else b""
    )


def _jpeg(data: bytes) -> Cleaned:
    kept, size, at = [b"\xff\xd8"], (0, 0), 2
    scanned = False
    while True:
        if data[at] != 0xFF:
            raise _Broken
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker == 0xD9:
            break
        length = struct.unpack_from(">H", data, at)[0]
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            raise _Broken
        at += length
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
        kept.append(_jpeg_segment(marker, body))
        if marker == 0xDA:
            end = _scan_end(data, at)
            kept.append(data[at:end])
            at, scanned = end, True
    if not scanned:
        raise _Broken
    return "image/jpeg", size[0], size[1], b"".join((*kept, b"\xff\xd9"))


def _scan_end(data: bytes, at: int) -> int:
    """Return where coded pixels end: at a marker that is neither a restart nor a stuffed 255."""
    while True:
        at = data.index(b"\xff", at)
        after = data[at + 1]
        if after and after != 0xFF and not 0xD0 <= after <= 0xD7:
            return at
        at += 1 if after == 0xFF else 2


def _jpeg_segment(marker: int, body: bytes) -> bytes:
    """Return a segment that belongs to the picture, b"" for another one."""
    if marker == 0xE1 and body.startswith(_EXIF):
        tiff = _only_orientation(body[len(_EXIF) :])
        body = _EXIF + tiff if tiff else b""
    elif not (
        marker in _JPEG_KEPT
        or (marker == 0xE0 and body.startswith(b"JFIF\0"))
        or (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
        or (marker == 0xEE and body.startswith(b"Adobe"))
    ):
        body = b""
    if marker == 0xE0 and body:
        body = body[:12] + b"\0\0"  # without the small picture in it
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body if body else b""


def _webp(data: bytes, name: str) -> Cleaned:
    chunks: list[tuple[bytes, bytes]] = []
    at, end = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise _Broken
    while at < end:
        kind, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length or at + 8 + length > end:
            raise _Broken
        if kind == b"EXIF":
            body = _only_orientation(body.removeprefix(_EXIF))
        if kind in _WEBP_KEPT or (kind == b"EXIF" and body):
            chunks.append((kind, body))
        at += 8 + length + length % 2
    by_name = dict(chunks)
    width, height = _webp_size(by_name)
    if (extended := by_name.get(b"VP8X")) is not None:
        if extended[0] & _MOVES:
            raise InvalidInputError(f"{name} moves; please send a still picture")
        flags = extended[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if b"EXIF" in by_name else 0)
        by_name[b"VP8X"] = bytes((flags,)) + extended[1:]
    body = b"".join(
        struct.pack("<4sI", kind, len(by_name[kind]))
        + by_name[kind]
        + b"\0" * (len(by_name[kind]) % 2)
        for kind, _ in chunks
    )
    return (
        "image/webp",
        width,
        height,
        struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WEBP") + body,
    )


def _webp_size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    if (extended := chunks.get(b"VP8X")) is not None and len(extended) >= 10:
        if not ({b"VP8 ", b"VP8L"} & chunks.keys() or extended[0] & _MOVES):
            raise _Broken
        width, height = extended[4:7] + b"\0", extended[7:10] + b"\0"
        return struct.unpack("<I", width)[0] + 1, struct.unpack("<I", height)[0] + 1
    if (lossless := chunks.get(b"VP8L")) is not None and lossless[:1] == b"\x2f":
        bits = struct.unpack_from("<I", lossless, 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if (lossy := chunks.get(b"VP8 ")) is not None and lossy[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", lossy, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise _Broken


def _only_orientation(tiff: bytes) -> bytes:
    """Return Exif data that says nothing but which way up the picture is; b"" for upright."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[tiff[:4]]
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for entry in range(struct.unpack_from(f"{order}H", tiff, at)[0]):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
            if (tag, kind, count) == (0x0112, 3, 1) and 2 <= value <= 8:
                return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, 0x0112, 3, 1, value, 0, 0)
    except (KeyError, struct.error):
        pass  # whatever else it is, it is no part of the picture
    return b""
