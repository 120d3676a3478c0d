"""Pictures of messages."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

ImageIn = Annotated[str, Field(json_schema_extra={"format": "byte"})]
"""A PNG, JPEG or WebP file as base64; decoded beside the event loop, where its size is checked."""


class ImageOut(BaseModel):
    """A picture of a message: its file is at `images/{id}` below the battle's or link's address.

    Width and height are in pixels as stored; some pictures are to be shown turned.
    """

    id: UUID
    width: int
    height: int
