"""Keys that were entered on the owner's page, encrypted; reviewers and logins by OpenID Connect."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Utc, Words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of secrets and of logins under way; nobody is a reviewer yet."""
    op.create_table(
        "secrets",
        sa.Column("name", Words, nullable=False),
        sa.Column("sealed", Words, nullable=False),
        sa.Column("set_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "logins",
        sa.Column("state_hash", Words, nullable=False),
        sa.Column("browser_hash", Words, nullable=False),
        sa.Column("verifier", Words, nullable=False),
        sa.Column("nonce", Words, nullable=False),
        sa.Column("back", Words, nullable=False),
        sa.Column("until", Utc, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_logins"),
    )
    op.add_column(
        "sessions",
        sa.Column("is_reviewer", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "sessions", sa.Column("subject", Words, nullable=False, server_default=sa.text("''"))
    )
    op.add_column("sessions", sa.Column("until", Utc))
