"""The table of links to revealed battles."""

from sqlalchemy import Column, ForeignKey, Index, Table

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Utc, Words

shares = Table(
    "shares",
    metadata,
    Column("token_hash", Words, primary_key=True),
    Column("battle_id", Id, ForeignKey("battles.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("withdrawn_at", Utc),
)
Index("ix_shares_battle_id", shares.c.battle_id)
