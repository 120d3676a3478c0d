"""Pictures are known by their bytes, bounded, and lose all that is not the picture."""

import struct
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from blindarena.domain.image_files import clean_image
from blindarena.domain.images import MAX_BYTES, MAX_IMAGES, MAX_TOTAL, read_images
from blindarena.errors import InvalidInputError
from domain.image_builders import SECRET, picture, pixels

KINDS = ("PNG", "JPEG", "WEBP")


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_go_and_pixels_stay(kind: str) -> None:
    given = picture(kind)
    assert SECRET in given

    media_type, width, height, cleaned = clean_image(given, name="it")

    assert (media_type, width, height) == (f"image/{kind.lower()}", 12, 8)
    assert SECRET not in cleaned
    assert pixels(cleaned) == pixels(given)
    with Image.open(BytesIO(cleaned)) as image:
        assert dict(image.getexif()) == {}
        assert not {"comment", "xmp", "Comment", "XML:com.adobe.xmp"} & image.info.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turned", [3, 6])
def test_which_way_up_it_is_stays(kind: str, turned: int) -> None:
    *_, cleaned = clean_image(picture(kind, turned=turned), name="it")

    assert SECRET not in cleaned
    with Image.open(BytesIO(cleaned)) as image:
        assert dict(image.getexif()) == {0x0112: turned}
    assert clean_image(cleaned, name="it")[3] == cleaned


def test_other_ways_to_encode() -> None:
    profile = b"ICC" + bytes(125)
    for kind, options in (
        ("JPEG", {"progressive": True, "icc_profile": profile}),
        ("WEBP", {"lossless": True, "icc_profile": profile}),
        ("PNG", {"icc_profile": profile}),
    ):
        given = picture(kind, size=(65, 33), **options)
        *size, cleaned = clean_image(given, name="it")[1:]
        assert size == [65, 33]
        assert pixels(cleaned) == pixels(given)
        with Image.open(BytesIO(cleaned)) as image:
            assert image.info["icc_profile"] == profile


def test_plain_webp_without_an_extended_header() -> None:
    for lossless in (False, True):
        sink = BytesIO()
        Image.new("RGB", (7, 5)).save(sink, "WEBP", lossless=lossless)
        assert clean_image(sink.getvalue(), name="it") == ("image/webp", 7, 5, sink.getvalue())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_follows_the_picture_goes(kind: str) -> None:
    """Phones add films and second pictures behind the first."""
    given = picture(kind)
    assert clean_image(given + SECRET, name="it") == clean_image(given, name="it")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused_in_one_line(kind: str) -> None:
    given = picture(kind)
    whole = clean_image(given, name="it")[3]
    for end in range(20, len(given), 7):
        with suppress(InvalidInputError):  # any other exception fails
            *_, cleaned = clean_image(given[:end], name="picture 2")
            assert cleaned == whole  # only what is left out anyway was cut off
    with pytest.raises(InvalidInputError, match="picture 2 is damaged or incomplete; please"):
        clean_image(given[:-30], name="picture 2")


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + bytes(20), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF    WAVE"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="picture 1 is no PNG, JPEG or WebP file"):
        read_images([data])


def test_moving_pictures_are_refused() -> None:
    sink = BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(sink, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidInputError, match="picture 1 moves"):
        read_images([sink.getvalue()])

    sink = BytesIO()
    frames[0].save(sink, "PNG", save_all=True, append_images=frames[1:])
    *_, still = clean_image(sink.getvalue(), name="it")
    with Image.open(BytesIO(still)) as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(("width", "height"), [(8193, 1), (1, 8193), (0, 1)])
def test_sizes_are_read_from_the_header(width: int, height: int) -> None:
    given = bytearray(picture("PNG"))
    struct.pack_into(">II", given, 16, width, height)
    with pytest.raises(InvalidInputError, match=f"{width} x {height} pixels; from 1 to 8192"):
        clean_image(bytes(given), name="it")


def test_limits_of_number_and_bytes() -> None:
    one = picture("PNG")
    assert len(read_images([one] * MAX_IMAGES)) == MAX_IMAGES
    with pytest.raises(InvalidInputError, match="5 pictures; at most 4"):
        read_images([one] * (MAX_IMAGES + 1))
    with pytest.raises(InvalidInputError, match=r"picture 2 has 5.0 MB; at most 5 MB"):
        read_images([one, one + bytes(MAX_BYTES)])
    with pytest.raises(InvalidInputError, match="begin a new one"):
        read_images([one], before=MAX_TOTAL)
    assert read_images([], before=MAX_TOTAL + 1) == ()
