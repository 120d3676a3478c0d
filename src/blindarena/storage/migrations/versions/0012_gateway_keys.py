"""Keys of the gateway, what is counted against their limits, and what requests used."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Json, Utc, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "api_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("secret_hash", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("prefix", Words, nullable=False),
        sa.Column("limits", Json, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("revoked_at", Utc),
        sa.Column("last_used_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("secret_hash", name="uq_api_keys_secret_hash"),
    )
    op.create_table(
        "key_counters",
        sa.Column("key_id", Id, nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("holder", Id, nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("until", Utc, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_key_counters_key_id"),
        sa.PrimaryKeyConstraint("key_id", "kind", "holder", name="pk_key_counters"),
    )
    op.create_table(
        "usage",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("request_id", Words, nullable=False),
        sa.Column("key_id", Id),
        sa.Column("endpoint", Words, nullable=False),
        sa.Column("model", Words, nullable=False),
        sa.Column("deployment", Words),
        sa.Column("stream", sa.Boolean(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger()),
        sa.Column("completion_tokens", sa.BigInteger()),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("ttft_s", sa.Double()),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("fault", Words),
        sa.PrimaryKeyConstraint("id", name="pk_usage"),
    )
    op.create_index("ix_usage_day", "usage", ["day"])
    op.create_index("ix_usage_key_id_day", "usage", ["key_id", "day"])
