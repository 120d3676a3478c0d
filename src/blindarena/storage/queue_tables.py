"""The tables of the review queue; `tables` has the others."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Utc, Words

queue_invites = Table(
    "queue_invites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("token_hash", Words, nullable=False, unique=True),
    Column("voter_group", Words),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc),
    Column("withdrawn_at", Utc),
)
Index("ix_queue_invites_arena_id", queue_invites.c.arena_id)

queue_members = Table(
    "queue_members",
    metadata,
    Column("arena_id", Id, ForeignKey("arenas.id"), primary_key=True),
    Column("voter", Words, primary_key=True),
    Column("voter_group", Words),
    Column("invite_id", Id, ForeignKey("queue_invites.id")),
    Column("joined_at", Utc, nullable=False),
)

queue_pairs = Table(
    "queue_pairs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("prompt_id", Id, ForeignKey("prompts.id"), nullable=False),
    Column("first", Id, ForeignKey("contestants.id"), nullable=False),
    Column("second", Id, ForeignKey("contestants.id"), nullable=False),
    Column("block", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("probability", Double, nullable=False),
    Column("done", Integer, nullable=False),
    CheckConstraint("first < second", name="order"),
    UniqueConstraint("arena_id", "version", "prompt_id", "first", "second"),
)
Index(
    "ix_queue_pairs_todo",
    queue_pairs.c.arena_id,
    queue_pairs.c.version,
    queue_pairs.c.block,
    sqlite_where=text("done < wanted"),
    postgresql_where=text("done < wanted"),
)

queue_takes = Table(
    "queue_takes",
    metadata,
    Column("battle_id", Id, ForeignKey("battles.id"), primary_key=True),
    Column("pair_id", Id, ForeignKey("queue_pairs.id"), nullable=False),
    Column("arena_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("voter", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("given_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("seat", Integer),  # null holds no place; nulls are distinct, so many may
    Column("generation", BigInteger, nullable=False),
    Column("state", Words, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("voter_group", Words),
    CheckConstraint("state IN ('open', 'voted', 'skipped', 'closed')", name="state"),
    UniqueConstraint("pair_id", "voter"),  # nobody rates a pair twice, whoever races
    UniqueConstraint("pair_id", "seat"),  # no place of a pair is given to two
    UniqueConstraint("arena_id", "version", "voter", "number"),
)
Index("ix_queue_takes_arena_id_generation", queue_takes.c.arena_id, queue_takes.c.generation)
Index(
    "ix_queue_takes_open",
    queue_takes.c.arena_id,
    queue_takes.c.version,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)
