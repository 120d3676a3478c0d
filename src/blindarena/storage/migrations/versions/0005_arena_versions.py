"""Versions of an arena: battles, votes and counts say under which one they came about."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Json, Utc, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of versions; what is there already belongs to version 1."""
    op.create_table(
        "arena_versions",
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", Words, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("who", Words, nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_arena_versions_arena_id"),
        sa.PrimaryKeyConstraint("arena_id", "number", name="pk_arena_versions"),
        sa.UniqueConstraint("arena_id", "hash", name="uq_arena_versions_arena_id_hash"),
    )
    for table in ("battles", "votes"):
        op.add_column(table, _version())
    with op.batch_alter_table("pair_counts") as batch:
        batch.add_column(_version())
        batch.drop_constraint("pk_pair_counts", type_="primary")
        batch.create_primary_key(
            "pk_pair_counts",
            ["arena_id", "population", "version", "category", "first", "second"],
        )
    for table, name in (("contestants", "name"), ("prompts", "key")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(
                sa.Column("fingerprint", Words, nullable=False, server_default=sa.text("''"))
            )
            batch.drop_constraint(f"uq_{table}_arena_id_{name}", type_="unique")
            batch.create_unique_constraint(
                f"uq_{table}_arena_id_{name}_fingerprint", ["arena_id", name, "fingerprint"]
            )


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False, server_default="1")
