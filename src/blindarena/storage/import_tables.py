"""The tables of imports and prepared answers."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    text,
)

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Json, Utc, Words

imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("done_at", Utc),
    Column("facts", Json, nullable=False),
    CheckConstraint("status IN ('staged', 'done')", name="status"),
)
Index("ix_imports_arena_id_created_at", imports.c.arena_id, imports.c.created_at)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", Id, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("document", Json, nullable=False),  # an ImportedRow; gone once the import is done
)

prepared_answers = Table(
    "prepared_answers",
    metadata,
    Column("prompt_id", Id, ForeignKey("prompts.id"), primary_key=True),
    Column("contestant_id", Id, ForeignKey("contestants.id"), primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("source", Words, nullable=False),
    Column("asked", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("words", Integer, nullable=False),
    Column("headers", Integer, nullable=False),
    Column("bold", Integer, nullable=False),
    Column("lists", Integer, nullable=False),
    Column("deployment", Words),
    Column("finish_reason", Words),
    Column("fault", Words),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("tokens_reported", Boolean, nullable=False),
    Column("ttft_s", Double),
    Column("seconds", Double),
    Column("cost_usd", Double),
    Column("price", Words),
    Column("leaked", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("counted", Boolean, nullable=False, server_default=text("false")),  # in the sums
    CheckConstraint("source IN ('import', 'generated')", name="source"),
)
Index("ix_prepared_answers_arena_id", prepared_answers.c.arena_id)
