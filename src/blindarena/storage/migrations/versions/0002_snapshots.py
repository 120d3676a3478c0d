"""Boards that are kept, and how much cost and speed of the answers vary."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Json, Utc, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TOKENS = "(answers.completion_tokens + 0.0)"
_SECONDS = "(answers.seconds - answers.ttft_s)"
_MEASURED = "answers.completion_tokens IS NOT NULL AND answers.seconds > answers.ttft_s"
SUMS = {
    "cost_sq": "answers.cost_usd * answers.cost_usd",
    "ttft_sq": "answers.ttft_s * answers.ttft_s",
    "speed_n": f"CASE WHEN {_MEASURED} THEN 1 END",
    "tokens_sq": f"CASE WHEN {_MEASURED} THEN {_TOKENS} * {_TOKENS} END",
    "generation_seconds_sq": f"CASE WHEN {_MEASURED} THEN {_SECONDS} * {_SECONDS} END",
    "tokens_seconds": f"CASE WHEN {_MEASURED} THEN {_TOKENS} * {_SECONDS} END",
}
"""What the new columns sum over the answers without a fault of turns that were not interrupted."""


def upgrade() -> None:
    """Make the table, and add columns with the sums of the answers that are there."""
    op.create_table(
        "snapshots",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("origin", Words, nullable=False),
        sa.Column("method", Words, nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("population", Words, nullable=False),
        sa.Column("category", Words, nullable=False),
        sa.Column("data_hash", Words, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("versions", Json, nullable=False),
        sa.Column("arena_version", sa.Integer(), nullable=False),
        sa.Column("document", Words, nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_snapshots_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
    )
    op.create_index("ix_snapshots_arena_id_created_at", "snapshots", ["arena_id", "created_at"])
    for name in SUMS:
        kind: sa.types.TypeEngine[Any] = sa.Integer() if name == "speed_n" else sa.Double()
        column = sa.Column(name, kind, nullable=False, server_default=sa.text("0"))
        op.add_column("contestant_stats", column)
    for statement in fill():
        op.execute(statement)


def fill() -> list[str]:
    """Return the statements that sum the answers of the time before."""
    return [
        f"UPDATE contestant_stats SET {name} = coalesce((SELECT sum({value}) FROM answers "  # noqa: S608
        "JOIN turns ON turns.id = answers.turn_id "
        "WHERE answers.contestant_id = contestant_stats.contestant_id "
        "AND answers.fault IS NULL AND turns.status <> 'interrupted'), 0)"
        for name, value in SUMS.items()
    ]
