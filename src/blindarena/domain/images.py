"""Pictures that voters send: what is taken, and what is stored of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from blindarena.domain.chat import Image, ImageType
from blindarena.domain.ids import uuid7
from blindarena.domain.image_files import clean_image
from blindarena.errors import InvalidInputError

MAX_IMAGES = 4
"""Pictures of one message."""
MAX_BYTES = 5 * 2**20
"""Of one picture, as it is sent."""
MAX_TOTAL = 20 * 2**20
"""Bytes of all pictures of one conversation: each message sends them all again."""

ImageOffer = Literal["none", "some", "all"]
"""How many of an arena's contestants that are switched on take pictures: two at least, or none."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a stored picture, without its bytes.

    Attributes:
        number: of the message; every attempt at it has the same pictures.
        position: within the message, from 0.
        size: bytes.
        digest: SHA-256 of the bytes.
    """

    id: UUID
    battle_id: UUID
    number: int
    position: int
    media_type: ImageType
    width: int
    height: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture with its bytes, without what the camera wrote beside them."""

    image: Image = field(repr=False)
    width: int
    height: int

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.image.data).hexdigest()

    def as_stored(self, battle_id: UUID, number: int, position: int) -> Picture:
        """Return what is known of it once it belongs to a message."""
        return Picture(
            id=uuid7(),
            battle_id=battle_id,
            number=number,
            position=position,
            media_type=self.image.media_type,
            width=self.width,
            height=self.height,
            size=len(self.image.data),
            digest=self.digest,
        )


def read_images(files: Sequence[bytes], *, before: int = 0) -> tuple[SentPicture, ...]:
    """Check the pictures of one message, and take out what is not the picture itself.

    Args:
        files: their bytes; what they are is told by these alone.
        before: bytes of the conversation's pictures until now.

    Raises:
        InvalidInputError: too many, too large, of another kind, or damaged.
    """
    if len(files) > MAX_IMAGES:
        raise InvalidInputError(
            f"the message has {len(files)} pictures; at most {MAX_IMAGES} are taken"
        )
    read = []
    for number, data in enumerate(files, 1):
        if len(data) > MAX_BYTES:
            raise InvalidInputError(
                f"picture {number} has {len(data) / 2**20:.1f} MB; at most {MAX_BYTES >> 20} MB "
                "are taken, please make it smaller"
            )
        kind, width, height, cleaned = clean_image(data, name=f"picture {number}")
        read.append(SentPicture(Image(kind, cleaned), width, height))
    total = before + sum(len(picture.image.data) for picture in read)
    if read and total > MAX_TOTAL:
        raise InvalidInputError(
            f"with these the conversation has {total / 2**20:.1f} MB of pictures; at most "
            f"{MAX_TOTAL >> 20} MB are taken, please begin a new one"
        )
    return tuple(read)
