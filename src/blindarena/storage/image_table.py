"""The table of pictures in messages."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, UniqueConstraint

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Words

images = Table(
    "images",
    metadata,
    Column("id", Id, primary_key=True),
    Column("battle_id", Id, ForeignKey("battles.id"), nullable=False),
    Column("number", Integer, nullable=False),  # of the message: every attempt at it has them
    Column("position", Integer, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("digest", Words, nullable=False),  # SHA-256 of the bytes, for repeated messages
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("battle_id", "number", "position"),
)
