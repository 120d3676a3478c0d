"""The table of workers that joined the gateway."""

from sqlalchemy import BigInteger, Column, Double, Integer, Table, UniqueConstraint

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Utc, Words

workers = Table(
    "workers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("base_url", Words, nullable=False),
    Column("sealed_key", Words, nullable=False),  # "KEY_ID:BASE64", or "" without a key
    Column("engine", Words, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("cost_per_hour", Double),
    Column("state", Words, nullable=False),
    Column("busy", Integer),
    Column("joined_at", Utc, nullable=False),
    Column("beat_at", Utc, nullable=False),
    Column("beats", BigInteger, nullable=False),
    Column("held_at", Utc),
    UniqueConstraint("name"),
)
