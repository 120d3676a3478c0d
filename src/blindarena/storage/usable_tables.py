"""The tables of the usable-answer question; `tables` has the others."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Table

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Words

usable_votes = Table(
    "usable_votes",
    metadata,
    Column("vote_id", Id, ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True),
    Column("side", Words, primary_key=True),
    Column("contestant_id", Id, ForeignKey("contestants.id"), nullable=False),
    Column("send", Words, nullable=False),
    Column("breaks_policy", Boolean, nullable=False),
    CheckConstraint("side IN ('a', 'b')", name="side"),
    CheckConstraint("send IN ('as_is', 'after_edits', 'never')", name="send"),
)

usable_counts = Table(
    "usable_counts",
    metadata,
    Column("arena_id", Id, ForeignKey("arenas.id"), primary_key=True),
    Column("population", Words, primary_key=True),  # as in pair_counts
    Column("version", Integer, primary_key=True),
    Column("category", Words, primary_key=True),  # "" is all votes
    Column("contestant_id", Id, ForeignKey("contestants.id"), primary_key=True),
    Column("as_is", Integer, nullable=False),
    Column("after_edits", Integer, nullable=False),
    Column("never", Integer, nullable=False),
    Column("breaches", Integer, nullable=False),
)
