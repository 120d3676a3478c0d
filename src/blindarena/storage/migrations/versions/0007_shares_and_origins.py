"""Links to revealed battles, and where the message of a turn came from."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Utc, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of links; the first turn of a prepared battle sent its prepared prompt."""
    op.create_table(
        "shares",
        sa.Column("token_hash", Words, nullable=False),
        sa.Column("battle_id", Id, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("withdrawn_at", Utc),
        sa.ForeignKeyConstraint(
            ["battle_id"], ["battles.id"], name="fk_shares_battle_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_shares"),
    )
    op.create_index("ix_shares_battle_id", "shares", ["battle_id"])
    op.add_column("turns", sa.Column("origin", Words, nullable=False, server_default="typed"))
    op.execute(
        "UPDATE turns SET origin = 'prepared' WHERE number = 1 AND battle_id IN "
        "(SELECT id FROM battles WHERE prompt_id IS NOT NULL)"
    )
