"""The first schema: arenas, sessions, battles, votes and what is kept beside them."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Json, Utc, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "arenas",
        sa.Column("id", Id, nullable=False),
        sa.Column("slug", Words, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arenas"),
        sa.UniqueConstraint("slug", name="uq_arenas_slug"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("who", Words, nullable=False),
        sa.Column("what", Words, nullable=False),
        sa.Column("detail", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Id, nullable=False),
        sa.Column("secret_hash", Words, nullable=False),
        sa.Column("csrf_token", Words, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("secret_hash", name="uq_sessions_secret_hash"),
    )
    op.create_table(
        "vault",
        sa.Column("name", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_vault"),
    )
    op.create_table(
        "consents",
        sa.Column("session_id", Id, nullable=False),
        sa.Column("version", Words, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_consents_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "version", name="pk_consents"),
    )
    op.create_table(
        "contestants",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("switched", sa.Boolean()),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_contestants_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contestants"),
        sa.UniqueConstraint("arena_id", "name", name="uq_contestants_arena_id_name"),
    )
    op.create_table(
        "prompts",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("title", Words, nullable=False),
        sa.Column("category", Words, nullable=False),
        sa.Column("language", Words, nullable=False),
        sa.Column("policy", Words, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_prompts_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_prompts"),
        sa.UniqueConstraint("arena_id", "key", name="uq_prompts_arena_id_key"),
    )
    op.create_table(
        "battles",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("session_id", Id, nullable=False),
        sa.Column("voter", Words, nullable=False),
        sa.Column("contestant_a", Id, nullable=False),
        sa.Column("contestant_b", Id, nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("policy", Words, nullable=False),
        sa.Column("consent_version", Words, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("mode", Words, nullable=False),
        sa.Column("prompt_id", Id),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_battles_arena_id"),
        sa.ForeignKeyConstraint(
            ["contestant_a"], ["contestants.id"], name="fk_battles_contestant_a"
        ),
        sa.ForeignKeyConstraint(
            ["contestant_b"], ["contestants.id"], name="fk_battles_contestant_b"
        ),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_battles_prompt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_battles"),
    )
    op.create_index(
        "ix_battles_prompts_seen",
        "battles",
        ["arena_id", "voter"],
        sqlite_where=sa.text("prompt_id IS NOT NULL"),
        postgresql_where=sa.text("prompt_id IS NOT NULL"),
    )
    op.create_index(
        "ix_battles_streaming",
        "battles",
        ["status"],
        sqlite_where=sa.text("status = 'streaming'"),
        postgresql_where=sa.text("status = 'streaming'"),
    )
    op.create_table(
        "contestant_stats",
        sa.Column("contestant_id", Id, nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("cost_sum", sa.Double(), nullable=False),
        sa.Column("cost_n", sa.Integer(), nullable=False),
        sa.Column("ttft_sum", sa.Double(), nullable=False),
        sa.Column("ttft_n", sa.Integer(), nullable=False),
        sa.Column("tokens_sum", sa.BigInteger(), nullable=False),
        sa.Column("generation_seconds_sum", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contestant_id"], ["contestants.id"], name="fk_contestant_stats_contestant_id"
        ),
        sa.PrimaryKeyConstraint("contestant_id", name="pk_contestant_stats"),
    )
    op.create_table(
        "pair_counts",
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("population", Words, nullable=False),
        sa.Column("category", Words, nullable=False),
        sa.Column("first", Id, nullable=False),
        sa.Column("second", Id, nullable=False),
        sa.Column("wins_first", sa.Integer(), nullable=False),
        sa.Column("wins_second", sa.Integer(), nullable=False),
        sa.Column("ties", sa.Integer(), nullable=False),
        sa.Column("both_bad", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_pair_counts_arena_id"),
        sa.ForeignKeyConstraint(["first"], ["contestants.id"], name="fk_pair_counts_first"),
        sa.ForeignKeyConstraint(["second"], ["contestants.id"], name="fk_pair_counts_second"),
        sa.PrimaryKeyConstraint(
            "arena_id", "population", "category", "first", "second", name="pk_pair_counts"
        ),
    )
    op.create_table(
        "turns",
        sa.Column("id", Id, nullable=False),
        sa.Column("battle_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("content", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name="fk_turns_battle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint(
            "battle_id", "number", "attempt", name="uq_turns_battle_id_number_attempt"
        ),
    )
    op.create_index(
        "ix_turns_streaming",
        "turns",
        ["status"],
        sqlite_where=sa.text("status = 'streaming'"),
        postgresql_where=sa.text("status = 'streaming'"),
    )
    op.create_table(
        "votes",
        sa.Column("id", Id, nullable=False),
        sa.Column("battle_id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("voter", Words, nullable=False),
        sa.Column("outcome", Words, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("category", Words, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("comment", Words, nullable=False),
        sa.Column("excluded", Words),
        sa.Column("points_at", Id),
        sa.CheckConstraint(
            "outcome IN ('model_a', 'model_b', 'tie', 'both_bad')", name="ck_votes_outcome"
        ),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_votes_arena_id"),
        sa.ForeignKeyConstraint(["battle_id"], ["battles.id"], name="fk_votes_battle_id"),
        sa.ForeignKeyConstraint(["points_at"], ["votes.id"], name="fk_votes_points_at"),
        sa.PrimaryKeyConstraint("id", name="pk_votes"),
    )
    op.create_index("ix_votes_arena_id_created_at", "votes", ["arena_id", "created_at"])
    op.create_index(
        "ix_votes_arena_id_voter_created_at", "votes", ["arena_id", "voter", "created_at"]
    )
    op.create_index(
        "ix_votes_excluded",
        "votes",
        ["arena_id", "excluded"],
        sqlite_where=sa.text("excluded IS NOT NULL"),
        postgresql_where=sa.text("excluded IS NOT NULL"),
    )
    op.create_index(
        "uq_votes_battle_id",
        "votes",
        ["battle_id"],
        unique=True,
        sqlite_where=sa.text("points_at IS NULL"),
        postgresql_where=sa.text("points_at IS NULL"),
    )
    op.create_table(
        "answers",
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("side", Words, nullable=False),
        sa.Column("contestant_id", Id, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Integer(), nullable=False),
        sa.Column("bold", sa.Integer(), nullable=False),
        sa.Column("lists", sa.Integer(), nullable=False),
        sa.Column("deployment", Words),
        sa.Column("finish_reason", Words),
        sa.Column("fault", Words),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("tokens_reported", sa.Boolean(), nullable=False),
        sa.Column("ttft_s", sa.Double()),
        sa.Column("seconds", sa.Double()),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("price", Words),
        sa.Column("leaked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("side IN ('a', 'b')", name="ck_answers_side"),
        sa.ForeignKeyConstraint(
            ["contestant_id"], ["contestants.id"], name="fk_answers_contestant_id"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_answers_turn_id"),
        sa.PrimaryKeyConstraint("turn_id", "side", name="pk_answers"),
    )
