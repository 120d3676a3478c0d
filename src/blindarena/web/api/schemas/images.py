"""Pictures of messages."""

from uuid import UUID

from pydantic import Base64Bytes, BaseModel

ImageIn = Base64Bytes
"""A PNG, JPEG or WebP file as base64; how large it may be is said where it is read."""


class ImageOut(BaseModel):
    """A picture of a message: its file is at `images/{id}` below the battle's or link's address.

    Width and height are in pixels as stored; some pictures are to be shown turned.
    """

    id: UUID
    width: int
    height: int
