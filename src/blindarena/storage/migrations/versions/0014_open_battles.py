"""Battles that may still get their vote are found without a look at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN = "status IN ('waiting', 'streaming', 'votable')"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_battles_open",
        "battles",
        ["arena_id"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
