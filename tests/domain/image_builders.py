"""Picture files for tests, with the metadata that cameras write, made by Pillow."""

from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = b"Musterstrasse 7"
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"


def picture(kind: str, *, size: tuple[int, int] = (12, 8), turned: int = 0, **given: Any) -> bytes:
    """Return a small picture of a colour gradient, full of metadata.

    Args:
        kind: PNG, JPEG or WEBP.
        size: width and height in pixels.
        turned: the orientation that the Exif data say; 0 says none.
        given: what the encoder takes besides.
    """
    image = Image.new("RGB", size)
    image.putdata(
        [(x * 20 % 256, y * 30 % 256, 90) for y in range(size[1]) for x in range(size[0])]
    )
    exif = image.getexif()
    exif[0x010F] = SECRET.decode()  # who made the camera
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # GPS latitude
    if turned:
        exif[0x0112] = turned
    options: dict[str, Any] = {"exif": exif, **given}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", SECRET.decode())
        notes.add_itxt("XML:com.adobe.xmp", _XMP.decode())
        options |= {"pnginfo": notes}
    elif kind == "JPEG":
        options |= {"comment": SECRET, "xmp": _XMP}
    else:
        options |= {"xmp": _XMP, "lossless": given.get("lossless", False)}
    sink = BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def pixels(data: bytes) -> bytes:
    """Return what a reader sees, before it turns the picture."""
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB").tobytes()
