"""Rows of usage are read in order of time without sorting a whole day for each page."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the index by day and time in place of the one by day."""
    op.drop_index("ix_usage_day", "usage")
    op.create_index("ix_usage_day_at", "usage", ["day", "at"])
