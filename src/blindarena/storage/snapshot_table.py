"""The table of boards that are kept; `tables` has the others."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Json, Utc, Words

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("origin", Words, nullable=False),
    Column("method", Words, nullable=False),
    Column("options", Json, nullable=False),
    Column("population", Words, nullable=False),
    Column("category", Words, nullable=False),
    Column("data_hash", Words, nullable=False),
    Column("n", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("versions", Json, nullable=False),
    Column("arena_version", Integer, nullable=False),
    Column("document", Words, nullable=False),
)
Index("ix_snapshots_arena_id_created_at", snapshots.c.arena_id, snapshots.c.created_at)
