"""Votes of people on pairs that a judge has judged."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Utc, Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "judge_votes",
        sa.Column("id", Id, nullable=False),
        sa.Column("run", Words, nullable=False),
        sa.Column("item", Words, nullable=False),
        sa.Column("question_id", Words, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("model_a", Words, nullable=False),
        sa.Column("model_b", Words, nullable=False),
        sa.Column("outcome", Words, nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("rater", Words, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_judge_votes"),
    )
    op.create_index("ix_judge_votes_run", "judge_votes", ["run"])
    op.create_index("ix_judge_votes_rater", "judge_votes", ["rater"])
