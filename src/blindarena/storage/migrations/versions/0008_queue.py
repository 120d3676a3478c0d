"""The review queue: what is to be rated, who is rating it now, who was invited."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Utc, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the queue's tables; a vote may be changed, which keeps the one before it."""
    _people()
    _pairs()
    op.add_column("battles", sa.Column("voter_group", Words))
    op.add_column(
        "prepared_answers",
        sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("votes", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("uq_votes_battle_id", table_name="votes")
    decisive = sa.text("points_at IS NULL")
    op.create_index(
        "uq_votes_battle_id_revision",
        "votes",
        ["battle_id", "revision"],
        unique=True,
        sqlite_where=decisive,
        postgresql_where=decisive,
    )


def _people() -> None:
    op.create_table(
        "queue_invites",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("token_hash", Words, nullable=False),
        sa.Column("voter_group", Words),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc),
        sa.Column("withdrawn_at", Utc),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_queue_invites_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_queue_invites"),
        sa.UniqueConstraint("token_hash", name="uq_queue_invites_token_hash"),
    )
    op.create_index("ix_queue_invites_arena_id", "queue_invites", ["arena_id"])
    op.create_table(
        "queue_members",
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("voter", Words, nullable=False),
        sa.Column("voter_group", Words),
        sa.Column("invite_id", Id),
        sa.Column("joined_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_queue_members_arena_id"),
        sa.ForeignKeyConstraint(
            ["invite_id"], ["queue_invites.id"], name="fk_queue_members_invite_id"
        ),
        sa.PrimaryKeyConstraint("arena_id", "voter", name="pk_queue_members"),
    )


def _pairs() -> None:
    op.create_table(
        "queue_pairs",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("prompt_id", Id, nullable=False),
        sa.Column("first", Id, nullable=False),
        sa.Column("second", Id, nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.CheckConstraint("first < second", name="ck_queue_pairs_order"),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_queue_pairs_arena_id"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_queue_pairs_prompt_id"),
        sa.ForeignKeyConstraint(["first"], ["contestants.id"], name="fk_queue_pairs_first"),
        sa.ForeignKeyConstraint(["second"], ["contestants.id"], name="fk_queue_pairs_second"),
        sa.PrimaryKeyConstraint("id", name="pk_queue_pairs"),
        sa.UniqueConstraint(
            "arena_id",
            "version",
            "prompt_id",
            "first",
            "second",
            name="uq_queue_pairs_arena_id_version_prompt_id_first_second",
        ),
    )
    todo = sa.text("done < wanted")
    op.create_index(
        "ix_queue_pairs_todo",
        "queue_pairs",
        ["arena_id", "version", "block"],
        sqlite_where=todo,
        postgresql_where=todo,
    )
    op.create_table(
        "queue_takes",
        sa.Column("battle_id", Id, nullable=False),
        sa.Column("pair_id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voter", Words, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("given_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("seat", sa.Integer()),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("voter_group", Words),
        sa.CheckConstraint(
            "state IN ('open', 'voted', 'skipped', 'closed')", name="ck_queue_takes_state"
        ),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name="fk_queue_takes_battle_id"),
        sa.ForeignKeyConstraint(["pair_id"], ["queue_pairs.id"], name="fk_queue_takes_pair_id"),
        sa.PrimaryKeyConstraint("battle_id", name="pk_queue_takes"),
        sa.UniqueConstraint("pair_id", "voter", name="uq_queue_takes_pair_id_voter"),
        sa.UniqueConstraint("pair_id", "seat", name="uq_queue_takes_pair_id_seat"),
        sa.UniqueConstraint(
            "arena_id",
            "version",
            "voter",
            "number",
            name="uq_queue_takes_arena_id_version_voter_number",
        ),
    )
    op.create_index("ix_queue_takes_arena_id_generation", "queue_takes", ["arena_id", "generation"])
    holding = sa.text("state = 'open'")
    op.create_index(
        "ix_queue_takes_open",
        "queue_takes",
        ["arena_id", "version"],
        sqlite_where=holding,
        postgresql_where=holding,
    )
