"""Imports: files of prompts taken into an arena, and answers prepared for them."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Json, Utc, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of imports and prepared answers; a prompt may belong to an import."""
    op.create_table(
        "imports",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("done_at", Utc),
        sa.Column("facts", Json, nullable=False),
        sa.CheckConstraint("status IN ('staged', 'done')", name="ck_imports_status"),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_imports_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_arena_id_created_at", "imports", ["arena_id", "created_at"])
    op.create_table(
        "import_rows",
        sa.Column("import_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_rows_import_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name="pk_import_rows"),
    )
    op.add_column("prompts", sa.Column("import_id", Id))
    op.create_table(
        "prepared_answers",
        sa.Column("prompt_id", Id, nullable=False),
        sa.Column("contestant_id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("source", Words, nullable=False),
        sa.Column("asked", Words, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Integer(), nullable=False),
        sa.Column("bold", sa.Integer(), nullable=False),
        sa.Column("lists", sa.Integer(), nullable=False),
        sa.Column("deployment", Words),
        sa.Column("finish_reason", Words),
        sa.Column("fault", Words),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("tokens_reported", sa.Boolean(), nullable=False),
        sa.Column("ttft_s", sa.Double()),
        sa.Column("seconds", sa.Double()),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("price", Words),
        sa.Column("leaked", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.CheckConstraint("source IN ('import', 'generated')", name="ck_prepared_answers_source"),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_prepared_answers_arena_id"),
        sa.ForeignKeyConstraint(
            ["contestant_id"], ["contestants.id"], name="fk_prepared_answers_contestant_id"
        ),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.id"], name="fk_prepared_answers_prompt_id"
        ),
        sa.PrimaryKeyConstraint("prompt_id", "contestant_id", name="pk_prepared_answers"),
    )
    op.create_index("ix_prepared_answers_arena_id", "prepared_answers", ["arena_id"])
