"""The tables of how contestants fare and of what moderation did; `tables` has the others."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, Table, text

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Words

contestant_stats = Table(
    "contestant_stats",
    metadata,
    Column("contestant_id", Id, ForeignKey("contestants.id"), primary_key=True),
    Column("answers", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("cost_sum", Double, nullable=False),
    Column("cost_n", Integer, nullable=False),
    Column("ttft_sum", Double, nullable=False),
    Column("ttft_n", Integer, nullable=False),
    Column("tokens_sum", BigInteger, nullable=False),
    Column("generation_seconds_sum", Double, nullable=False),
    Column("cost_sq", Double, nullable=False, server_default=text("0")),
    Column("ttft_sq", Double, nullable=False, server_default=text("0")),
    Column("speed_n", Integer, nullable=False, server_default=text("0")),
    Column("tokens_sq", Double, nullable=False, server_default=text("0")),
    Column("generation_seconds_sq", Double, nullable=False, server_default=text("0")),
    Column("tokens_seconds", Double, nullable=False, server_default=text("0")),
    Column("refusals", Integer, nullable=False, server_default=text("0")),
    Column("timeouts", Integer, nullable=False, server_default=text("0")),
)

moderation_counts = Table(
    "moderation_counts",
    metadata,
    Column("arena_id", Id, ForeignKey("arenas.id"), primary_key=True),
    Column("what", Words, primary_key=True),
    Column("n", Integer, nullable=False),
)
