"""Deployments that the owner has drained."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Utc, Words

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "drained",
        sa.Column("deployment", Words, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("deployment", name="pk_drained"),
    )
