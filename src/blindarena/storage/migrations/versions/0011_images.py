"""Pictures in messages: which battles take them, and their bytes."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of pictures; no battle until now has taken any."""
    op.add_column(
        "battles", sa.Column("images", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "images",
        sa.Column("id", Id, nullable=False),
        sa.Column("battle_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("media_type", Words, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name="fk_images_battle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        sa.UniqueConstraint(
            "battle_id", "number", "position", name="uq_images_battle_id_number_position"
        ),
    )
