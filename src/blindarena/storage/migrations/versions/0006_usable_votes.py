"""The usable-answer question: what a vote said of each side, and counts by contestant."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of usable answers; no vote before has said anything."""
    op.create_table(
        "usable_votes",
        sa.Column("vote_id", Id, nullable=False),
        sa.Column("side", Words, nullable=False),
        sa.Column("contestant_id", Id, nullable=False),
        sa.Column("send", Words, nullable=False),
        sa.Column("breaks_policy", sa.Boolean(), nullable=False),
        sa.CheckConstraint("side IN ('a', 'b')", name="ck_usable_votes_side"),
        sa.CheckConstraint(
            "send IN ('as_is', 'after_edits', 'never')", name="ck_usable_votes_send"
        ),
        sa.ForeignKeyConstraint(
            ["contestant_id"], ["contestants.id"], name="fk_usable_votes_contestant_id"
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["votes.id"], name="fk_usable_votes_vote_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("vote_id", "side", name="pk_usable_votes"),
    )
    op.create_table(
        "usable_counts",
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("population", Words, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", Words, nullable=False),
        sa.Column("contestant_id", Id, nullable=False),
        sa.Column("as_is", sa.Integer(), nullable=False),
        sa.Column("after_edits", sa.Integer(), nullable=False),
        sa.Column("never", sa.Integer(), nullable=False),
        sa.Column("breaches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_usable_counts_arena_id"),
        sa.ForeignKeyConstraint(
            ["contestant_id"], ["contestants.id"], name="fk_usable_counts_contestant_id"
        ),
        sa.PrimaryKeyConstraint(
            "arena_id",
            "population",
            "version",
            "category",
            "contestant_id",
            name="pk_usable_counts",
        ),
    )
