"""Workers that joined the gateway."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Utc, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "workers",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("model", Words, nullable=False),
        sa.Column("base_url", Words, nullable=False),
        sa.Column("sealed_key", Words, nullable=False),
        sa.Column("engine", Words, nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("cost_per_hour", sa.Double()),
        sa.Column("state", Words, nullable=False),
        sa.Column("busy", sa.Integer()),
        sa.Column("joined_at", Utc, nullable=False),
        sa.Column("beat_at", Utc, nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("held_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
        sa.UniqueConstraint("name", name="uq_workers_name"),
    )
